import type { History } from "./rich-history";

/**
 * The toolbar of `<rich-text>`: buttons with `data-do`, one stop for the tab key, arrows within (WAI-ARIA toolbar).
 * What the text may not have is taken away.
 */
export class ToolBar {
  private readonly bar: HTMLElement | null;

  constructor(
    private readonly host: HTMLElement,
    private readonly area: HTMLElement,
    marks: ReadonlySet<string>,
    hasFields: boolean,
    private readonly act: (what: string) => void,
  ) {
    this.bar = host.querySelector<HTMLElement>("[role=toolbar]");
    this.bar?.setAttribute("aria-controls", area.id);
    const lacks = (what: string): boolean => {
      if (what === "ul" || what === "ol") return !marks.has("list");
      if (what === "field") return !marks.has("field") || !hasFields;
      return ["strong", "em", "link"].includes(what) && !marks.has(what);
    };
    for (const button of this.buttons) if (lacks(button.dataset["do"] ?? "")) button.remove();
    this.rove(this.buttons[0]);
    this.bar?.addEventListener("pointerdown", (event) => event.preventDefault());
    this.bar?.addEventListener("click", this.onClick);
    this.bar?.addEventListener("keydown", this.onKey);
  }

  private get buttons(): HTMLButtonElement[] {
    return [...(this.bar?.querySelectorAll<HTMLButtonElement>("[data-do]") ?? [])];
  }

  private button(what: string): HTMLButtonElement | undefined {
    return this.buttons.find((one) => one.dataset["do"] === what);
  }

  focus(): void {
    this.buttons.find((one) => one.tabIndex === 0)?.focus();
  }

  /** What can be undone, and how the text at the caret looks. */
  follow(history: History): void {
    for (const [what, can] of [["undo", history.canUndo], ["redo", history.canRedo]] as const) {
      this.button(what)?.setAttribute("aria-disabled", String(!can));
    }
  }

  stand(lists: { ul: boolean; ol: boolean }): void {
    const on = (command: string): boolean => {
      try {
        return document.queryCommandState(command);
      } catch {
        return false;
      }
    };
    const states = { strong: on("bold"), em: on("italic"), ...lists };
    for (const [what, is] of Object.entries(states)) this.button(what)?.setAttribute("aria-pressed", String(is));
  }

  /** While the source is shown as text only the way back works; `line` says where it cannot be read. */
  raw(raw: boolean, line: number): void {
    for (const one of this.buttons) if (one.dataset["do"] !== "source") one.disabled = raw;
    const way = this.button("source");
    way?.setAttribute("aria-pressed", String(raw));
    if (raw) this.rove(way);
    const note = this.host.querySelector<HTMLElement>("[data-unread]");
    if (!note) return;
    note.hidden = line === 0;
    const said = (this.host.getAttribute("say-unread") ?? "").replace("{line}", String(line));
    note.querySelector("[data-said]")?.replaceChildren(said);
  }

  private rove(to: HTMLElement | undefined): void {
    for (const one of this.buttons) one.tabIndex = one === to ? 0 : -1;
  }

  private onClick = (event: Event): void => {
    const button = (event.target as Element).closest<HTMLButtonElement>("[data-do]");
    if (!button || button.disabled || button.getAttribute("aria-disabled") === "true") return;
    this.act(button.dataset["do"] ?? "");
  };

  private onKey = (event: KeyboardEvent): void => {
    const all = this.buttons.filter((one) => !one.disabled);
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const turned = getComputedStyle(this.host).direction === "rtl" ? -1 : 1;
    const goes: Record<string, number> = { ArrowRight: at + turned, ArrowLeft: at - turned, Home: 0, End: all.length - 1 };
    if (event.key === "Escape") this.area.focus();
    else if (event.key in goes && at >= 0) {
      const next = all[((goes[event.key] ?? 0) + all.length) % all.length];
      this.rove(next);
      next?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
}
