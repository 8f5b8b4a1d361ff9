/**
 * `<pop-up>` around a `<details class="pop">`: works without it, with it Escape and a click outside close the
 * sheet, focus returns to its button, and opening puts the cursor into the first field, or where the server says.
 */
export class PopUp extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("keydown", this.onKey);
    this.addEventListener("click", this.onClick);
    this.addEventListener("toggle", this.onToggle, true);
    document.addEventListener("pointerdown", this.onOutside);
  }

  disconnectedCallback(): void {
    this.removeEventListener("keydown", this.onKey);
    this.removeEventListener("click", this.onClick);
    this.removeEventListener("toggle", this.onToggle, true);
    document.removeEventListener("pointerdown", this.onOutside);
  }

  private get details(): HTMLDetailsElement | null {
    return this.querySelector("details");
  }

  private onKey = (event: KeyboardEvent): void => {
    const details = this.details;
    if (event.key !== "Escape" || !details?.open) return;
    event.stopPropagation();
    details.open = false;
    details.querySelector<HTMLElement>("summary")?.focus();
  };

  /** Its button, by mouse or key: opened here and now, because `toggle` comes later, when a quick hand has gone on. */
  private onClick = (event: Event): void => {
    const details = this.details;
    const button = details?.querySelector("summary");
    if (!details || details.open || event.defaultPrevented || !button?.contains(event.target as Node)) return;
    event.preventDefault();
    details.open = true;
    this.begin();
  };

  /** Opened by anything else, say by the server; whoever is inside already stays where he is. */
  private onToggle = (): void => {
    const details = this.details;
    const here = document.activeElement;
    if (!details?.open || (details.contains(here) && !here?.matches("summary"))) return;
    this.begin();
  };

  private begin(): void {
    const wanted = this.querySelector<HTMLElement>("[autofocus]");
    (wanted ?? this.querySelector<HTMLElement>("textarea, input:not([type=hidden])"))?.focus();
    wanted?.removeAttribute("autofocus"); // opened again by hand, it begins at its beginning
  }

  private onOutside = (event: Event): void => {
    const details = this.details;
    if (details?.open && !this.contains(event.target as Node)) details.open = false;
  };
}

customElements.define("pop-up", PopUp);
