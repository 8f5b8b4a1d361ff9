const GAP = 6;
const EDGE = 12;

/** Where a note of this size stands: under its word, above it when there is no room, inside the window always. */
export function place(
  word: { left: number; top: number; bottom: number },
  note: { width: number; height: number },
  window: { width: number; height: number },
): { left: number; top: number } {
  const left = Math.max(EDGE, Math.min(word.left, window.width - note.width - EDGE));
  const below = word.bottom + GAP;
  const fits = below + note.height + EDGE <= window.height;
  return { left, top: fits ? below : Math.max(EDGE, word.top - note.height - GAP) };
}

/**
 * `<term-note>` around a word's button and its native popover: opens it beside the word instead of in the middle of
 * the window, and shuts it when the page is scrolled away under it. Opening, Escape and focus are the browser's.
 */
export class TermNote extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("toggle", this.onToggle, true); // it does not bubble
  }

  disconnectedCallback(): void {
    this.removeEventListener("toggle", this.onToggle, true);
    window.removeEventListener("scroll", this.shut, true);
  }

  private get note(): HTMLElement | null {
    return this.querySelector("[popover]");
  }

  private onToggle = (event: Event): void => {
    const note = this.note;
    const button = this.querySelector("button");
    if (!note || !button) return;
    if ((event as ToggleEvent).newState !== "open") {
      window.removeEventListener("scroll", this.shut, true);
      return;
    }
    const size = note.getBoundingClientRect();
    const at = place(button.getBoundingClientRect(), size, { width: window.innerWidth, height: window.innerHeight });
    note.style.left = `${at.left}px`;
    note.style.top = `${at.top}px`;
    window.addEventListener("scroll", this.shut, true);
  };

  private shut = (event: Event): void => {
    if (event.target !== this.note) this.note?.hidePopover();
  };
}

customElements.define("term-note", TermNote);
