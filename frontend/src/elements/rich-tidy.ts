import type { Block, Inline, Item, List } from "./rich-source";

/** What stands at one place of a line, with the marks around it. */
interface Run {
  what: { kind: "text"; text: string } | { kind: "field"; field: string } | { kind: "break" };
  strong: boolean;
  em: boolean;
  href: string;
}

const DROPPED = /[\u00ad\u200b\u200e\u200f\u2060\ufeff]/g;
const WHITE = /[ \t-\r\u0085\u1680\u2000-\u200a\u2028\u2029\u205f\u3000]+/g;

/**
 * A tree as its source can say it: link around strong around emphasis, neighbours with equal marks as one, no mark over
 * a line end, no spaces at the ends of a line, nothing empty. Editing makes any overlap; this is what it means.
 */
export function tidy(tree: readonly Block[]): Block[] {
  const out: Block[] = [];
  for (const node of tree) {
    if (node.kind === "block") out.push({ kind: "block", key: node.key });
    else if (node.kind === "list") {
      const list = tidyList(node);
      if (list) out.push(list);
    } else {
      const children = tidyLine(node.children, true);
      if (children.length) out.push({ kind: "paragraph", children });
    }
  }
  return out;
}

function tidyList(list: List): List | null {
  const children: Item[] = [];
  for (const item of list.children) {
    const own = tidyLine(item.children.filter((one): one is Inline => one.kind !== "list"), false);
    const inner = item.children.filter((one): one is List => one.kind === "list").flatMap((one) => tidyList(one) ?? []);
    const above = children.at(-1);
    if (own.length) children.push({ kind: "item", children: [...own, ...merged(inner)] });
    else if (above) above.children = joined(above.children, inner);
    else children.push(...inner.flatMap((one) => one.children));
  }
  if (!children.length) return null;
  return list.numbered ? { kind: "list", numbered: true, children } : { kind: "list", children };
}

function joined(children: Item["children"], more: readonly List[]): Item["children"] {
  const own = children.filter((one) => one.kind !== "list");
  return [...own, ...merged([...children.filter((one): one is List => one.kind === "list"), ...more])];
}

/** Inner lists that follow each other and are of one kind are one: the source has no line between them. */
function merged(lists: readonly List[]): List[] {
  const out: List[] = [];
  for (const list of lists) {
    const last = out.at(-1);
    if (last && Boolean(last.numbered) === Boolean(list.numbered)) last.children = [...last.children, ...list.children];
    else out.push({ ...list });
  }
  return out;
}

function tidyLine(nodes: readonly Inline[], breaks: boolean): Inline[] {
  const lines: Run[][] = [[]];
  for (const run of runsOf(nodes, false, false, "")) {
    if (run.what.kind !== "break") lines.at(-1)?.push(run);
    else if (breaks) lines.push([]);
    else lines.at(-1)?.push({ ...run, what: { kind: "text", text: " " } });
  }
  const kept = lines.map(spaced).filter((line) => line.length);
  return kept.flatMap((line, index) => [...(index ? [{ kind: "break" } as const] : []), ...nested(line)]);
}

function* runsOf(nodes: readonly Inline[], strong: boolean, em: boolean, href: string): Generator<Run> {
  for (const node of nodes) {
    if (node.kind === "text") yield { what: { kind: "text", text: node.text.replace(DROPPED, "").replace(WHITE, " ") }, strong, em, href };
    else if (node.kind === "field" || node.kind === "break") yield { what: node, strong, em, href };
    else if (node.kind === "link") yield* runsOf(node.children, strong, em, href || (/^[^()\s]+$/.test(node.href) ? node.href : ""));
    else yield* runsOf(node.children, strong || node.kind === "strong", em || node.kind === "em", href);
  }
}

const same = (one: Run, other: Run): boolean => one.strong === other.strong && one.em === other.em && one.href === other.href;

/** One space between words, none at the ends, and neighbours of equal marks as one. */
function spaced(runs: readonly Run[]): Run[] {
  const out: Run[] = [];
  for (const run of runs) {
    const last = out.at(-1);
    if (run.what.kind !== "text") {
      out.push(run);
      continue;
    }
    const after = !last || (last.what.kind === "text" && last.what.text.endsWith(" "));
    const text = !last ? run.what.text.trimStart() : after ? run.what.text.replace(/^ /, "") : run.what.text;
    if (!text) continue;
    if (last?.what.kind === "text" && same(last, run)) out[out.length - 1] = { ...last, what: { kind: "text", text: last.what.text + text } };
    else out.push({ ...run, what: { kind: "text", text } });
  }
  for (let last = out.at(-1); last?.what.kind === "text"; last = out.at(-1)) {
    out.pop();
    const text = last.what.text.trimEnd();
    if (!text) continue;
    out.push({ ...last, what: { kind: "text", text } });
    break;
  }
  return out;
}

function nested(runs: readonly Run[]): Inline[] {
  return grouped(runs, (run) => run.href).flatMap((linked) => {
    const inner = grouped(linked, (run) => run.strong).flatMap((strong) => {
      const marked = grouped(strong, (run) => run.em).flatMap((em) => {
        const plain = em.map((run) => run.what);
        return em[0]?.em ? [{ kind: "em", children: plain } as Inline] : plain;
      });
      return strong[0]?.strong ? [{ kind: "strong", children: marked } as Inline] : marked;
    });
    const href = linked[0]?.href ?? "";
    return href ? [{ kind: "link", href, children: inner } as Inline] : inner;
  });
}

function grouped(runs: readonly Run[], by: (run: Run) => unknown): Run[][] {
  const out: Run[][] = [];
  for (const run of runs) {
    const last = out.at(-1);
    if (last?.[0] && by(last[0]) === by(run)) last.push(run);
    else out.push([run]);
  }
  return out;
}

/** The tree with no more than a form allows (`strong em link list field`); words stay, only their looks go. */
export function limited(tree: readonly Block[], may: ReadonlySet<string>): Block[] {
  const line = (nodes: readonly Inline[]): Inline[] =>
    nodes.flatMap((node) => {
      if (!("children" in node)) return [node];
      const children = line(node.children);
      return may.has(node.kind) ? [{ ...node, children } as Inline] : children;
    });
  const list = (node: List): List => ({
    ...node,
    children: node.children.map((item) => ({
      kind: "item",
      children: item.children.flatMap((one): Item["children"] => (one.kind === "list" ? [list(one)] : line([one]))),
    })),
  });
  const flat = (node: List): Block[] =>
    node.children.flatMap((item) => [
      { kind: "paragraph", children: line(item.children.filter((one): one is Inline => one.kind !== "list")) },
      ...item.children.filter((one): one is List => one.kind === "list").flatMap(flat),
    ]);
  return tree.flatMap((node): Block[] => {
    if (node.kind === "list") return may.has("list") ? [list(node)] : flat(node);
    return [node.kind === "paragraph" ? { ...node, children: line(node.children) } : node];
  });
}
