const STEPS = [24, 32, 40, 46, 56, 68, 84];

/**
 * `<page-zoom>` around a `.zoom` toolbar and `.pages`. Sets the width of the pages through the CSSOM (inline
 * style attributes are refused by the content security policy). Remembers the step for the session.
 */
export class PageZoom extends HTMLElement {
  private step = 3;

  connectedCallback(): void {
    const kept = Number(sessionStorage.getItem("postroom-zoom"));
    if (Number.isInteger(kept) && kept > 0 && kept < STEPS.length) this.step = kept;
    const bar = this.querySelector<HTMLElement>(".zoom");
    if (bar) bar.hidden = false;
    this.addEventListener("click", this.onClick);
    this.apply();
  }

  disconnectedCallback(): void {
    this.removeEventListener("click", this.onClick);
  }

  private onClick = (event: Event): void => {
    const by = (event.target as Element).closest<HTMLElement>("[data-zoom]")?.dataset["zoom"];
    if (!by) return;
    this.step = Math.max(0, Math.min(STEPS.length - 1, this.step + Number(by)));
    sessionStorage.setItem("postroom-zoom", String(this.step));
    this.apply();
  };

  private apply(): void {
    const width = STEPS[this.step] ?? 46;
    this.querySelector<HTMLElement>(".pages")?.style.setProperty("--page-width", `${width}rem`);
    const word = this.querySelector("[data-zoom-word]");
    if (word) word.textContent = `${Math.round((width / 46) * 100)} %`;
  }
}

customElements.define("page-zoom", PageZoom);
