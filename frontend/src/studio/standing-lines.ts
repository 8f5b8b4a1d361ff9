import { fill } from "./config";
import type { Standing } from "./saver";

/** The two lines that say how things are: whether what is typed is saved, and whether the page is that of now. */
export class StandingLines {
  constructor(
    private readonly saved: HTMLElement,
    private readonly follows: HTMLElement,
    private readonly says: Record<string, string>,
  ) {}

  /** How the page is: `standing` colours it, `key` is the sentence. */
  page(standing: string, key: string, values: Record<string, string | number> = {}): void {
    this.follows.dataset["standing"] = standing;
    this.follows.textContent = fill(this.says[key] ?? key, values);
  }

  /** How saving is; `problem` is what a refusal said. */
  keeping(standing: Standing, problem?: string): void {
    this.saved.dataset["standing"] = standing;
    this.saved.textContent = problem && standing === "refused" ? problem : (this.says[standing] ?? standing);
  }
}
