/**
 * `<nav-drawer for="rail">` around a button: opens and closes the rail where the window is narrow.
 * Escape and a click outside close it; focus returns to the button that opened it.
 */
export class NavDrawer extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("click", this.toggle);
    document.addEventListener("keydown", this.onKey);
    document.addEventListener("pointerdown", this.onOutside);
  }

  disconnectedCallback(): void {
    this.removeEventListener("click", this.toggle);
    document.removeEventListener("keydown", this.onKey);
    document.removeEventListener("pointerdown", this.onOutside);
  }

  private get rail(): HTMLElement | null {
    return document.getElementById(this.getAttribute("for") ?? "rail");
  }

  private get button(): HTMLButtonElement | null {
    return this.querySelector("button");
  }

  private toggle = (event: Event): void => {
    event.stopPropagation();
    this.set(this.button?.getAttribute("aria-expanded") !== "true");
  };

  private set(open: boolean): void {
    this.rail?.toggleAttribute("data-open", open);
    this.button?.setAttribute("aria-expanded", String(open));
    if (open) this.rail?.querySelector<HTMLElement>("a")?.focus();
  }

  private onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || this.button?.getAttribute("aria-expanded") !== "true") return;
    this.set(false);
    this.button.focus();
  };

  private onOutside = (event: Event): void => {
    if (this.button?.getAttribute("aria-expanded") !== "true") return;
    const at = event.target as Node;
    if (!this.rail?.contains(at) && !this.contains(at)) this.set(false);
  };
}

customElements.define("nav-drawer", NavDrawer);
