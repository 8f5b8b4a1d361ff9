import { DeskKeys, isTyping } from "./desk-keys";
import { cursorRow } from "./row-cursor";

/** Milliseconds a row must be rested on before its summary is asked for: `j` held down asks for the last one only. */
const REST = 90;

/**
 * `<peek-panel>` around the panel of a list. `Space` on the cursor row opens and closes it, it follows the row the
 * focus moves to, `Escape` closes it and the focus returns to its row. It never takes the focus. Each row has a link
 * `data-peek` with an address of its own, which htmx loads into the panel; here it is only pressed.
 */
export class PeekPanel extends HTMLElement {
  private resting = 0;
  private wanted = "";

  connectedCallback(): void {
    document.addEventListener("keydown", this.onKey);
    document.addEventListener("focusin", this.onFocus);
    document.addEventListener("click", this.onClick);
    document.addEventListener("htmx:after:swap", this.mark);
    this.mark();
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.onKey);
    document.removeEventListener("focusin", this.onFocus);
    document.removeEventListener("click", this.onClick);
    document.removeEventListener("htmx:after:swap", this.mark);
    window.clearTimeout(this.resting);
  }

  private get panel(): HTMLElement | null {
    return this.querySelector("#peek");
  }

  get open(): boolean {
    return this.panel?.hidden === false;
  }

  get shown(): string {
    return this.wanted || (this.querySelector<HTMLElement>("[data-peeked]")?.dataset["peeked"] ?? "");
  }

  close(): void {
    const panel = this.panel;
    if (!panel || panel.hidden) return;
    const row = this.linkOf(this.shown)?.closest("tr");
    const within = panel.contains(document.activeElement);
    panel.hidden = true;
    panel.replaceChildren();
    this.wanted = "";
    this.address("");
    this.mark();
    if (within || !document.activeElement || document.activeElement === document.body) {
      row?.querySelector<HTMLElement>("a[data-open]")?.focus({ preventScroll: true });
    }
  }

  private linkOf(id: string): HTMLAnchorElement | null {
    return id ? document.querySelector<HTMLAnchorElement>(`a[data-peek="${CSS.escape(id)}"]`) : null;
  }

  private onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && this.open) {
      event.preventDefault();
      this.close();
      return;
    }
    if (event.key !== " " || !DeskKeys.on || event.shiftKey) return;
    if ((event.target as Element).closest("button, summary, [role='region']")) return;
    const row = cursorRow() ?? document.querySelector<HTMLTableRowElement>("row-cursor tbody tr:has(a[data-peek])");
    const link = row?.querySelector<HTMLAnchorElement>("a[data-peek]");
    if (!row || !link) return;
    event.preventDefault();
    if (this.open && this.shown === link.dataset["peek"]) {
      this.close();
      return;
    }
    if (!cursorRow()) row.querySelector<HTMLElement>("a[data-open]")?.focus({ preventScroll: true });
    link.click();
  };

  private onFocus = (): void => {
    const link = cursorRow()?.querySelector<HTMLAnchorElement>("a[data-peek]");
    if (!this.open || !link || link.dataset["peek"] === this.shown || document.activeElement === link) return;
    window.clearTimeout(this.resting);
    this.resting = window.setTimeout(() => {
      if (this.open) link.click();
    }, REST);
  };

  private onClick = (event: Event): void => {
    const target = event.target as Element;
    const link = target.closest<HTMLAnchorElement>("a[data-peek]");
    if (link) {
      const panel = this.panel;
      this.wanted = link.dataset["peek"] ?? "";
      if (panel) panel.hidden = false;
      this.address(this.wanted);
      this.mark();
    } else if (target.closest("[data-peek-close]")) {
      event.preventDefault();
      this.close();
    }
  };

  /** The open row stands in the address: a reload and a copied address show the same. */
  private address(id: string): void {
    const here = new URL(location.href);
    if (id) here.searchParams.set("peek", id);
    else here.searchParams.delete("peek");
    history.replaceState(history.state, "", here);
  }

  private mark = (): void => {
    const id = this.open ? this.shown : "";
    for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-peek]")) {
      const current = link.dataset["peek"] === id;
      link.toggleAttribute("aria-current", current);
      link.closest("tr")?.toggleAttribute("data-peeked-row", current);
    }
  };
}

customElements.define("peek-panel", PeekPanel);
