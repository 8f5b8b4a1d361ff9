import { type Hit, pattern } from "./find";
import type { Sheets } from "./sheets";

/** The find box: counts page by page while it reads, leads to the next and the previous place. */
export class SearchBox {
  private readonly input: HTMLInputElement;
  private readonly said: HTMLElement;
  private hits = new Map<number, Hit[]>();
  private order: { page: number; hit: number }[] = [];
  private at = -1;
  private turn = 0;
  private words = false;

  constructor(
    readonly form: HTMLElement,
    private readonly sheets: Sheets,
    private readonly close: () => void,
  ) {
    this.input = form.querySelector<HTMLInputElement>("input")!;
    this.said = form.querySelector<HTMLElement>("[data-count]")!;
    this.input.addEventListener("input", () => {
      this.words = false;
      void this.look(sheets.at());
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.move(1);
    });
    form.addEventListener("keydown", (event) => this.onKey(event));
    form.addEventListener("click", (event) => {
      const asked = (event.target as Element).closest<HTMLElement>("[data-find]")?.dataset["find"];
      if (asked === "close") this.shut();
      else if (asked) this.move(Number(asked));
    });
  }

  /** Opens the box. Words of the archive's search are looked for one by one. */
  open(words = ""): void {
    this.form.hidden = false;
    if (words) {
      this.input.value = words;
      this.words = true;
      void this.look(1);
      return;
    }
    this.input.focus();
    this.input.select();
  }

  shut(): void {
    this.turn += 1;
    this.form.hidden = true;
    this.sheets.show(new Map(), 0, 0);
    this.close();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.shut();
    } else if (event.key === "Enter" && event.shiftKey && event.target === this.input) {
      event.preventDefault();
      this.move(-1);
    }
  }

  private async look(from: number): Promise<void> {
    const turn = (this.turn += 1);
    const wanted = pattern(this.input.value, this.words);
    this.hits = new Map();
    this.order = [];
    this.at = -1;
    if (!wanted) {
      this.sheets.show(this.hits, 0, 0);
      this.tell("");
      return;
    }
    for (const { number } of this.sheets.all) {
      const found = (await this.sheets.text(number)).hits(wanted);
      if (turn !== this.turn) return; // another word was typed meanwhile
      if (!found.length) continue;
      this.hits.set(number, found);
      found.forEach((_, hit) => this.order.push({ page: number, hit }));
      if (this.at < 0 && number >= from) this.stand(this.order.length - found.length);
      else this.count();
    }
    if (this.at < 0 && this.order.length) this.stand(0);
    if (!this.order.length) this.sheets.show(this.hits, 0, 0);
    this.count(true);
  }

  private move(by: number): void {
    if (!this.order.length) return;
    this.stand((this.at + by + this.order.length) % this.order.length);
  }

  private stand(at: number): void {
    this.at = at;
    const place = this.order[at];
    if (!place) return;
    const far = Math.abs(place.page - this.sheets.at()) > 1;
    if (far) this.sheets.go(place.page);
    this.sheets.show(this.hits, place.page, place.hit);
    this.count();
  }

  private count(done = false): void {
    const { some = "", none = "" } = this.said.dataset;
    if (this.order.length) this.tell(some.replace("%n", String(this.at + 1)).replace("%m", String(this.order.length)));
    else if (done) this.tell(none);
  }

  private tell(words: string): void {
    if (this.said.textContent !== words) this.said.textContent = words;
  }
}
