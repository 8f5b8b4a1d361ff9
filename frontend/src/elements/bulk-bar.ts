import { announce } from "./live-region";
import { DeskKeys, isTyping } from "./desk-keys";
import { cursorRow } from "./row-cursor";

/**
 * `<bulk-bar>` around a list and its form of acts: `x` ticks the cursor row, shift ticks a range, the box in the head
 * ticks the page, and "all that match" stands for rows on other pages. The form shows while something is ticked and
 * says how many; without scripts it is always there. While something is ticked, polls of the list rest.
 */
export class BulkBar extends HTMLElement {
  private last: HTMLInputElement | null = null;

  connectedCallback(): void {
    this.addEventListener("click", this.onClick);
    this.addEventListener("change", this.onChange);
    document.addEventListener("keydown", this.onKey);
    window.addEventListener("pageshow", this.show);
    this.show();
    queueMicrotask(this.show); // rows swapped in together with this element come after it
  }

  disconnectedCallback(): void {
    this.removeEventListener("click", this.onClick);
    this.removeEventListener("change", this.onChange);
    document.removeEventListener("keydown", this.onKey);
    window.removeEventListener("pageshow", this.show);
  }

  get boxes(): HTMLInputElement[] {
    return [...this.querySelectorAll<HTMLInputElement>("input[data-pick]")];
  }

  get picked(): HTMLInputElement[] {
    return this.boxes.filter((box) => box.checked);
  }

  private get form(): HTMLFormElement | null {
    return this.querySelector("form.bulk");
  }

  private get all(): HTMLInputElement | null {
    return this.form?.querySelector<HTMLInputElement>("input[name=all]") ?? null;
  }

  /** Ticks or unticks a row; with `range` all rows since the last one that was ticked. */
  pick(box: HTMLInputElement, range: boolean): void {
    const boxes = this.boxes;
    const from = this.last ? boxes.indexOf(this.last) : -1;
    const to = boxes.indexOf(box);
    if (range && from >= 0) {
      for (const each of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) each.checked = box.checked;
    }
    this.last = box;
    this.show(true);
  }

  clear(): void {
    for (const box of this.boxes) box.checked = false;
    if (this.all) this.all.checked = false;
    this.last = null;
    this.show(true);
  }

  private onClick = (event: MouseEvent): void => {
    const target = event.target as Element;
    if (target.closest("[data-clear]")) {
      const row = this.picked[0]?.closest("tr");
      this.clear();
      row?.querySelector<HTMLElement>("a[data-open]")?.focus({ preventScroll: true });
    } else if (target instanceof HTMLInputElement && target.hasAttribute("data-pick")) {
      this.pick(target, event.shiftKey);
    }
  };

  private onChange = (event: Event): void => {
    const target = event.target;
    if (!(target instanceof HTMLInputElement)) return;
    if (target.hasAttribute("data-pick-all")) {
      for (const box of this.boxes) box.checked = target.checked;
      if (!target.checked && this.all) this.all.checked = false;
    }
    if (target.name === "all" && target.checked) for (const box of this.boxes) box.checked = true;
    this.show(true);
  };

  private onKey = (event: KeyboardEvent): void => {
    if (event.key.toLowerCase() !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!DeskKeys.on || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const row = cursorRow();
    const box = row && this.contains(row) ? row.querySelector<HTMLInputElement>("input[data-pick]") : null;
    if (!box) return;
    event.preventDefault();
    box.checked = !box.checked;
    this.pick(box, event.shiftKey);
  };

  private show = (say: unknown = false): void => {
    const { form, all, boxes } = this;
    if (!form) return;
    const count = this.picked.length;
    if (all && count < boxes.length) all.checked = false;
    for (const box of boxes) box.closest("tr")?.setAttribute("aria-selected", String(box.checked));
    const head = this.querySelector<HTMLInputElement>("input[data-pick-all]");
    if (head) {
      head.checked = count > 0 && count === boxes.length;
      head.indeterminate = count > 0 && count < boxes.length;
    }
    form.hidden = count === 0;
    this.toggleAttribute("data-typing", count > 0);
    const clear = form.querySelector<HTMLElement>("[data-clear]");
    if (clear) clear.hidden = count === 0;
    const words = all?.checked
      ? (form.dataset["allSaid"] ?? "")
      : (form.dataset["said"] ?? "{n}").replace("{n}", String(count));
    const place = form.querySelector("[data-count]");
    if (place) place.textContent = words;
    if (say === true) announce(count ? words : (form.dataset["none"] ?? ""));
  };
}

customElements.define("bulk-bar", BulkBar);
