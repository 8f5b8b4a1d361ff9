import { isTyping } from "./desk-keys";
import { announce } from "./live-region";

const GAP = 12;
const NARROW = 640;

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Where the card stands: beside what it speaks of, else below it, else above, inside the window always. */
export function stand(at: Box, card: { width: number; height: number }, width: number, height: number): [number, number] {
  const clamp = (value: number, most: number): number => Math.max(GAP, Math.min(value, most - GAP));
  const top = clamp(at.top, height - card.height);
  if (at.right + GAP + card.width + GAP <= width && at.right - at.left < width / 2) return [at.right + GAP, top];
  const left = clamp(at.left, width - card.width);
  if (at.bottom + GAP + card.height + GAP <= height) return [left, at.bottom + GAP];
  return [left, clamp(at.top - card.height - GAP, height - card.height)];
}

/**
 * `<desk-tour>`: a walk past the furniture. Offers itself, never blocks work: the card is no modal dialog, the page
 * behind it stays usable. Arrows go on and back, Escape ends. Ended or put away, it is not offered again: its form is
 * sent. Stops whose furniture this role or this width does not have are left out.
 */
export class DeskTour extends HTMLElement {
  private stop = -1;
  private stops: { at: string; title: string; text: string }[] = [];

  connectedCallback(): void {
    this.addEventListener("click", this.onClick);
    document.addEventListener("keydown", this.onKey);
    document.addEventListener("htmx:after:swap", this.mark);
    window.addEventListener("resize", this.mark);
    if (this.hasAttribute("begun")) requestAnimationFrame(() => this.begin());
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.onKey);
    document.removeEventListener("htmx:after:swap", this.mark);
    window.removeEventListener("resize", this.mark);
    this.unmark();
  }

  begin(): void {
    this.stops = [...this.querySelectorAll<HTMLElement>("[data-steps] > li")]
      .map((step) => ({
        at: step.dataset["at"] ?? "",
        title: step.querySelector("b")?.textContent ?? "",
        text: step.querySelector("p")?.textContent ?? "",
      }))
      .filter((step) => this.find(step.at) !== null);
    if (this.stops.length === 0) return;
    this.piece("[data-offer]").hidden = true;
    this.card.hidden = false;
    this.show(0);
    this.card.focus({ preventScroll: true });
  }

  end(): void {
    this.unmark();
    this.stop = -1;
    this.card.hidden = true;
    this.piece("[data-offer]").hidden = true;
    const form = this.querySelector("form");
    if (form) void fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
    if (location.search.includes("tour=")) history.replaceState(null, "", location.pathname);
    document.querySelector<HTMLElement>("#page-title")?.focus({ preventScroll: true });
  }

  private get card(): HTMLElement {
    return this.piece("[data-card]");
  }

  private piece(selector: string): HTMLElement {
    return this.querySelector<HTMLElement>(selector) ?? this;
  }

  private show(number: number): void {
    const step = this.stops[number];
    if (!step) return;
    this.stop = number;
    this.piece("[data-count]").textContent = `${number + 1} / ${this.stops.length}`;
    this.piece("#tour-title").textContent = step.title;
    this.piece("#tour-text").textContent = step.text;
    const next = this.piece("[data-next]");
    next.dataset["word"] ??= next.textContent ?? "";
    next.textContent = (number === this.stops.length - 1 ? next.dataset["last"] : next.dataset["word"]) ?? "";
    this.piece("[data-back]").hidden = number === 0;
    this.find(step.at)?.scrollIntoView({ block: "nearest" });
    this.mark();
    announce(`${step.title}. ${step.text}`);
  }

  private go(by: number): void {
    const to = this.stop + by;
    if (to >= this.stops.length) this.end();
    else if (to >= 0) this.show(to);
    if (!this.card.hidden && !this.contains(document.activeElement)) this.card.focus({ preventScroll: true });
  }

  /** The first of the selectors that somebody can see here: a drawer that is shut does not count. */
  private find(at: string): HTMLElement | null {
    const seen = [...at.split(",")].map((one) => document.querySelector<HTMLElement>(one.trim()));
    return seen.find((one) => one !== null && this.visible(one)) ?? null;
  }

  private visible(one: HTMLElement): boolean {
    const { width, height } = one.getBoundingClientRect();
    return width > 0 && height > 0 && getComputedStyle(one).visibility !== "hidden" && !this.contains(one);
  }

  private mark = (): void => {
    this.unmark();
    const step = this.stops[this.stop];
    const at = step ? this.find(step.at) : null;
    if (!at) return;
    at.setAttribute("data-tour-at", "");
    if (window.innerWidth < NARROW) {
      this.card.style.removeProperty("left");
      this.card.style.removeProperty("top");
      return;
    }
    const size = this.card.getBoundingClientRect();
    const [left, top] = stand(at.getBoundingClientRect(), size, window.innerWidth, window.innerHeight);
    this.card.style.left = `${left}px`;
    this.card.style.top = `${top}px`;
  };

  private unmark(): void {
    for (const one of document.querySelectorAll("[data-tour-at]")) one.removeAttribute("data-tour-at");
  }

  private onClick = (event: Event): void => {
    const on = event.target as Element;
    if (on.closest("[data-begin]")) this.begin();
    else if (on.closest("[data-next]")) this.go(1);
    else if (on.closest("[data-back]")) this.go(-1);
    else if (on.closest("[data-end]")) this.end();
  };

  private onKey = (event: KeyboardEvent): void => {
    if (this.stop < 0 || isTyping(event.target) || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") this.end();
    else if (event.key === "ArrowRight") this.go(1);
    else if (event.key === "ArrowLeft") this.go(-1);
    else return;
    event.preventDefault();
  };
}

customElements.define("desk-tour", DeskTour);
