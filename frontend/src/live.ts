/**
 * Live counts. One stream of server-sent events per visible page says what changed: counts on the rail are changed in
 * place, parts of the page (`[data-poll]`) whose topic changed are asked for again. Nothing depends on it: while no
 * stream is open, parts that move are asked for every ten seconds (`verdict.ts`).
 *
 * The stream is open only while somebody looks: hidden tabs, and pages kept for the back button, hold no connection
 * (a browser has six to a host). Each opening needs a fresh pass of the desk, so signing out ends it.
 */
import { announce } from "./elements/live-region";

interface Told {
  counts?: Record<string, number>;
  changed?: string[];
}

/** Milliseconds: until a silent stream is given up (a beat comes every 15 s), and between two renewals of one part. */
const SILENCE = 40_000;
const SPACING = 1_500;
/** How long a page may be hidden before its stream is closed: a glance at another tab costs nothing. */
const GLANCE = 5_000;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;

const renewed = new WeakMap<Element, number>();
const scheduled = new Set<string>();
/** Ids of the parts that have to be asked for. Not the mark alone: an answer on its way takes it away by morphing. */
const due = new Set<string>();

/** Milliseconds since a part of the page was last asked for. */
export function renewedAgo(part: Element): number {
  const at = renewed.get(part);
  return at === undefined ? Infinity : Date.now() - at;
}

/** Notes that a part is being asked for now: nothing of it is due any more. */
export function wasRenewed(part: Element): void {
  renewed.set(part, Date.now());
  due.delete(part.id);
  part.removeAttribute("data-due");
}

/** Marks the parts that one of the topics is about (all, without topics; or those that move) and asks for each soon. */
export function renew(topics?: readonly string[] | "moving"): void {
  for (const part of document.querySelectorAll("[data-poll]")) {
    if (topics && !concerns(part, topics)) continue;
    part.setAttribute("data-due", "");
    due.add(part.id);
    if (scheduled.has(part.id)) continue;
    scheduled.add(part.id);
    // Many pages hear of the same change: they must not all ask at once.
    const wait = Math.max(SPACING - renewedAgo(part), 0) + 50 + Math.random() * 350;
    window.setTimeout(() => {
      scheduled.delete(part.id);
      const now = due.has(part.id) ? document.getElementById(part.id) : null;
      now?.setAttribute("data-due", "");
      now?.dispatchEvent(new CustomEvent("live"));
    }, wait);
  }
}

function concerns(part: Element, topics: readonly string[] | "moving"): boolean {
  if (topics === "moving") return part.hasAttribute("data-moving");
  const own = part.getAttribute("data-poll")?.split(" ") ?? [];
  return topics.some((topic) => own.includes(topic));
}

/** Up to here the server counts exactly; what is more is told as such, in its words (`data-most`). */
const EXACT = 10_000;

/** Changes the counts on the rail in place; one that grew and waits for a person is said, in words of the server. */
export function count(counts: Readonly<Record<string, number>>): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-count]")) {
    const now = counts[place.dataset["count"] ?? ""];
    if (now === undefined) continue;
    const said = now > EXACT ? (place.dataset["most"] ?? String(now)) : String(now);
    if (said === place.textContent) continue;
    const before = Number(place.textContent);
    place.textContent = said;
    place.hidden = now === 0;
    const words = place.dataset["grew"];
    if (words && now > before) announce(words.replace("{count}", said));
  }
}

export class Live {
  private source: EventSource | undefined;
  private opening = false;
  private wanted = false;
  private opened = false;
  private failures = 0;
  private retry = 0;
  private silence = 0;
  private glance = 0;

  constructor(private readonly passUrl: string) {}

  get open(): boolean {
    return this.source?.readyState === EventSource.OPEN;
  }

  /** Follows the page, until `signal`: seen, hidden, put away for the back button, brought back. */
  start(signal?: AbortSignal): void {
    const listens = signal ? { signal } : {};
    const seen = (): void => {
      if (document.hidden) this.glance = window.setTimeout(() => this.rest(), GLANCE);
      else this.want();
    };
    const back = (event: PageTransitionEvent): void => {
      if (event.persisted && !document.hidden) this.want();
    };
    document.addEventListener("visibilitychange", seen, listens);
    window.addEventListener("pagehide", () => this.rest(), listens);
    window.addEventListener("pageshow", back, listens);
    if (!document.hidden) this.want();
  }

  private want(): void {
    window.clearTimeout(this.glance);
    this.wanted = true;
    if (!this.source && !this.opening) void this.connect();
  }

  /** No stream until the page is looked at again. */
  rest(): void {
    this.wanted = false;
    this.drop();
    window.clearTimeout(this.retry);
    window.clearTimeout(this.glance);
  }

  private drop(): void {
    window.clearTimeout(this.silence);
    this.source?.close();
    this.source = undefined;
  }

  private async connect(): Promise<void> {
    window.clearTimeout(this.retry);
    this.opening = true;
    try {
      const answer = await fetch(this.passUrl, { redirect: "manual", headers: { Accept: "application/json" } });
      // Signed out: what this page asks for next leads to the sign-in form.
      if (answer.type === "opaqueredirect" || answer.status === 401) return;
      if (!answer.ok) throw new Error(String(answer.status));
      const given = (await answer.json()) as { address: string; pass: string };
      if (given.address && this.wanted) this.listen(`${given.address}?pass=${encodeURIComponent(given.pass)}`);
    } catch {
      this.again();
    } finally {
      this.opening = false;
    }
  }

  private listen(address: string): void {
    const source = new EventSource(address);
    this.source = source;
    this.alive();
    source.addEventListener("open", () => {
      renew(this.opened ? undefined : "moving"); // whatever was missed since the page was made, or asked for
      this.opened = true;
    });
    source.addEventListener("told", (event) => {
      this.alive();
      this.failures = 0;
      const told = JSON.parse((event as MessageEvent<string>).data) as Told;
      if (told.counts) count(told.counts);
      if (told.changed) renew(told.changed);
    });
    source.addEventListener("beat", () => this.alive());
    source.addEventListener("over", () => this.again());
    source.addEventListener("error", () => this.again()); // its pass is used up, so it cannot come back by itself
  }

  /** A computer that slept, or a line that broke, leaves a stream that looks open. */
  private alive(): void {
    window.clearTimeout(this.silence);
    this.silence = window.setTimeout(() => this.again(), SILENCE);
  }

  /** Once more with a new pass, later each time, and not at the same moment as everybody else. */
  private again(): void {
    this.drop();
    if (!this.wanted) return;
    const pause = Math.min(FIRST_PAUSE * 2 ** this.failures, LONGEST_PAUSE);
    this.failures += 1;
    window.clearTimeout(this.retry);
    this.retry = window.setTimeout(() => void this.connect(), pause * (0.5 + Math.random()));
  }
}

const passUrl = document.querySelector<HTMLMetaElement>('meta[name="postroom-live"]')?.content;
const live = passUrl ? new Live(passUrl) : undefined;
live?.start();

/** Whether changes are told to this page right now. */
export function streaming(): boolean {
  return live?.open ?? false;
}
