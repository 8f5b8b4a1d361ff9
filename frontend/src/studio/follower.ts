import { ask, type Answer } from "./ask";

interface Asks {
  url: string;
  trouble: string;
  /** What is typed, with what is asked for besides. */
  body(more: object): object;
  /** The pages in sight; `missing`: those of them that have no picture of now. */
  inSight(missing: boolean): number[];
  width(): number;
  faulty(): boolean;
  made(answer: Answer, began: number, fresh: boolean): void;
  mapped(answer: Answer): void;
  /** The page is being made for longer than one notices. */
  drawing(): void;
  away(problem: unknown): void;
}

/** Milliseconds after which it is said that the page is being drawn: most lanes answer sooner, a letter of Word does not. */
const NOTICED = 200;

/**
 * Keeps the page with what is typed: one request is on its way at a time, and what is typed meanwhile goes with the
 * next, so the newest wins and nobody waits for a pause. Once nobody types it asks what stands where on the page.
 */
export class Follower {
  private flying = false;
  private pending = false;
  private timer = 0;
  private resting = 0;

  constructor(
    private readonly host: HTMLElement,
    private readonly asks: Asks,
  ) {}

  soon(wait = 20): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.look(), wait);
  }

  /** Pages that came into sight, once the scrolling rests. */
  scrolled(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      const missing = this.asks.inSight(true);
      if (missing.length) void this.look(missing);
    }, 80);
  }

  stop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.resting);
  }

  async look(pages?: number[]): Promise<void> {
    if (this.flying) {
      this.pending = true;
      return;
    }
    this.flying = true;
    clearTimeout(this.resting);
    const began = performance.now();
    const noticed = pages === undefined ? window.setTimeout(() => this.asks.drawing(), NOTICED) : 0;
    try {
      const wanted = pages ?? this.asks.inSight(false);
      const answer = await this.post({ pages: wanted, width: this.asks.width() });
      if (!answer.superseded) this.asks.made(answer, began, pages === undefined);
    } catch (error) {
      this.asks.away(error);
    } finally {
      clearTimeout(noticed);
      this.flying = false;
    }
    if (this.pending) {
      this.pending = false;
      void this.look();
      return;
    }
    const missing = this.asks.inSight(true);
    if (missing.length && pages === undefined && !this.asks.faulty()) void this.look(missing);
    this.resting = window.setTimeout(() => void this.map(), 250);
  }

  private async map(): Promise<void> {
    if (this.flying || this.asks.faulty()) return;
    try {
      const answer = await this.post({ map: true });
      if (!answer.superseded && answer.marks) this.asks.mapped(answer);
    } catch {
      // the page says already that the server is away
    }
  }

  private post(more: object): Promise<Answer> {
    return ask<Answer>(this.host, this.asks.url, this.asks.body(more), this.asks.trouble);
  }
}
