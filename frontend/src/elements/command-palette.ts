interface Item {
  label: string;
  url: string;
  glyph: string;
  note: string;
  cli: string;
  /** Said before it is done: then the address is posted to. */
  ask?: string;
  /** The name of the field for the reason it needs. */
  why?: string;
}
interface Group {
  title: string;
  items: Item[];
}

const WAIT = 120;

/**
 * `<command-palette src="/palette/">` around a `<dialog>` with a combobox and a listbox (ARIA practices: the focus
 * stays in the field, `aria-activedescendant` says which option is meant). Ctrl+K or Cmd+K opens it, arrows, Home
 * and End move, Enter goes there, Ctrl+Enter in a new tab, Escape closes and gives the focus back. What does something
 * says first what that is, and asks for the reason it needs: Enter does it, Escape leads back to the list.
 */
export class CommandPalette extends HTMLElement {
  private items: Item[] = [];
  private at = -1;
  private asked = "";
  private timer = 0;
  private asking: AbortController | null = null;

  connectedCallback(): void {
    document.addEventListener("keydown", this.onOpenKey);
    document.addEventListener("click", this.onOpener);
    // on the element itself: its children may be parsed, or swapped, after it is connected
    this.addEventListener("input", this.onInput);
    this.addEventListener("keydown", this.onKey);
    this.addEventListener("click", this.onClick);
    this.addEventListener("pointermove", this.onPoint);
    this.addEventListener("close", this.onClosed, true);
    this.addEventListener("cancel", this.onCancel, true);
    this.addEventListener("submit", this.onSubmit);
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.onOpenKey);
    document.removeEventListener("click", this.onOpener);
    this.removeEventListener("input", this.onInput);
    this.removeEventListener("keydown", this.onKey);
    this.removeEventListener("click", this.onClick);
    this.removeEventListener("pointermove", this.onPoint);
    this.removeEventListener("close", this.onClosed, true);
    this.removeEventListener("cancel", this.onCancel, true);
    this.removeEventListener("submit", this.onSubmit);
    this.asking?.abort();
    clearTimeout(this.timer);
  }

  open(): void {
    if (!this.dialog || this.dialog.open) return;
    this.dialog.showModal();
    this.input?.select();
    void this.ask(this.input?.value ?? "");
  }

  private get dialog(): HTMLDialogElement | null {
    return this.querySelector("dialog");
  }

  private get input(): HTMLInputElement | null {
    return this.querySelector("[role=combobox]");
  }

  private get act(): HTMLFormElement | null {
    return this.querySelector("[data-act]");
  }

  private get list(): HTMLElement | null {
    return this.querySelector("[role=listbox]");
  }

  private onOpenKey = (event: KeyboardEvent): void => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    if (this.dialog?.open) this.dialog.close();
    else if (!document.querySelector("dialog[open]")) this.open();
  };

  private onOpener = (event: Event): void => {
    if ((event.target as Element).closest("[data-open-palette]")) this.open();
  };

  private onInput = (event: Event): void => {
    if (event.target !== this.input) return;
    this.back();
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(this.input?.value ?? ""), WAIT);
  };

  private onKey = (event: KeyboardEvent): void => {
    if (event.target !== this.input) return;
    const last = this.items.length - 1;
    if (event.key === "ArrowDown") this.point(this.at >= last ? 0 : this.at + 1);
    else if (event.key === "ArrowUp") this.point(this.at <= 0 ? last : this.at - 1);
    else if (event.key === "PageDown") this.point(Math.min(last, this.at + 5));
    else if (event.key === "PageUp") this.point(Math.max(0, this.at - 5));
    else if (event.key === "Enter") void this.enter(event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
  };

  private onClick = (event: Event): void => {
    const target = event.target as Element;
    if (target === this.dialog || target.closest("[data-close]")) this.dialog?.close();
    if (target.closest("[data-back]")) this.back();
    const option = target.closest<HTMLElement>("[role=option]");
    if (!option) return;
    this.point(Number(option.dataset["at"]));
    this.go((event as MouseEvent).ctrlKey || (event as MouseEvent).metaKey);
  };

  private onPoint = (event: Event): void => {
    const option = (event.target as Element).closest<HTMLElement>("[role=option]");
    if (option && Number(option.dataset["at"]) !== this.at) this.point(Number(option.dataset["at"]), false);
  };

  private onClosed = (): void => {
    this.asking?.abort();
    clearTimeout(this.timer);
    this.back();
  };

  /** Escape: from the question back to the list, and from the list out. */
  private onCancel = (event: Event): void => {
    if (this.act?.hidden !== false) return;
    event.preventDefault();
    this.back();
  };

  private onSubmit = (): void => {
    const button = this.querySelector<HTMLButtonElement>("[data-do]");
    if (button) setTimeout(() => (button.disabled = true)); // after the form went: a second Enter is no second act
  };

  private async ask(text: string): Promise<void> {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    const address = `${this.getAttribute("src") ?? "/palette/"}?q=${encodeURIComponent(text)}`;
    try {
      const answer = await fetch(address, { signal: asking.signal, headers: { Accept: "application/json" } });
      if (answer.redirected || answer.status === 401) return location.reload(); // the session is over
      if (!answer.ok) throw new Error(String(answer.status));
      const { groups } = (await answer.json()) as { groups: Group[] };
      this.asked = text;
      this.show(groups);
    } catch (error) {
      if (asking.signal.aborted) return;
      this.show([]);
      this.say(this.dataset["trouble"] ?? String(error));
    }
  }

  private show(groups: Group[]): void {
    const list = this.list;
    if (!list) return;
    this.items = groups.flatMap((group) => group.items);
    let at = 0;
    list.replaceChildren(
      ...groups.map((group) => {
        const box = element("div", "palette-group");
        box.setAttribute("role", "group");
        box.setAttribute("aria-label", group.title);
        const title = element("p", "lbl", group.title);
        title.setAttribute("aria-hidden", "true");
        box.append(title, ...group.items.map((item) => this.option(item, at++)));
        return box;
      }),
    );
    this.input?.setAttribute("aria-expanded", String(this.items.length > 0));
    this.say(this.items.length ? "" : (this.dataset["none"] ?? ""));
    this.point(this.items.length ? 0 : -1);
  }

  private option(item: Item, at: number): HTMLElement {
    const option = element("div", "palette-item");
    option.id = `palette-${at}`;
    option.dataset["at"] = String(at);
    option.setAttribute("role", "option");
    const glyph = element("span", "palette-glyph");
    const shapes = this.querySelector<HTMLTemplateElement>("template[data-shapes]")?.content;
    const shape = shapes?.querySelector(`[data-for="${CSS.escape(item.glyph)}"]`)?.firstElementChild;
    if (shape) glyph.append(shape.cloneNode(true));
    const label = element("span", "palette-label");
    label.append(...marked(item.label, this.asked));
    option.append(glyph, label);
    if (item.note) option.append(element("span", "palette-note mut", item.note));
    return option;
  }

  private point(at: number, scroll = true): void {
    this.at = at;
    for (const option of this.querySelectorAll<HTMLElement>("[role=option]")) {
      const meant = Number(option.dataset["at"]) === at;
      option.setAttribute("aria-selected", String(meant));
      if (meant && scroll) option.scrollIntoView({ block: "nearest" });
    }
    if (at < 0) this.input?.removeAttribute("aria-activedescendant");
    else this.input?.setAttribute("aria-activedescendant", `palette-${at}`);
    const cli = this.querySelector<HTMLElement>("[data-cli]");
    const line = this.items[at]?.cli ?? "";
    if (cli) cli.textContent = line;
    this.querySelector(".palette-foot")?.classList.toggle("has-cli", line !== "");
  }

  /** Whoever types fast is ahead of the list: Enter means what was typed, not what is still shown. */
  private async enter(aside: boolean): Promise<void> {
    const typed = this.input?.value ?? "";
    if (typed !== this.asked) {
      clearTimeout(this.timer);
      await this.ask(typed);
      if (typed !== this.asked || !this.dialog?.open) return;
    }
    this.go(aside);
  }

  private go(aside: boolean): void {
    const item = this.items[this.at];
    if (!item) return;
    if (item.ask) this.question(item);
    else if (aside) window.open(item.url, "_blank", "noopener");
    else location.assign(item.url);
  }

  private question(item: Item): void {
    const [form, list] = [this.act, this.list];
    const why = form?.querySelector<HTMLElement>("[data-why]");
    const reason = why?.querySelector("input");
    const button = form?.querySelector<HTMLButtonElement>("[data-do]");
    if (!form || !list || !why || !reason || !button) return;
    const name = item.label.replace(/…$/, "");
    form.action = item.url;
    write(form, "[data-act-name]", name);
    write(form, "[data-ask]", item.ask ?? "");
    write(form, "[data-why-name]", item.why ?? "");
    why.hidden = reason.disabled = !item.why;
    reason.required = !reason.disabled;
    reason.value = "";
    button.textContent = name;
    button.className = item.why ? "btn btn-danger" : "btn btn-primary";
    button.disabled = false;
    list.hidden = true;
    form.hidden = false;
    (item.why ? reason : button).focus();
  }

  /** From the question to the list, as it was. */
  private back(): void {
    if (!this.act || this.act.hidden) return;
    this.act.hidden = true;
    if (this.list) this.list.hidden = false;
    this.input?.focus();
  }

  private say(words: string): void {
    const line = this.querySelector<HTMLElement>("[data-message]");
    if (line) line.textContent = words;
  }
}

function write(form: HTMLElement, selector: string, words: string): void {
  const place = form.querySelector(selector);
  if (place) place.textContent = words;
}

function element(tag: string, css: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  if (css) made.className = css;
  if (text) made.textContent = text;
  return made;
}

/** The label with the beginnings that were typed marked; text nodes only, so that a name is never markup. */
export function marked(label: string, typed: string): (Node | string)[] {
  const words = typed.trim().split(/\s+/).filter(Boolean).map((word) => word.toLowerCase());
  if (!words.length) return [label];
  return label.split(/(\s+)/).map((part) => {
    const begins = words.filter((word) => part.toLowerCase().startsWith(word)).sort((a, b) => b.length - a.length)[0];
    if (!begins) return part;
    const both = document.createDocumentFragment();
    both.append(element("mark", "", part.slice(0, begins.length)), part.slice(begins.length));
    return both;
  });
}

customElements.define("command-palette", CommandPalette);
