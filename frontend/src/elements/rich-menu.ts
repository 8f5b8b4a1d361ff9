import { called } from "./rich-dom";

/**
 * The fields to choose from while `{` is typed: a listbox that the editable area points at, so that the caret and the
 * focus stay where they are.
 */
export class FieldMenu {
  private readonly list = document.createElement("div");
  private at = 0;
  private shown: string[] = [];

  constructor(
    private readonly area: HTMLElement,
    host: HTMLElement,
    private readonly fields: readonly string[],
    label: string,
    private readonly pick: (path: string) => void,
  ) {
    this.list.className = "rt-menu";
    this.list.id = `${area.id}-fields`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", label);
    this.list.hidden = true;
    host.append(this.list);
    this.list.addEventListener("pointerdown", this.onPress);
  }

  get open(): boolean {
    return !this.list.hidden;
  }

  /** Show what fits `typed`, at the caret; nothing fits: nothing is shown. Gives how many fit. */
  show(typed: string, caret: DOMRect): number {
    const wanted = typed.toLowerCase();
    const rank = (path: string): number => (path.toLowerCase().startsWith(wanted) ? 0 : 1);
    this.shown = this.fields
      .filter((path) => path.toLowerCase().includes(wanted) || called(path).toLowerCase().includes(wanted))
      .sort((one, other) => rank(one) - rank(other))
      .slice(0, 40);
    if (!this.shown.length) {
      this.close();
      return 0;
    }
    this.list.replaceChildren(...this.shown.map((path, index) => this.option(path, index)));
    this.list.hidden = false;
    this.area.setAttribute("aria-controls", this.list.id);
    this.mark(0);
    this.place(caret);
    return this.shown.length;
  }

  close(): void {
    this.list.hidden = true;
    this.area.removeAttribute("aria-activedescendant");
    this.area.removeAttribute("aria-controls");
  }

  /** Whether the key was the menu's. */
  key(event: KeyboardEvent): boolean {
    if (!this.open || event.isComposing) return false;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const by = event.key === "ArrowDown" ? 1 : -1;
      this.mark((this.at + by + this.shown.length) % this.shown.length);
    } else if (event.key === "Enter") this.pick(this.shown[this.at] ?? "");
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  private option(path: string, index: number): HTMLElement {
    const made = document.createElement("div");
    made.setAttribute("role", "option");
    made.id = `${this.list.id}-${index}`;
    made.dataset["path"] = path;
    const name = document.createElement("span");
    name.textContent = called(path);
    const code = document.createElement("span");
    code.className = "rt-path";
    code.textContent = path;
    made.append(name, code);
    return made;
  }

  private mark(at: number): void {
    this.at = at;
    [...this.list.children].forEach((one, index) => one.setAttribute("aria-selected", String(index === at)));
    const here = this.list.children[at] as HTMLElement | undefined;
    here?.scrollIntoView?.({ block: "nearest" });
    if (here) this.area.setAttribute("aria-activedescendant", here.id);
  }

  private place(caret: DOMRect): void {
    const host = (this.list.offsetParent ?? this.area).getBoundingClientRect();
    const room = Math.max(0, host.width - this.list.offsetWidth - 4);
    this.list.style.left = `${Math.min(Math.max(0, caret.left - host.left), room)}px`;
    this.list.style.top = `${caret.bottom - host.top + 4}px`;
  }

  private onPress = (event: Event): void => {
    event.preventDefault();
    const path = (event.target as Element).closest<HTMLElement>("[data-path]")?.dataset["path"];
    if (path) this.pick(path);
  };
}
