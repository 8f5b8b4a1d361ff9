import { fill } from "./config";

/**
 * A box on a page in shares of it, and what stands there (`slot/customer.name`, `word/due`), or a run of its text. What
 * says which of its calls it was has that behind it: `slot/customer.name@main.typ:12:4`.
 */
export type Box = [page: number, left: number, top: number, width: number, height: number, what: string];

const ZOOMS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2];
const WIDTHS = [620, 930, 1240, 1860, 2480];

/**
 * The pages as they were made, one picture each. A new picture replaces the old one without a flash; scroll and zoom
 * stay, and when a page cannot be made the last good one stays too. What comes from data is a button on the page.
 */
export class PagePane {
  /** -1: as wide as the pane. */
  private step = -1;
  private generation = 0;
  private sizes: [number, number][] = [];
  private drawn: number[] = [];
  private runs: Box[] = [];

  constructor(
    private readonly scroller: HTMLElement,
    private readonly says: Record<string, string>,
    private readonly pick: (what: string) => void,
  ) {
    const kept = Number(sessionStorage.getItem("postroom-studio-zoom") ?? -1);
    if (Number.isInteger(kept) && kept >= 0 && kept < ZOOMS.length) this.step = kept;
    scroller.addEventListener("click", this.onClick);
    scroller.addEventListener("keydown", this.onKey);
  }

  /** Pictures of the pages somebody looks at; `fresh` when they are of a newer state than those shown. */
  show(sizes: [number, number][], pictures: Record<string, string>, fresh: boolean): void {
    if (fresh) this.generation += 1;
    this.sizes = sizes;
    while (this.scroller.children.length > sizes.length) this.scroller.lastElementChild?.remove();
    while (this.scroller.children.length < sizes.length) this.scroller.append(this.sheet(this.scroller.children.length + 1));
    this.resize();
    for (const [page, picture] of Object.entries(pictures)) {
      const image = this.scroller.children[Number(page) - 1]?.querySelector("img");
      if (!image) continue;
      image.src = `data:image/jpeg;base64,${picture}`;
      image.hidden = false;
      this.drawn[Number(page) - 1] = this.generation;
    }
  }

  /** Pages (from 1) within sight; `missing` leaves out those whose picture is of now. */
  inSight(missing = false): number[] {
    const top = this.scroller.scrollTop - 200;
    const bottom = top + this.scroller.clientHeight + 400;
    const found = [...this.scroller.children].flatMap((sheet, index) => {
      const { offsetTop, offsetHeight } = sheet as HTMLElement;
      const seen = offsetTop + offsetHeight >= top && offsetTop <= bottom;
      return seen && !(missing && this.drawn[index] === this.generation) ? [index + 1] : [];
    });
    return found.length || missing ? found.slice(0, 6) : [1];
  }

  /** How wide a picture has to be to be sharp. */
  get width(): number {
    const wanted = 794 * this.factor * Math.max(1, window.devicePixelRatio);
    return WIDTHS.find((one) => one >= wanted - 40) ?? 2480;
  }

  zoom(by: number): string {
    const share = this.scroller.scrollTop / Math.max(1, this.scroller.scrollHeight);
    if (by) {
      const here = this.factor;
      const beside = by > 0 ? ZOOMS.findIndex((one) => one > here + 0.01) : ZOOMS.findLastIndex((one) => one < here - 0.01);
      if (beside >= 0) this.step = beside;
      sessionStorage.setItem("postroom-studio-zoom", String(this.step));
      this.generation += 1;
    }
    this.resize();
    this.scroller.scrollTop = share * this.scroller.scrollHeight;
    return `${Math.round(this.factor * 100)} %`;
  }

  /** How large a page is beside its size on paper (96 px an inch). */
  private get factor(): number {
    const chosen = ZOOMS[this.step];
    if (chosen !== undefined) return chosen;
    const widest = Math.max(0, ...this.sizes.map(([width]) => (width * 4) / 3));
    const room = this.scroller.clientWidth - 40;
    return widest > 0 && room > 200 ? Math.min(1.5, room / widest) : 0.67;
  }

