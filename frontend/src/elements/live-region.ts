/** `<live-region>`: the one polite live region of a page. Say something with `announce("7 letters released.")`. */
export class LiveRegion extends HTMLElement {
  connectedCallback(): void {
    this.setAttribute("role", "status");
    this.setAttribute("aria-live", "polite");
  }

  say(words: string): void {
    if (!words || words === this.textContent) return; // a poll that changed nothing stays silent
    this.textContent = words;
  }
}

export function announce(words: string): void {
  document.querySelector<LiveRegion>("live-region")?.say(words);
}

customElements.define("live-region", LiveRegion);
