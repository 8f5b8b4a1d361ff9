import { draw, drawInline, filled, type Saying } from "./rich-dom";
import type { Block } from "./rich-source";

/** The selection, where it lies within the area. */
export function rangeIn(area: HTMLElement): Range | null {
  const chosen = getSelection();
  if (!chosen?.rangeCount) return null;
  const range = chosen.getRangeAt(0);
  return area.contains(range.commonAncestorContainer) ? range : null;
}

/** A caret behind a node, or at the end of what is in it. */
export function caretAfter(node: Node): void {
  const range = document.createRange();
  range.setStartAfter(node);
  range.collapse(true);
  choose(range);
}

export function caretAtEnd(node: Node): void {
  const range = document.createRange();
  range.selectNodeContents(node);
  range.collapse(false);
  choose(range);
}

function choose(range: Range): void {
  const chosen = getSelection();
  chosen?.removeAllRanges();
  chosen?.addRange(range);
}

/** The paragraph, item or block of the area that holds a node. */
export function rowOf(area: HTMLElement, node: Node): HTMLElement | null {
  const element = node instanceof Element ? node : node.parentElement;
  const row = element?.closest<HTMLElement>("li, p, div");
  return row && row !== area && area.contains(row) ? row : null;
}

/** The rows that a range touches, in order; of an item only its own line counts, not its inner lists. */
function rowsIn(area: HTMLElement, range: Range): HTMLElement[] {
  return [...area.querySelectorAll<HTMLElement>("p, li, :scope > div:not([data-block])")].filter((row) => {
    const own = document.createRange();
    own.selectNodeContents(row);
    const inner = row.querySelector(":scope > ul, :scope > ol");
    if (inner) own.setEndBefore(inner);
    const begins = range.compareBoundaryPoints(Range.END_TO_START, own) <= 0;
    return begins && range.compareBoundaryPoints(Range.START_TO_END, own) >= 0;
  });
}

/** Whether the caret stands in a list of this kind. */
export function inList(area: HTMLElement, tag: "ul" | "ol"): boolean {
  const range = rangeIn(area);
  const row = range && rowOf(area, range.startContainer);
  return row?.closest("ul, ol")?.tagName.toLowerCase() === tag;
}

/** The chosen rows become items of a list, of the other kind of list, or paragraphs again. */
export function toggleList(area: HTMLElement, tag: "ul" | "ol"): void {
  const range = rangeIn(area);
  if (!range) return;
  const keep = { from: range.startContainer, at: range.startOffset, to: range.endContainer, end: range.endOffset };
  const rows = rowsIn(area, range);
  if (!rows.length) return;
  const lists = new Set(rows.map((row) => (row.tagName === "LI" ? row.parentElement : null)));
  const all = rows.every((row) => row.parentElement?.tagName.toLowerCase() === tag && row.tagName === "LI");
  if (all) rows.forEach((row) => toParagraph(row));
  else if (![...lists].includes(null)) lists.forEach((list) => list && renamed(list, tag));
  else toItems(rows, tag);
  if (area.contains(keep.from) && area.contains(keep.to)) getSelection()?.setBaseAndExtent(keep.from, keep.at, keep.to, keep.end);
}

function moved(from: Element, to: HTMLElement): HTMLElement {
  to.append(...from.childNodes);
  return to;
}

function renamed(list: Element, tag: string): void {
  list.replaceWith(moved(list, document.createElement(tag)));
}

/** An item leaves its list, which is cut in two around it; its inner lists stay behind it. */
function toParagraph(row: HTMLElement): void {
  let list = row.parentElement as HTMLElement;
  while (list.parentElement?.tagName === "LI") {
    const outer = list.parentElement;
    outer.after(row);
    if (!list.children.length) list.remove();
    list = outer.parentElement as HTMLElement;
  }
  const rest = document.createElement(list.tagName);
  while (row.nextSibling) rest.append(row.nextSibling);
  const inner = [...row.children].filter((one) => one.tagName === "UL" || one.tagName === "OL");
  const made = moved(row, document.createElement("p"));
  made.dir = "auto";
  row.remove();
  list.after(made, ...inner, ...(rest.children.length ? [rest] : []));
  if (!list.children.length) list.remove();
}

