import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { HighlightStyle, bracketMatching, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { completionFrom } from "./completion";
import { JINJA, jinjaCompletion } from "./completion-jinja";
import type { Fault, Names } from "./config";
import { modeOf } from "./modes";

const LOOKS = HighlightStyle.define([
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
  { tag: tags.string, color: "var(--color-success)" },
  { tag: tags.keyword, color: "var(--held)" },
  { tag: tags.tagName, color: "var(--color-warning)" },
  { tag: tags.variableName, color: "var(--color-primary)" },
  { tag: tags.propertyName, color: "var(--color-primary)" },
  { tag: [tags.number, tags.atom], color: "var(--color-info)" },
  { tag: tags.link, color: "var(--muted)" },
]);

const THEME = EditorView.theme({
  "&": { height: "100%", fontSize: ".8125rem", color: "var(--color-base-content)", background: "var(--color-base-100)" },
  "&.cm-focused": { outline: "2px solid var(--color-primary)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.25rem", overflow: "auto" },
  ".cm-content": { caretColor: "var(--color-primary)", paddingBlock: ".5rem" },
  ".cm-cursor": { borderLeftColor: "var(--color-primary)", borderLeftWidth: "2px" },
  ".cm-gutters": { background: "var(--color-base-100)", color: "var(--muted)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { background: "var(--sel)" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { background: "var(--hit)" },
  ".cm-tooltip": { background: "var(--color-base-100)", color: "var(--color-base-content)", border: "1px solid var(--rule-strong)", borderRadius: "4px" },
  ".cm-tooltip-autocomplete > ul > li": { padding: ".125rem .5rem" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { background: "var(--sel)", color: "var(--color-primary)" },
  ".cm-completionDetail": { color: "var(--muted)", fontStyle: "normal", marginLeft: "1em" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--color-error)" },
  ".cm-panels": { background: "var(--color-base-200)", color: "var(--color-base-content)" },
  ".cm-searchMatch": { background: "var(--hit)" },
});

/**
 * CodeMirror with the files of a draft, one open at a time; each keeps its own history and place. It lives in a shadow
 * root, where its styles are adopted style sheets: the content security policy allows no style elements.
 */
export class Editor {
  readonly view: EditorView;
  private readonly states = new Map<string, EditorState>();
  private readonly label = new Compartment();
  name = "";

  constructor(
    host: HTMLElement,
    private readonly texts: Map<string, string>,
    private readonly options: {
      names: () => Names;
      label: (file: string) => string;
      phrases: Record<string, string>;
      readOnly: boolean;
      changed: (file: string, text: string) => void;
    },
  ) {
    const root = host.shadowRoot ?? host.attachShadow({ mode: "open", delegatesFocus: true });
    this.view = new EditorView({ parent: root, root, state: EditorState.create() });
  }

  /** Shows a file; what was typed in others stays. */
  open(name: string): void {
    if (name === this.name) return;
    if (this.name) this.states.set(this.name, this.view.state);
    this.name = name;
    this.view.setState(this.states.get(name) ?? this.fresh(name, this.texts.get(name) ?? ""));
  }

  /** Puts another text into a file, as when somebody else's change was merged. */
  replace(name: string, text: string): void {
    this.texts.set(name, text);
    if (name !== this.name) this.states.delete(name);
    else if (this.view.state.doc.toString() !== text) {
      this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
    }
  }

  /** Faults of the open file on their lines. */
  mark(faults: readonly Fault[]): void {
    const doc = this.view.state.doc;
    const found: Diagnostic[] = faults
      .filter((fault) => fault.file === this.name && fault.line > 0 && fault.line <= doc.lines)
      .map((fault) => {
        const line = doc.line(fault.line);
        const from = line.from + (line.text.length - line.text.trimStart().length);
        return { from, to: Math.max(from, line.to), severity: "error", message: `${fault.what} ${fault.hint}`.trim() };
      });
    this.view.dispatch(setDiagnostics(this.view.state, found));
  }

  /** Selects a place and shows it. Lines and columns count from 1. */
  go(file: string, line: number, column = 1, length = 0): void {
    this.open(file);
    const doc = this.view.state.doc;
    const at = doc.line(Math.min(Math.max(1, line), doc.lines));
    const from = Math.min(at.from + column - 1, doc.length);
    const anchor = Math.min(from + length, doc.length);
    this.view.dispatch({
      selection: { anchor, head: from },
      effects: EditorView.scrollIntoView(from, { y: "center" }),
    });
    this.view.focus();
  }

  /** Writes at the cursor. */
  insert(text: string): void {
    if (this.options.readOnly) return;
    this.view.dispatch(this.view.state.replaceSelection(text));
    this.view.focus();
  }

  /** The text of the line up to the cursor, by which one sees whether it is code or prose. */
  before(): string {
    const { state } = this.view;
    const line = state.doc.lineAt(state.selection.main.head);
    return line.text.slice(0, state.selection.main.head - line.from);
  }

  destroy(): void {
    this.view.destroy();
  }

  private fresh(name: string, doc: string): EditorState {
    return EditorState.create({
      doc,
      extensions: [
        lineNumbers(),
        history(),
        bracketMatching(),
        highlightActiveLine(),
        highlightSelectionMatches(),
        indentUnit.of("  "),
        EditorState.readOnly.of(this.options.readOnly),
        EditorState.phrases.of(this.options.phrases),
        modeOf(name),
        syntaxHighlighting(LOOKS),
        autocompletion({ override: [(JINJA.test(name) ? jinjaCompletion : completionFrom)(this.options.names)], icons: false }),
        lintGutter(),
        keymap.of([...completionKeymap, ...searchKeymap, ...lintKeymap, ...historyKeymap, indentWithTab, ...defaultKeymap.filter((one) => one.key !== "Mod-Enter")]),
        this.label.of(EditorView.contentAttributes.of({ "aria-label": this.options.label(name), tabindex: "0" })),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          const text = update.state.doc.toString();
          this.texts.set(name, text);
          this.options.changed(name, text);
        }),
        THEME,
      ],
    });
  }
}
