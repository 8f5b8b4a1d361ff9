/**
 * `<insert-field>` around buttons with `data-path`: each puts `{{ path }}` into the text that was written in last, at
 * its caret. Without scripts it does not show, and paths are typed.
 */
export class InsertField extends HTMLElement {
  private last: HTMLTextAreaElement | null = null;

  connectedCallback(): void {
    this.form.addEventListener("focusin", this.onFocus);
    this.addEventListener("click", this.onClick);
    this.setAttribute("ready", "");
  }

  disconnectedCallback(): void {
    this.form.removeEventListener("focusin", this.onFocus);
    this.removeEventListener("click", this.onClick);
  }

  private get form(): HTMLElement {
    return this.closest("form") ?? document.body;
  }

  private onFocus = (event: Event): void => {
    const field = event.target;
    if (field instanceof HTMLTextAreaElement && !field.readOnly) this.last = field;
  };

  private onClick = (event: Event): void => {
    const path = (event.target as Element).closest<HTMLElement>("[data-path]")?.dataset["path"];
    const field = this.last?.isConnected ? this.last : this.form.querySelector<HTMLTextAreaElement>("textarea:not([readonly])");
    if (!path || !field) return;
    const said = `{{ ${path} }}`;
    field.focus();
    // as if it were typed, so that it can be undone; a browser that cannot is told of the change by hand
    if (!document.execCommand?.("insertText", false, said)) {
      field.setRangeText(said, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
  };
}

customElements.define("insert-field", InsertField);