  /** What stands where, of the state now shown. */
  mark(marks: Box[], runs: Box[]): void {
    this.runs = runs;
    [...this.scroller.children].forEach((sheet, index) => {
      const layer = sheet.querySelector(".st-marks");
      layer?.replaceChildren(
        ...marks.filter((one) => one[0] === index + 1).map((one) => this.button(one)),
      );
    });
  }

  /** Shows where a field stands on the page. False when it stands nowhere. */
  point(what: string): boolean {
    const all = [...this.scroller.querySelectorAll<HTMLElement>(".st-mark")];
    const found = all.filter((one) => one.dataset["what"] === named(what));
    for (const one of all) one.toggleAttribute("data-lit", found.includes(one));
    found[0]?.scrollIntoView({ block: "nearest", inline: "nearest" });
    return found.length > 0;
  }

  stop(): void {
    this.scroller.removeEventListener("click", this.onClick);
    this.scroller.removeEventListener("keydown", this.onKey);
  }

  /** Left and right go from value to value; the pane is one stop for the tab key. */
  private onKey = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = [...this.scroller.querySelectorAll<HTMLElement>(".st-mark")];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };

  private onClick = (event: MouseEvent): void => {
    const target = event.target as Element;
    const mark = target.closest<HTMLElement>(".st-mark");
    if (mark) {
      this.pick(`${mark.dataset["what"] ?? ""}${mark.dataset["at"] ?? ""}`);
      return;
    }
    const sheet = target.closest<HTMLElement>(".st-sheet");
    if (!sheet) return;
    const box = sheet.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width;
    const y = (event.clientY - box.top) / box.height;
    const text = textAt(this.runs, Number(sheet.dataset["page"]), x, y);
    if (text) this.pick(`text/${text}`);
  };

  private sheet(page: number): HTMLElement {
    const sheet = document.createElement("div");
    sheet.className = "st-sheet";
    sheet.dataset["page"] = String(page);
    const image = document.createElement("img");
    image.alt = fill(this.says["page"] ?? "{page}", { page });
    image.hidden = true;
    const marks = document.createElement("div");
    marks.className = "st-marks";
    sheet.append(image, marks);
    return sheet;
  }

  private button([, left, top, width, height, what]: Box): HTMLElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "st-mark";
    button.tabIndex = -1;
    const said = named(what);
    button.dataset["what"] = said;
    button.dataset["at"] = what.slice(said.length);
    button.title = said.slice(said.indexOf("/") + 1).split("|").join(" / ");
    button.setAttribute("aria-label", fill(this.says["jump"] ?? "{name}", { name: button.title }));
    button.style.left = `${left * 100}%`;
    button.style.top = `${top * 100}%`;
    button.style.width = `${width * 100}%`;
    button.style.height = `${height * 100}%`;
    return button;
  }

  private resize(): void {
    const zoom = this.factor;
    this.sizes.forEach(([width, height], index) => {
      const sheet = this.scroller.children[index] as HTMLElement | undefined;
      sheet?.style.setProperty("width", `${((width * 4) / 3) * zoom}px`);
      sheet?.style.setProperty("aspect-ratio", `${width} / ${height}`);
    });
  }
}

/** What a box is called, without the place of its call. */
function named(what: string): string {
  return what.replace(/@[\w.-]+:\d+:\d+$/, "");
}

/** The run of text at a place of a page; a little beside it counts too. */
export function textAt(runs: readonly Box[], page: number, x: number, y: number): string {
  const near = 0.006;
  const hit = runs.find(
    ([on, left, top, width, height]) =>
      on === page && x >= left - near && x <= left + width + near && y >= top - near && y <= top + height + near,
  );
  return hit?.[5] ?? "";
}
