import { DeskKeys, isTyping } from "./desk-keys";

/**
 * `<key-act key="h">` around a form: its single key presses the form's button, where single keys are on and nobody
 * types. Only for acts that another press undoes. It acts once: the answer is a page of its own.
 */
export class KeyAct extends HTMLElement {
  private pressed = false;

  connectedCallback(): void {
    document.addEventListener("keydown", this.onKey);
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.onKey);
  }

  private onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== this.getAttribute("key") || isTyping(event.target) || !DeskKeys.on) return;
    const button = this.querySelector<HTMLButtonElement>("button[type=submit]");
    if (this.pressed || !button || button.disabled || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    this.pressed = true;
    button.click();
  };
}

customElements.define("key-act", KeyAct);
