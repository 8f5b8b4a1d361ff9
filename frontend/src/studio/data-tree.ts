import { fill } from "./config";

type Plain = null | boolean | number | string | Plain[] | { [name: string]: Plain };
/** How many rows of a list are shown; the others are like them. */
const ROWS = 3;

/**
 * The sample as a tree of buttons: a press writes the field into the source. Made with nodes and texts alone, never
 * with markup, as it shows what somebody typed.
 */
export function dataTree(data: Plain, says: Record<string, string>, path = "", depth = 0): HTMLElement {
  const list = document.createElement("ul");
  list.className = "st-tree";
  const rows: [string, Plain][] = Array.isArray(data)
    ? data.slice(0, ROWS).map((one, index): [string, Plain] => [String(index), one])
    : data && typeof data === "object"
      ? Object.entries(data)
      : [];
  for (const [name, value] of rows) {
    const here = path ? `${path}.${name}` : name;
    const item = document.createElement("li");
    if (value && typeof value === "object") {
      const details = document.createElement("details");
      details.open = depth < 1 || Array.isArray(data);
      const summary = document.createElement("summary");
      summary.append(named(name));
      if (Array.isArray(value)) summary.append(aside(fill(says["rows"] ?? "{n}", { n: value.length })));
      details.append(summary, dataTree(value, says, here, depth + 1));
      item.append(details);
    } else {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset["path"] = here;
      button.title = fill(says["insert"] ?? "{path}", { path: here });
      button.append(named(name), shown(value));
      item.append(button);
    }
    list.append(item);
  }
  if (Array.isArray(data) && data.length > ROWS) {
    const more = document.createElement("li");
    more.append(aside(fill(says["more"] ?? "{n}", { n: data.length - ROWS })));
    list.append(more);
  }
  return list;
}

function named(name: string): HTMLElement {
  const span = document.createElement("span");
  span.className = "st-name";
  span.textContent = name;
  return span;
}

function shown(value: Plain): HTMLElement {
  const span = document.createElement("span");
  span.className = typeof value === "string" ? "st-text" : "st-flag";
  const text = JSON.stringify(value);
  span.textContent = text.length > 60 ? `${text.slice(0, 59)}…` : text;
  return span;
}

function aside(text: string): HTMLElement {
  const span = document.createElement("span");
  span.className = "mut";
  span.textContent = text;
  return span;
}

/** What is written for a field: a slot, of its row where it stands in a list, a flag for what is no text. */
export function helperFor(path: string, value: Plain, file: string): string {
  const steps = path.split(".");
  const last = steps.findLastIndex((step) => /^\d+$/.test(step));
  const inner = steps.slice(last + 1).join(".");
  if (!file.endsWith(".typ")) {
    if (file.endsWith(".docx")) return `{{ ${path} }}`;
    return last < 0 ? `{{ view.${path} }}` : `{{ row.${inner} }}`;
  }
  const helper = typeof value === "string" ? "slot" : "flag";
  if (last < 0) return `${helper}("${path}")`;
  return inner ? `${helper}(row, "${inner}")` : "row";
}

/** The value at a dotted path. */
export function valueAt(data: Plain, path: string): Plain {
  let here: Plain = data;
  for (const step of path.split(".")) {
    if (!here || typeof here !== "object") return null;
    here = (here as { [name: string]: Plain })[step] ?? null;
  }
  return here;
}

export type { Plain };
