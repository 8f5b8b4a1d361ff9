import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { FieldName, Names } from "./config";

const CALL = /(slot|flag|count|band|decimals|word|code|pay-symbol|asset|brand|brand-lines|content-block|has-block)\(\s*(?:([a-z_][\w.-]*)\s*,\s*)?"([^"\n]*)$/;
const FIELD_KINDS: Record<string, string[]> = {
  slot: ["text"],
  decimals: ["text"],
  band: ["list"],
  count: ["list"],
  flag: ["text", "structure", "list", "object"],
};
const DOCUMENT = ["document.number", "document.title", "document.date"];

/** What may stand in the quotes of a helper: fields of the contract, words, codes, blocks, assets, brand tokens. */
export function offers(helper: string, row: string, names: Names, list = ""): Completion[] {
  switch (helper) {
    case "word":
      return Object.entries(names.words).map(([label, detail]) => ({ label, detail: short(detail), type: "text" }));
    case "code":
    case "pay-symbol":
      return names.codes.map((label) => ({ label, type: "constant" }));
    case "content-block":
    case "has-block":
      return names.blocks.map((label) => ({ label, type: "namespace" }));
    case "asset":
      return names.assets.map((label) => ({ label, type: "constant" }));
    case "brand":
    case "brand-lines":
      return names.brand.map((label) => ({ label, type: "property" }));
    default:
      return fields(helper, row, names.fields, list);
  }
}

function fields(helper: string, row: string, known: FieldName[], list: string): Completion[] {
  const kinds = FIELD_KINDS[helper] ?? ["text"];
  const rows = known.filter((one) => (list ? one.of === list || one.of.endsWith(`.${list}`) : one.of !== ""));
  const fit = (row ? rows : known.filter((one) => one.of === "")).filter((one) => kinds.includes(one.kind));
  const named = fit.map((one) => ({ label: one.path, detail: one.shown || one.of || one.kind, type: "variable" }));
  if (!row && helper === "slot") named.push(...DOCUMENT.map((label) => ({ label, detail: "document", type: "variable" })));
  return [...new Map(named.map((one) => [one.label, one])).values()];
}

function short(text: string): string {
  return text.length > 48 ? `${text.slice(0, 47)}…` : text;
}

/** The helper whose quotes the text before the cursor stands in, with its row and what is typed so far. */
export function within(before: string): { helper: string; row: string; typed: string } | null {
  const found = CALL.exec(before);
  return found ? { helper: found[1] ?? "", row: found[2] ?? "", typed: found[3] ?? "" } : null;
}

/** The list whose rows a name stands for: that of the last `band("lines", row => ..)` before. Empty when none is seen. */
export function listOf(before: string, row: string): string {
  const bands = [...before.matchAll(/band\(\s*(?:[a-z_][\w.-]*\s*,\s*)?"([^"\n]+)"\s*,\s*\(?\s*([a-z_][\w-]*)\s*\)?\s*=>/g)];
  return bands.findLast((one) => one[2] === row)?.[1] ?? "";
}

const HELPERS: Completion[] = [
  ["slot", 'slot("")'],
  ["word", 'word("")'],
  ["flag", 'flag("")'],
  ["count", 'count("")'],
  ["band", 'band("", row => ())'],
  ["code", 'code("", width: 24mm, alt: "")'],
  ["asset", 'asset("")'],
  ["brand", 'brand("")'],
  ["content-block", 'content-block("")'],
].map(([label, apply]) => ({ label: label ?? "", apply: apply ?? "", type: "function" }));

/** The source of CodeMirror's completion; `names` is asked each time, as the contract may change while one types. */
export function completionFrom(names: () => Names): (context: CompletionContext) => CompletionResult | null {
  return (context) => {
    const line = context.state.doc.lineAt(context.pos);
    const here = within(line.text.slice(0, context.pos - line.from));
    if (here) {
      const from = context.pos - here.typed.length;
      const list = here.row ? listOf(context.state.sliceDoc(0, context.pos), here.row) : "";
      return { from, options: offers(here.helper, here.row, names(), list), validFor: /^[\w.-]*$/ };
    }
    const word = context.matchBefore(/#[a-z-]*/);
    if (!word || (word.from === word.to && !context.explicit)) return null;
    return { from: word.from + 1, options: HELPERS, validFor: /^[a-z-]*$/ };
  };
}