function toItems(rows: HTMLElement[], tag: "ul" | "ol"): void {
  const first = rows[0];
  if (!first) return;
  const list = document.createElement(tag);
  (first.tagName === "LI" ? (first.parentElement as HTMLElement) : first).before(list);
  for (const row of rows) {
    const home = row.parentElement;
    const item = moved(row, document.createElement("li"));
    item.dir = "auto";
    list.append(item);
    row.remove();
    if (home && (home.tagName === "UL" || home.tagName === "OL") && !home.children.length) home.remove();
  }
}

/** Put nodes of a line where the caret is, in place of what is chosen; the caret stands behind them. */
export function putInline(area: HTMLElement, nodes: readonly Node[]): void {
  let range = rangeIn(area);
  if (!range) {
    caretAtEnd(area.lastElementChild ?? area);
    range = rangeIn(area);
  }
  if (!range || !nodes.length) return;
  range.deleteContents();
  if (!rowOf(area, range.startContainer)) {
    const row = filled("p", [], { field: "", block: "" });
    range.insertNode(row);
    range.setStart(row, 0);
    range.collapse(true);
  }
  const row = rowOf(area, range.startContainer);
  const held = row?.childNodes.length === 1 && row.firstChild?.nodeName === "BR" ? row.firstChild : null;
  const piece = document.createDocumentFragment();
  piece.append(...nodes);
  const last = piece.lastChild as Node;
  range.insertNode(piece);
  held?.parentNode?.removeChild(held);
  roomBehind(last);
}

/** A caret can stand behind a field at the end of a line only where there is something; this sign is never saved. */
function roomBehind(last: Node): void {
  if (last instanceof HTMLElement && last.dataset["field"] && !last.nextSibling?.textContent) {
    const room = document.createTextNode("\u200b");
    last.after(room);
    getSelection()?.setPosition(room, 1);
  } else caretAfter(last);
}

/** Put a whole tree where the caret is: a single paragraph within the line, several as paragraphs of their own. */
export function putTree(area: HTMLElement, tree: readonly Block[], says: Saying): void {
  const only = tree.length === 1 ? tree[0] : undefined;
  if (only?.kind === "paragraph") {
    putInline(area, drawInline(only.children, says));
    return;
  }
  const range = rangeIn(area);
  if (!range || !tree.length) return;
  range.deleteContents();
  const row = rowOf(area, range.startContainer);
  const inside = row?.tagName === "LI";
  const made = inside ? items(tree, says) : draw(tree, says);
  const last = made.at(-1);
  if (!row) area.append(...made);
  else {
    range.setEndAfter(row.lastChild ?? row);
    const rest = document.createElement(row.tagName);
    rest.dir = "auto";
    rest.append(range.extractContents());
    row.after(...made, ...(rest.textContent?.trim() ? [rest] : []));
    if (!row.textContent?.trim() && !row.querySelector("[data-field]")) row.remove();
  }
  if (last) caretAtEnd(last);
}

function items(tree: readonly Block[], says: Saying): HTMLElement[] {
  return tree.flatMap((node) => {
    if (node.kind === "list") return draw([node], says).flatMap((list) => [...list.children] as HTMLElement[]);
    return node.kind === "paragraph" ? [filled("li", node.children.filter((one) => one.kind !== "break"), says)] : [];
  });
}

/** The text of a field that was typed out by hand, before the caret: `{{ name }}`, or what begins one. */
export function typedBefore(area: HTMLElement, pattern: RegExp): { text: Text; found: RegExpExecArray } | null {
  const range = rangeIn(area);
  const text = range?.collapsed ? range.startContainer : null;
  if (!range || !(text instanceof Text)) return null;
  const found = pattern.exec(text.data.slice(0, range.startOffset));
  return found ? { text, found } : null;
}

/** Take away the `length` signs before the caret, and stand there. */
export function cutBefore(text: Text, end: number, length: number): void {
  text.deleteData(end - length, length);
  getSelection()?.setPosition(text, end - length);
}

/** Take away the field right before the caret, with the room behind it, which nobody sees. Gives whether there is one. */
export function cutFieldBefore(area: HTMLElement): boolean {
  const range = rangeIn(area);
  const text = range?.collapsed ? range.startContainer : null;
  if (!range || !(text instanceof Text) || !/^\u200b+$/.test(text.data.slice(0, range.startOffset))) return false;
  const field = text.previousSibling;
  if (!(field instanceof HTMLElement) || !field.dataset["field"]) return false;
  field.remove();
  text.deleteData(0, range.startOffset);
  return true;
}
