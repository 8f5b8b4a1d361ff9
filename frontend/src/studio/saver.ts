/** What is kept in the browser: texts that the server does not have yet, and over which revision they were typed. */
export interface Kept {
  revision: number;
  files: Record<string, string>;
}

export interface Saved {
  revision: number;
  conflict?: string;
  files?: Record<string, string>;
}

export type Standing = "saved" | "typing" | "saving" | "offline" | "conflict" | "refused";

/**
 * Saves what was typed, a moment after the last key, one save at a time. What is not saved yet lies in localStorage, so
 * that neither a crash nor a lost network loses it; when the network is back it is saved by itself.
 */
export class Saver {
  private timer = 0;
  private busy = false;
  readonly dirty = new Map<string, string>();

  constructor(
    private readonly key: string,
    public revision: number,
    private readonly send: (files: Record<string, string>, revision: number) => Promise<Saved>,
    private readonly told: (standing: Standing, saved?: Saved, problem?: string) => void,
    private readonly wait = 1500,
  ) {}

  /** What was typed here before and never reached the server. */
  left(): Kept | null {
    try {
      const found = JSON.parse(localStorage.getItem(this.key) ?? "null") as Kept | null;
      return found && typeof found.revision === "number" && Object.keys(found.files).length ? found : null;
    } catch {
      return null;
    }
  }

  forget(): void {
    localStorage.removeItem(this.key);
  }

  changed(file: string, text: string): void {
    this.dirty.set(file, text);
    this.keep();
    this.told("typing");
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.now(), this.wait);
  }

  /** Save at once. Resolves when nothing is on its way any more. */
  async now(): Promise<void> {
    clearTimeout(this.timer);
    if (this.busy || this.dirty.size === 0) return;
    this.busy = true;
    const sent = new Map(this.dirty);
    this.told("saving");
    try {
      const saved = await this.send(Object.fromEntries(sent), this.revision);
      if (saved.conflict) {
        this.told("conflict", saved);
        return;
      }
      this.revision = saved.revision;
      for (const [file, text] of sent) if (this.dirty.get(file) === text) this.dirty.delete(file);
      this.keep();
      this.told(this.dirty.size ? "typing" : "saved", saved);
    } catch (error) {
      const offline = error instanceof TypeError;
      this.told(offline ? "offline" : "refused", undefined, error instanceof Error ? error.message : "");
      if (offline) this.timer = window.setTimeout(() => void this.now(), 5000);
      return;
    } finally {
      this.busy = false;
    }
    if (this.dirty.size) this.timer = window.setTimeout(() => void this.now(), this.wait);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private keep(): void {
    if (this.dirty.size === 0) {
      this.forget();
      return;
    }
    const kept: Kept = { revision: this.revision, files: Object.fromEntries(this.dirty) };
    try {
      localStorage.setItem(this.key, JSON.stringify(kept));
    } catch {
      // full or forbidden: what is typed stays in the page and is saved as usual
    }
  }
}
