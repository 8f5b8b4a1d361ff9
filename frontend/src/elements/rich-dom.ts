import { HREF, type Block, type Inline, type Item, type List } from "./rich-source";

/** How a merge field is shown and read out: `{name}` is filled in. */
export interface Saying {
  field: string;
  block: string;
}

const PATH = /^[A-Za-z_][\w.]*$/;

/** A field's name as a person says it: `customer.postal_code` is "customer postal code". */
export function called(path: string): string {
  return path.replace(/[._]+/g, " ");
}

/** A merge field: one thing for caret and Backspace; a screen reader says what it is. */
export function chip(path: string, says: Saying): HTMLElement {
  const made = document.createElement("span");
  made.className = "rt-field";
  made.contentEditable = "false";
  made.dataset["field"] = path;
  made.dir = "auto";
  made.title = path;
  const [before = "", after = ""] = says.field.split("{name}");
  made.append(hidden(before), called(path), hidden(after));
  return made;
}

function hidden(text: string): HTMLElement | string {
  if (!text) return "";
  const made = document.createElement("span");
  made.className = "sr-only";
  made.textContent = text;
  return made;
}

/** The nodes that show a tree. Texts become text nodes and nothing else. */
export function draw(tree: readonly Block[], says: Saying): HTMLElement[] {
  return tree.map((node) => {
    if (node.kind === "list") return drawList(node, says);
    if (node.kind === "paragraph") return filled("p", node.children, says);
    const made = document.createElement("div");
    made.className = "rt-block";
    made.contentEditable = "false";
    made.dataset["block"] = node.key;
    made.textContent = says.block.replace("{name}", node.key);
    return made;
  });
}

function drawList(list: List, says: Saying): HTMLElement {
  const made = document.createElement(list.numbered ? "ol" : "ul");
  for (const item of list.children) {
    const own = item.children.filter((one): one is Inline => one.kind !== "list");
    const row = filled("li", own, says);
    for (const inner of item.children) if (inner.kind === "list") row.append(drawList(inner, says));
    made.append(row);
  }
  return made;
}

/** A paragraph or an item; an empty one holds a line end, so that a caret can stand in it. */
export function filled(tag: "p" | "li", nodes: readonly Inline[], says: Saying): HTMLElement {
  const made = document.createElement(tag);
  made.dir = "auto";
  made.append(...drawInline(nodes, says));
  if (!nodes.length) made.append(document.createElement("br"));
  return made;
}

export function drawInline(nodes: readonly Inline[], says: Saying): Node[] {
  return nodes.map((node) => {
    if (node.kind === "text") return document.createTextNode(node.text);
    if (node.kind === "field") return chip(node.field, says);
    if (node.kind === "break") return document.createElement("br");
    const made = document.createElement(node.kind === "link" ? "a" : node.kind);
    if (node.kind === "link") {
      made.setAttribute("href", node.href);
      made.title = node.href;
    }
    made.append(...drawInline(node.children, says));
    return made;
  });
}

const BLOCKS = new Set(["P", "DIV", "H1", "H2", "H3", "H4", "H5", "H6", "BLOCKQUOTE", "PRE", "TR", "SECTION", "ARTICLE", "HEADER", "FOOTER", "MAIN", "DT", "DD"]);
const SKIPPED = new Set(["SCRIPT", "STYLE", "TITLE", "META", "LINK", "TEMPLATE", "IFRAME", "OBJECT", "SVG", "MATH", "HEAD", "SELECT", "TEXTAREA"]);

/**
 * The tree of what stands below `root`, whoever made it: our own editing or a page that was copied from. Only what the
 * source can say is kept: paragraphs, lists, bold, emphasis, links to safe addresses, fields, blocks.
 */
export function read(root: ParentNode): Block[] {
  const out: Block[] = [];
  let open: Inline[] | null = null;
  const close = (): void => {
    open = null;
  };
  const inline = (): Inline[] => {
    if (!open) {
      open = [];
      out.push({ kind: "paragraph", children: open });
    }
    return open;
  };
  const walk = (parent: ParentNode): void => {
    for (const node of parent.childNodes) {
      if (!(node instanceof Element)) {
        if (node.nodeType === Node.TEXT_NODE && (open || node.textContent?.trim())) inline().push(...readInline([node]));
        continue;
      }
      const tag = node.tagName.toUpperCase();
      const key = node instanceof HTMLElement ? (node.dataset["block"] ?? "") : "";
      if (SKIPPED.has(tag)) continue;
      if (/^[a-z][a-z0-9-]*$/.test(key)) {
        close();
        out.push({ kind: "block", key });
      } else if (tag === "UL" || tag === "OL") {
        close();
        out.push(readList(node));
      } else if (BLOCKS.has(tag) || (holdsBlocks(node) && !marksOf(node))) {
        close();
        walk(node);
        close();
      } else inline().push(...readInline([node]));
    }
  };
  walk(root);
  return out;
}

const holdsBlocks = (node: Element): boolean => node.querySelector("p, div, ul, ol, li, h1, h2, h3, h4, table") !== null;

function readList(list: Element): List {
  const children: Item[] = [];
  for (const node of list.children) {
    if (node.tagName === "UL" || node.tagName === "OL") {
      const above = children.at(-1) ?? { kind: "item" as const, children: [] };
      if (!children.length) children.push(above);
      above.children.push(readList(node));
      continue;
    }
    const made: Item = { kind: "item", children: [] };
    itemParts(node, made);
    children.push(made);
  }
  return list.tagName === "OL" ? { kind: "list", numbered: true, children } : { kind: "list", children };
}

function itemParts(node: ParentNode, made: Item): void {
  for (const child of node.childNodes) {
    const tag = child instanceof Element ? child.tagName.toUpperCase() : "";
    if (tag === "UL" || tag === "OL") made.children.push(readList(child as Element));
    else if (BLOCKS.has(tag)) {
      if (made.children.length) made.children.push({ kind: "break" });
      itemParts(child as Element, made);
    } else made.children.push(...readInline([child]));
  }
}

/** What an element looks like where it comes from. Its style is read as text: the page's policy lets no style in. */
function marksOf(node: Element): "strong" | "em" | "" {
  const tag = node.tagName.toUpperCase();
  const style = node.getAttribute("style") ?? "";
  const bold = tag === "STRONG" || tag === "B" ? !/font-weight:\s*(normal|[1-4]00)/.test(style) : /font-weight:\s*(bold|[6-9]00)/.test(style);
  if (bold) return "strong";
  const slanted = tag === "EM" || tag === "I" ? !/font-style:\s*normal/.test(style) : /font-style:\s*italic/.test(style);
  return slanted ? "em" : "";
}

function readInline(nodes: Iterable<Node>): Inline[] {
  const out: Inline[] = [];
  for (const node of nodes) {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = node.textContent ?? "";
      if (text) out.push({ kind: "text", text });
      continue;
    }
    if (!(node instanceof Element) || SKIPPED.has(node.tagName.toUpperCase())) continue;
    const path = node instanceof HTMLElement ? (node.dataset["field"] ?? "") : "";
    const inner = (): Inline[] => readInline(node.childNodes);
    const mark = marksOf(node);
    if (PATH.test(path)) out.push({ kind: "field", field: path });
    else if (node.tagName === "BR") out.push({ kind: "break" });
    else if (node.tagName === "A" && HREF.test(node.getAttribute("href") ?? "")) {
      out.push({ kind: "link", href: node.getAttribute("href") ?? "", children: inner() });
    } else if (mark) out.push({ kind: mark, children: inner() });
    else out.push(...inner());
  }
  return out;
}
