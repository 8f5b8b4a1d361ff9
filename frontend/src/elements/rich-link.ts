import { caretAfter, rangeIn } from "./rich-edit";
import { HREF } from "./rich-source";

/** An address as the source has it: what was meant by `www.house.example` or `post@house.example`; empty for none. */
export function addressOf(typed: string): string {
  const said = typed.trim().replace(/\(/g, "%28").replace(/\)/g, "%29");
  const meant = /^[^\s@/:]+@[^\s@/]+\.[^\s@/]+$/.test(said) ? `mailto:${said}` : /^[\w-]+(\.[\w-]+)+([/?#]|$)/.test(said) ? `https://${said}` : said;
  return HREF.test(meant) ? meant : "";
}

/** The row under the toolbar that asks for a link's address. What was chosen in the text is kept meanwhile. */
export class LinkBar {
  private readonly row: HTMLElement | null;
  private kept: Range | null = null;

  constructor(
    host: HTMLElement,
    private readonly area: HTMLElement,
    private readonly before: () => void,
    private readonly changed: () => void,
  ) {
    this.row = host.querySelector<HTMLElement>("[data-link]");
    this.row?.addEventListener("keydown", this.onKey);
    this.row?.addEventListener("click", this.onClick);
    this.row?.addEventListener("input", (event) => event.stopPropagation());
    this.row?.addEventListener("change", (event) => event.stopPropagation());
  }

  private get input(): HTMLInputElement | null {
    return this.row?.querySelector("input") ?? null;
  }

  ask(): void {
    const range = rangeIn(this.area);
    if (!this.row || !this.input) return;
    this.kept = range?.cloneRange() ?? null;
    this.input.value = this.here()?.getAttribute("href") ?? "";
    this.said(false);
    this.row.hidden = false;
    this.input.focus();
    this.input.select();
  }

  /** The link that the caret stands in. */
  private here(): HTMLAnchorElement | null {
    const node = this.kept?.startContainer;
    const element = node instanceof Element ? node : node?.parentElement;
    const found = element?.closest("a") ?? null;
    return found && this.area.contains(found) ? found : null;
  }

  private set(): void {
    const href = addressOf(this.input?.value ?? "");
    if (!href) {
      this.said(true);
      return;
    }
    this.before();
    const here = this.here();
    const range = this.kept;
    if (here) here.setAttribute("href", href);
    else if (range) {
      const link = document.createElement("a");
      link.setAttribute("href", href);
      if (range.collapsed) link.textContent = this.input?.value.trim() ?? href;
      else link.append(range.extractContents());
      for (const inner of link.querySelectorAll("a")) inner.replaceWith(...inner.childNodes);
      range.insertNode(link);
      this.close();
      caretAfter(link);
    }
    this.close();
    this.changed();
  }

  private off(): void {
    const here = this.here();
    if (here) {
      this.before();
      here.replaceWith(...here.childNodes);
    }
    this.close();
    this.changed();
  }

  private close(): void {
    if (!this.row || this.row.hidden) return;
    this.row.hidden = true;
    this.area.focus();
    const chosen = getSelection();
    if (this.kept && this.area.contains(this.kept.startContainer)) {
      chosen?.removeAllRanges();
      chosen?.addRange(this.kept);
    }
  }

  private said(wrong: boolean): void {
    const told = this.row?.querySelector<HTMLElement>("[data-wrong]");
    if (told) told.hidden = !wrong;
    this.input?.setAttribute("aria-invalid", String(wrong));
  }

  private onKey = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && event.target === this.input) this.set();
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  private onClick = (event: Event): void => {
    const what = (event.target as Element).closest<HTMLElement>("[data-does]")?.dataset["does"];
    if (what === "set") this.set();
    if (what === "off") this.off();
    if (what === "back") this.close();
  };
}
