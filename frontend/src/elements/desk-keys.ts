import type { RowCursor } from "./row-cursor";

/** Keys must not fire while somebody types, nor with a modifier held. An editor may stand in a tree of its own: outside
 * of it an event names only the element that holds that tree, so what has the focus inside is looked up. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest("input, textarea, select, [contenteditable]") !== null) return true;
  const inside = target.shadowRoot?.activeElement;
  return inside ? isTyping(inside) : false;
}

/**
 * `<desk-keys>`: the keyboard of the desk. `/` search, `?` the list of keys, `g` then a letter goes where the
 * link with `data-go` of that letter goes, `j` and `k` move in the first table, `Escape` leaves a search field.
 * Single keys can be switched off (WCAG 2.2, 2.1.4); the choice is kept.
 */
export class DeskKeys extends HTMLElement {
  private awaiting = 0;

  connectedCallback(): void {
    document.addEventListener("keydown", this.onKey);
    const box = this.querySelector<HTMLInputElement>("input[type=checkbox]");
    if (box) {
      box.checked = DeskKeys.on;
      box.addEventListener("change", () => localStorage.setItem("postroom-keys", box.checked ? "on" : "off"));
    }
    this.addEventListener("click", this.onClick);
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.onKey);
    this.removeEventListener("click", this.onClick);
  }

  static get on(): boolean {
    return localStorage.getItem("postroom-keys") !== "off";
  }

  showKeys(): void {
    this.querySelector("dialog")?.showModal();
  }

  private onClick = (event: Event): void => {
    if ((event.target as Element).closest("[data-show-keys]")) this.showKeys();
    if (event.target === this.querySelector("dialog")) this.querySelector("dialog")?.close();
  };

  private onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape") (event.target as HTMLElement).blur();
      return;
    }
    if (!DeskKeys.on || document.querySelector("dialog[open]")) return;
    if (this.handle(event.key)) event.preventDefault();
  };

  private handle(key: string): boolean {
    const waited = performance.now() - this.awaiting < 1500 && this.awaiting > 0;
    this.awaiting = 0;
    if (waited) {
      const link = document.querySelector<HTMLAnchorElement>(`a[data-go="${CSS.escape(key)}"]`);
      link?.click();
      return link !== null;
    }
    if (key === "g") {
      this.awaiting = performance.now();
      return true;
    }
    if (key === "/") {
      const fields = document.querySelectorAll<HTMLInputElement>("input[type=search]");
      const field = [...fields].find((one) => one.hasAttribute("data-first")) ?? fields[0];
      field?.focus();
      field?.select();
      return field !== undefined;
    }
    if (key === "?") {
      this.showKeys();
      return true;
    }
    if (key === "j" || key === "k") {
      const here = document.activeElement?.closest<RowCursor>("row-cursor");
      (here ?? document.querySelector<RowCursor>("row-cursor"))?.move(key === "j" ? 1 : -1);
      return true;
    }
    return false;
  }
}

customElements.define("desk-keys", DeskKeys);
