import { areaOf } from "./rich-area";
import { broughtIn, takeAlong } from "./rich-clipboard";
import { chip, draw, read, type Saying } from "./rich-dom";
import { caretAtEnd, cutBefore, cutFieldBefore, inList, putInline, putTree, rangeIn, rowOf, toggleList, typedBefore } from "./rich-edit";
import { History } from "./rich-history";
import { LinkBar } from "./rich-link";
import { FieldMenu } from "./rich-menu";
import { NotRead, sourceOf, treeOf, type Block } from "./rich-source";
import { limited, tidy } from "./rich-tidy";
import { ToolBar } from "./rich-tools";

/** What begins a field: `{`, then its path or what it is called. */
const BEGUN = /\{{1,2}\s*([\w.]*(?: [\w.]+){0,4} ?)$/;

/**
 * `<rich-text>` around one `<textarea>` (write it with the component `<c-rich-text>`, which brings the texts):
 *
 *     <rich-text fields="customer.name number" marks="strong em link list field"
 *                say-field="merge field {name}" say-block=".. {name}" say-fields=".." say-none="..">
 *       <template data-bar>the toolbar: buttons with data-do, a form of the link, the note of what cannot be read</template>
 *       <textarea name=".." aria-..>the source</textarea>
 *     </rich-text>
 *
 * - The textarea stays the field of the form: name, value, `input` events (they bubble), `required`, `readonly`,
 *   labels, `aria-describedby`, `lang`. Without scripts it is what one types in.
 * - Its value is the source of `rich-source.ts` (`composition/block_source.py`). It is written anew when somebody
 *   changes something here, and never before; a source that cannot be read stays a textarea and says so.
 * - Whoever sets the value and sends `input` (a form put back, a test) sees it here; `insertField(path)` puts in a field.
 * - `fields`: paths, apart by spaces. `marks`: what the text may have; nothing else is kept, not from the clipboard.
 * - Keys: Ctrl+B, Ctrl+I, Ctrl+Z, Ctrl+Y, `{` for a field, Alt+F10 to the toolbar, Escape back, Tab leaves.
 */
export class RichText extends HTMLElement {
  private field!: HTMLTextAreaElement;
  private area!: HTMLElement;
  private says!: Saying;
  private marks = new Set<string>();
  private fields: string[] = [];
  private history!: History;
  private menu!: FieldMenu;
  private tools: ToolBar | null = null;
  private link: LinkBar | null = null;
  private ours = false;
  private written = "";

  connectedCallback(): void {
    const field = this.querySelector("textarea");
    if (!field || this.area) return;
    this.field = field;
    this.says = { field: this.say("field", "{name}"), block: this.say("block", "{name}") };
    this.marks = new Set((this.getAttribute("marks") ?? "strong em link list field").split(/\s+/).filter(Boolean));
    this.fields = (this.getAttribute("fields") ?? "").split(/\s+/).filter(Boolean);
    this.area = areaOf(field, this.onLabel);
    field.after(this.area);
    this.history = new History(this.area);
    this.menu = new FieldMenu(this.area, this, this.fields, this.say("fields", ""), this.picked);
    const bar = this.querySelector<HTMLTemplateElement>("template[data-bar]");
    if (bar && !field.readOnly) {
      field.before(bar.content.cloneNode(true));
      this.tools = new ToolBar(this, this.area, this.marks, this.fields.length > 0, this.act);
      this.link = new LinkBar(this, this.area, () => this.history.before("act"), this.changed);
    }
    this.listen();
    this.redraw();
    this.setAttribute("ready", "");
  }

  disconnectedCallback(): void {
    document.removeEventListener("selectionchange", this.onChosen);
    window.removeEventListener("pageshow", this.onShown);
  }

  /** The source as it stands. */
  get value(): string {
    return this.field.value;
  }

  /** Put a merge field where the caret is. */
  insertField(path: string): void {
    if (!rangeIn(this.area)) {
      this.area.focus();
      caretAtEnd(this.area.lastElementChild ?? this.area);
    }
    this.history.before("act");
    putInline(this.area, [chip(path, this.says)]);
    this.changed();
  }

  private say(name: string, otherwise: string): string {
    return this.getAttribute(`say-${name}`) || otherwise;
  }

  private listen(): void {
    const area = this.area;
    area.addEventListener("beforeinput", this.onBefore);
    area.addEventListener("input", this.onInput);
    area.addEventListener("compositionend", this.onInput);
    area.addEventListener("keydown", this.onKey);
    area.addEventListener("paste", this.onPaste);
    area.addEventListener("copy", this.onCopy);
    area.addEventListener("cut", this.onCopy);
    area.addEventListener("blur", () => this.menu.close());
    area.addEventListener("click", (event) => (event.target as Element).closest("a") && event.preventDefault());
    this.field.addEventListener("input", this.onField);
    this.field.addEventListener("change", this.onField);
    this.field.addEventListener("invalid", this.onInvalid);
    this.field.form?.addEventListener("reset", () => setTimeout(() => this.redraw()));
    document.addEventListener("selectionchange", this.onChosen);
    window.addEventListener("pageshow", this.onShown);
  }

  /** The area as the textarea says; where its source cannot be read the textarea itself is shown. */
  private redraw(): void {
    let tree: Block[] = [];
    let line = 0;
    try {
      tree = treeOf(this.field.value);
    } catch (error) {
      if (!(error instanceof NotRead)) throw error;
      line = error.line;
    }
    this.written = this.field.value;
    this.history.clear();
    this.shown(line > 0 || this.hasAttribute("raw"), line);
    this.area.replaceChildren(...(tree.length ? draw(tree, this.says) : draw([{ kind: "paragraph", children: [] }], this.says)));
    this.area.querySelectorAll("p").forEach((row) => row.childNodes.length || row.append(document.createElement("br")));
    this.tools?.follow(this.history);
  }

  private shown(raw: boolean, line: number): void {
    this.area.hidden = raw;
    this.field.classList.toggle("rt-hidden", !raw);
    this.field.tabIndex = raw ? 0 : -1;
    if (raw) this.field.removeAttribute("aria-hidden");
    else this.field.setAttribute("aria-hidden", "true");
    this.toggleAttribute("raw", raw);
    this.tools?.raw(raw, line);
  }

  /** The textarea as the area says. */
  private changed = (): void => {
    const next = sourceOf(tidy(limited(read(this.area), this.marks)));
    this.tools?.follow(this.history);
    if (next === this.written) return;
    this.written = next;
    this.field.value = next;
    this.area.removeAttribute("aria-invalid");
    this.ours = true;
    this.field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    this.ours = false;
  };

  private act = (what: string): void => {
    if (what === "source") {
      const raw = !this.hasAttribute("raw");
      this.toggleAttribute("raw", raw);
      this.redraw();
      (this.hasAttribute("raw") ? this.field : this.area).focus();
      return;
    }
    if (what === "link") {
      this.link?.ask();
      return;
    }
    if (!rangeIn(this.area)) {
      this.area.focus();
      caretAtEnd(this.area.lastElementChild ?? this.area);
    }
    if (what === "undo" || what === "redo") {
      this.history[what]();
    } else if (what === "field") {
      this.area.focus();
      this.history.before("act");
      putInline(this.area, [document.createTextNode("{")]);
      this.suggest();
    } else {
      this.history.before("act");
      if (what === "ul" || what === "ol") toggleList(this.area, what);
      else document.execCommand(what === "strong" ? "bold" : "italic");
    }
    this.changed();
  };

  private onBefore = (event: InputEvent): void => {
    const kind = event.inputType;
    if (kind === "historyUndo" || kind === "historyRedo") {
      event.preventDefault();
      this.act(kind === "historyUndo" ? "undo" : "redo");
    } else if (kind.startsWith("format") && !(kind === "formatBold" ? this.marks.has("strong") : kind === "formatItalic" && this.marks.has("em"))) {
      event.preventDefault();
    } else if (kind === "insertFromDrop" && event.dataTransfer) {
      event.preventDefault();
      this.put(event.dataTransfer);
    } else this.history.before(/^(insert(Composition)?Text|delete)/.test(kind) ? kind.slice(0, 6) : "act");
  };

  private onInput = (event: Event): void => {
    if (event instanceof InputEvent && event.isComposing) return;
    const hand = this.fields.length ? typedBefore(this.area, /\{\{\s*([A-Za-z_][\w.]*)\s*\}\}$/) : null;
    if (hand && this.fields.includes(hand.found[1] ?? "")) this.replace(hand.text, hand.found[0].length, hand.found[1] ?? "");
    else this.suggest();
    this.changed();
  };

  private suggest(): void {
    const begun = this.marks.has("field") ? typedBefore(this.area, BEGUN) : null;
    const range = rangeIn(this.area);
    if (!begun || !range || !this.fields.length) {
      this.menu.close();
      return;
    }
    const boxes = range.getClientRects();
    this.menu.show(begun.found[1] ?? "", boxes[boxes.length - 1] ?? (rowOf(this.area, begun.text) ?? this.area).getBoundingClientRect());
  }

  private picked = (path: string): void => {
    const begun = typedBefore(this.area, BEGUN);
    this.menu.close();
    this.history.before("act");
    if (begun) this.replace(begun.text, begun.found[0].length, path);
    else putInline(this.area, [chip(path, this.says)]);
    this.changed();
  };

  private replace(text: Text, length: number, path: string): void {
    cutBefore(text, getSelection()?.anchorOffset ?? text.length, length);
    putInline(this.area, [chip(path, this.says)]);
  }

  private onKey = (event: KeyboardEvent): void => {
    if (this.menu.key(event)) return;
    const mod = (event.ctrlKey || event.metaKey) && !event.altKey;
    const key = event.key.toLowerCase();
    if (event.key === "Backspace" && !event.isComposing && this.fieldGoes()) this.changed();
    else if (event.altKey && event.key === "F10") this.tools?.focus();
    else if (mod && key === "z") this.act(event.shiftKey ? "redo" : "undo");
    else if (mod && key === "y") this.act("redo");
    else return;
    event.preventDefault();
  };

  /** Backspace behind a field takes it whole, whatever stands invisibly between. */
  private fieldGoes(): boolean {
    if (!typedBefore(this.area, /^\u200b+$/) || this.field.readOnly) return false;
    this.history.before("act");
    return cutFieldBefore(this.area);
  }

  private onPaste = (event: ClipboardEvent): void => {
    event.preventDefault();
    if (event.clipboardData) this.put(event.clipboardData);
  };

  private put(brought: DataTransfer): void {
    const text = brought.getData("text/plain");
    const tree = broughtIn(brought, this.marks);
    if (!tree.length) return;
    this.history.before("act");
    const edge = /^\s/.test(text) && tree.length === 1 ? " " : "";
    if (edge) putInline(this.area, [document.createTextNode(edge)]);
    putTree(this.area, tree, this.says);
    this.changed();
  }

  private onCopy = (event: ClipboardEvent): void => {
    const range = rangeIn(this.area);
    if (!range || range.collapsed || !event.clipboardData) return;
    event.preventDefault();
    takeAlong(range, event.clipboardData);
    if (event.type !== "cut" || this.field.readOnly) return;
    this.history.before("act");
    range.deleteContents();
    this.changed();
  };

  private onField = (): void => {
    if (this.ours || this.field.value === this.written || this.hasAttribute("raw")) return;
    this.redraw();
  };

  private onInvalid = (event: Event): void => {
    if (this.hasAttribute("raw")) return;
    event.preventDefault();
    this.area.setAttribute("aria-invalid", "true");
    this.area.focus();
  };

  private onLabel = (event: Event): void => {
    if (this.area.hidden) return;
    event.preventDefault();
    this.area.focus();
  };

  private onChosen = (): void => {
    const range = rangeIn(this.area);
    if (!range) return;
    for (const one of this.area.querySelectorAll<HTMLElement>("[data-field]")) {
      one.toggleAttribute("data-chosen", !range.collapsed && range.intersectsNode(one));
    }
    this.tools?.stand({ ul: inList(this.area, "ul"), ol: inList(this.area, "ol") });
  };

  private onShown = (): void => {
    if (this.field.value !== this.written) this.redraw();
  };
}

customElements.define("rich-text", RichText);
