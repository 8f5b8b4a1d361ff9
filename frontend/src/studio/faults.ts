import { fill, type Fault } from "./config";

/**
 * What is to be mended: faults of the page as it is typed, and of the last check, each once. They stand in the list, a
 * press leads to their line.
 */
export class Faults {
  live: Fault[] = [];
  checked: Fault[] = [];

  constructor(
    private readonly list: HTMLElement,
    private readonly count: HTMLElement,
    private readonly says: Record<string, string>,
  ) {}

  get all(): Fault[] {
    const each = new Map<string, Fault>();
    for (const one of [...this.live, ...this.checked]) {
      const key = `${one.file}:${one.line}:${one.what}`;
      if (!each.has(key)) each.set(key, one);
    }
    return [...each.values()];
  }

  show(): void {
    const all = this.all;
    this.list.replaceChildren(...all.slice(0, 50).map((fault) => row(fault)));
    this.count.textContent = all.length ? fill(this.says["faults"] ?? "{n}", { n: all.length }) : (this.says["none"] ?? "");
  }
}

function row(fault: Fault): HTMLElement {
  const item = document.createElement("li");
  const place = document.createElement("button");
  place.type = "button";
  place.className = "lnk";
  place.dataset["go"] = `${fault.file}:${fault.line}:1:0`;
  place.textContent = fault.path || (fault.line ? `${fault.file}:${fault.line}` : fault.file);
  const hint = document.createElement("span");
  hint.className = "mut";
  hint.textContent = fault.hint;
  item.append(place, ` ${fault.what} `, hint);
  return item;
}
