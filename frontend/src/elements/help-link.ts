/**
 * `<help-link>` around the link to the guide: F1 follows it, wherever the cursor is, unless something is open. Every
 * screen has one, so it also hands the name of the screen to the foot of a printed page (print.css).
 */
export class HelpLink extends HTMLElement {
  connectedCallback(): void {
    document.addEventListener("keydown", this.onKey);
    document.documentElement.style.setProperty("--print-name", JSON.stringify(document.title));
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.onKey);
  }

  private onKey = (event: KeyboardEvent): void => {
    if (event.key !== "F1" || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault(); // the browser's own help would open
    this.querySelector<HTMLAnchorElement>("a")?.click();
  };
}

customElements.define("help-link", HelpLink);
