import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { Names } from "./config";

/** Files whose places are written as `{{ view.customer.name }}`. */
export const JINJA = /\.(html|txt)$/;
const OPEN = /\{[{%](?:(?!\}\}|%\}).)*$/s;
const TYPED = /(?:^|[^\w.\])"'])([a-z_][\w.]*)$/i;
const LOOP = /\{%-?\s*for\s+([a-z_]\w*)\s+in\s+(?:([a-z_]\w*)\.)?([\w.]+)\s*-?%\}|\{%-?\s*endfor\s*-?%\}/g;

/** The name that is being typed between the braces, if the cursor stands between some. */
export function place(before: string): string | null {
  const open = OPEN.exec(before.slice(-400));
  return open ? (TYPED.exec(open[0])?.[1] ?? "") : null;
}

/** The loops that are open here: the name of the row, and the list that it is of (`orders.lines` in a loop of orders). */
export function loops(before: string): Map<string, string> {
  const open: [string, string][] = [];
  for (const [, row, of, list] of before.matchAll(LOOP)) {
    if (!row || !list) open.pop();
    else {
      const outer = of && of !== "view" ? open.findLast((one) => one[0] === of)?.[1] : undefined;
      open.push([row, outer ? `${outer}.${list}` : list]);
    }
  }
  return new Map(open);
}

/** All that may be named here: fields of the contract and of the rows one is in, words, facts, tokens, blocks. */
export function named(names: Names, rows: Map<string, string>): Completion[] {
  const fields = names.fields.filter((one) => one.of === "");
  const detail = (one: { shown: string; kind: string }): string => one.shown || one.kind;
  return [
    ...fields.map((one) => ({ label: `view.${one.path}`, detail: detail(one), type: "variable" })),
    ...[...rows].flatMap(([row, list]) =>
      names.fields
        .filter((one) => one.of === list)
        .map((one) => ({ label: one.path ? `${row}.${one.path}` : row, detail: detail(one), type: "variable", boost: 1 })),
    ),
    ...Object.entries(names.words).map(([key, text]) => ({ label: `words.${key}`, detail: text.slice(0, 48), type: "text" })),
    ...["number", "title", "date", "language"].map((fact) => ({ label: `document.${fact}`, type: "property" })),
    ...names.blocks.map((key) => ({ label: `blocks.${key}`, type: "namespace" })),
  ];
}

/** The source of CodeMirror's completion in the HTML lane, in mails and in short texts. */
export function jinjaCompletion(names: () => Names): (context: CompletionContext) => CompletionResult | null {
  return (context) => {
    const before = context.state.sliceDoc(0, context.pos);
    const typed = place(before);
    if (typed === null || (typed === "" && !context.explicit)) return null;
    return { from: context.pos - typed.length, options: named(names(), loops(before)), validFor: /^[\w.]*$/ };
  };
}
