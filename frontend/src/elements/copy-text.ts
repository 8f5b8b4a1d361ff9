import { announce } from "./live-region";

/**
 * `<copy-text value="…" said="Copied">` around a button. Copies `value`, or the text of the element whose id
 * stands in `from`, and says so.
 */
export class CopyText extends HTMLElement {
  connectedCallback(): void {
    this.hidden = false;
    this.addEventListener("click", this.copy);
  }

  disconnectedCallback(): void {
    this.removeEventListener("click", this.copy);
  }

  private copy = async (): Promise<void> => {
    const from = this.getAttribute("from");
    const text = from ? (document.getElementById(from)?.textContent ?? "") : (this.getAttribute("value") ?? "");
    await navigator.clipboard.writeText(text.trim());
    announce(this.getAttribute("said") ?? "");
    const word = this.querySelector("[data-word]");
    const said = this.getAttribute("said");
    if (!word || !said) return;
    const before = word.textContent;
    word.textContent = said;
    setTimeout(() => (word.textContent = before), 2000);
  };
}

customElements.define("copy-text", CopyText);
