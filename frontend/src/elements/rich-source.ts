/**
 * The source of a content block and the tree it stands for: the same grammar as `composition/block_source.py`, held
 * to it by `tests/golden/block_source.json`, which the tests of both read.
 *
 * Paragraphs are apart by an empty line, a line end within one is a break, `- ` and `1. ` begin items, two spaces more
 * an inner list; `**strong**`, `*emphasis*`, `[text](https://..)`, `{{ customer.name }}`, `{{ block: KEY }}` alone.
 */
export type Inline =
  | { kind: "text"; text: string }
  | { kind: "field"; field: string }
  | { kind: "break" }
  | { kind: "strong" | "em"; children: Inline[] }
  | { kind: "link"; href: string; children: Inline[] };
export interface Item {
  kind: "item";
  children: (Inline | List)[];
}
export interface List {
  kind: "list";
  numbered?: true;
  children: Item[];
}
export type Block = { kind: "paragraph"; children: Inline[] } | List | { kind: "block"; key: string };

/** A source that this grammar does not read: it is shown as it was typed, never mended in silence. */
export class NotRead extends Error {
  constructor(readonly line: number) {
    super(`line ${line}`);
  }
}

export const FIELD = /\{\{\s*([A-Za-z_][\w.]*)\s*\}\}/y;
export const HREF = /^(https:\/\/|mailto:|tel:)[^\s<>"()]+$/;
const ITEM = /^( *)(?:([-•]) |(\d{1,3})[.)] )(.*)$/;
const BLOCK = /^\{\{\s*block:\s*([a-z][a-z0-9-]*)\s*\}\}$/;
const LINK = /\[((?:[^\]\\]|\\.)+)\]\(([^()\s]+)\)/y;
const MARKS = /[\\*[\]{}]/g;
const DEEPEST = 8;

/** The tree of a source. Throws NotRead with the line. */
export function treeOf(source: string): Block[] {
  const lines = source.replace(/\r\n?/g, "\n").split("\n");
  const tree: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? "";
    const held = BLOCK.exec(line.trim());
    if (!line.trim()) at += 1;
    else if (held) {
      tree.push({ kind: "block", key: held[1] ?? "" });
      at += 1;
    } else if (ITEM.test(line)) {
      const [found, next] = listAt(lines, at, 0);
      tree.push(found);
      at = next;
    } else {
      const children: Inline[] = [];
      const first = at;
      while (at < lines.length && lines[at]?.trim() && !ITEM.test(lines[at] ?? "")) {
        if (at > first) children.push({ kind: "break" });
        children.push(...inlineOf((lines[at] ?? "").trim(), at + 1));
        at += 1;
      }
      tree.push({ kind: "paragraph", children });
    }
  }
  return tree;
}

function listAt(lines: string[], from: number, depth: number): [List, number] {
  let at = from;
  const made: List = ITEM.exec(lines[at] ?? "")?.[3] ? { kind: "list", numbered: true, children: [] } : { kind: "list", children: [] };
  for (let here = ITEM.exec(lines[at] ?? ""); here; here = ITEM.exec(lines[at] ?? "")) {
    const level = Math.floor((here[1] ?? "").length / 2);
    if (level < depth || (level === depth && Boolean(here[3]) !== Boolean(made.numbered))) break;
    if (level > depth) {
      const above = made.children.at(-1);
      if (!above || depth >= DEEPEST) throw new NotRead(at + 1);
      const [inner, next] = listAt(lines, at, depth + 1);
      above.children.push(inner);
      at = next;
      continue;
    }
    made.children.push({ kind: "item", children: inlineOf(here[4] ?? "", at + 1) });
    at += 1;
    if (at >= lines.length) break;
  }
  return [made, at];
}

function inlineOf(text: string, line: number): Inline[] {
  const out: Inline[] = [];
  let plain = "";
  let at = 0;
  const flush = (): void => {
    if (plain) out.push({ kind: "text", text: plain });
    plain = "";
  };
  while (at < text.length) {
    const sign = text[at] ?? "";
    if (sign === "\\" && at + 1 < text.length) {
      plain += text[at + 1];
      at += 2;
      continue;
    }
    const field = matchAt(FIELD, text, at);
    const link = field ? null : matchAt(LINK, text, at);
    if (field) {
      flush();
      out.push({ kind: "field", field: field[1] ?? "" });
      at += field[0].length;
    } else if (link) {
      flush();
      out.push({ kind: "link", href: link[2] ?? "", children: inlineOf(link[1] ?? "", line) });
      at += link[0].length;
    } else if (sign === "*") {
      const mark = text.startsWith("**", at) ? "**" : "*";
      const end = closing(text, at + mark.length, mark);
      if (end < 0) throw new NotRead(line);
      flush();
      out.push({ kind: mark === "**" ? "strong" : "em", children: inlineOf(text.slice(at + mark.length, end), line) });
      at = end + mark.length;
    } else if (text.startsWith("{{", at)) throw new NotRead(line);
    else {
      plain += sign;
      at += 1;
    }
  }
  flush();
  return out;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Where the mark that is open closes; a double star does not close a single one. */
function closing(text: string, from: number, mark: string): number {
  let at = from;
  while (at < text.length) {
    if (text[at] === "\\") at += 2;
    else if (mark === "*" && text.startsWith("***", at)) return at;
    else if (text.startsWith("**", at)) {
      if (mark === "**") return at;
      const inner = closing(text, at + 2, "**");
      at = inner >= 0 ? inner + 2 : at + 2;
    } else if (text[at] === "*") {
      if (mark === "*") return at;
      const inner = closing(text, at + 1, "*");
      at = inner >= 0 ? inner + 1 : at + 1;
    } else at += 1;
  }
  return -1;
}

/** The source of a tree, in the one form that reads back as the same tree (of one that `tidy` has seen). */
export function sourceOf(tree: readonly Block[]): string {
  return tree
    .map((node) => {
      if (node.kind === "block") return `{{ block: ${node.key} }}`;
      return node.kind === "list" ? items(node, "").join("\n") : lineOf(node.children);
    })
    .join("\n\n");
}

function items(list: List, indent: string): string[] {
  return list.children.flatMap((item, index) => {
    const own = item.children.filter((one): one is Inline => one.kind !== "list");
    const inner = item.children.filter((one): one is List => one.kind === "list");
    const mark = list.numbered ? `${index + 1}. ` : "- ";
    return [indent + mark + lineOf(own), ...inner.flatMap((one) => items(one, `${indent}  `))];
  });
}

function lineOf(nodes: readonly Inline[]): string {
  let out = "";
  for (const node of nodes) {
    if (node.kind === "text") {
      const text = node.text.replace(MARKS, "\\$&");
      const starts = out === "" || out.endsWith("\n");
      out += starts && ITEM.test(`${text} `) ? `\\${text}` : text;
    } else if (node.kind === "field") out += `{{ ${node.field} }}`;
    else if (node.kind === "break") out += "\n";
    else if (node.kind === "link") out += `[${lineOf(node.children)}](${node.href})`;
    else {
      const mark = node.kind === "strong" ? "**" : "*";
      out += mark + lineOf(node.children) + mark;
    }
  }
  return out;
}
