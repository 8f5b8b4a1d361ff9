import { draw, read } from "./rich-dom";
import { sourceOf, type Block, type Inline } from "./rich-source";
import { limited, tidy } from "./rich-tidy";

/** What is brought in, as far as the source has words for it. Its HTML is parsed where no script of it can run. */
export function broughtIn(brought: DataTransfer, marks: Set<string>): Block[] {
  const html = brought.getData("text/html");
  const text = brought.getData("text/plain");
  const tree = html ? read(new DOMParser().parseFromString(html, "text/html").body) : plainTree(text);
  const kept = tidy(limited(tree, marks));
  return kept.length ? kept : tidy(limited(plainTree(text), marks));
}

/** Copied text is source for whoever takes it as text, and comes back whole when it is pasted here. */
export function takeAlong(range: Range, board: DataTransfer): void {
  const piece = document.createElement("div");
  piece.append(range.cloneContents());
  const tree = tidy(read(piece));
  const shown = document.createElement("div");
  shown.append(...draw(tree, { field: "{name}", block: "{name}" }));
  board.setData("text/html", shown.innerHTML);
  board.setData("text/plain", sourceOf(tree));
}

/** Text from elsewhere: empty lines part paragraphs; nothing in it is read as a mark, but fields written out are. */
function plainTree(text: string): Block[] {
  const pieces = (line: string): Inline[] =>
    line.split(/(\{\{\s*[A-Za-z_][\w.]*\s*\}\})/).flatMap((piece): Inline[] => {
      const field = /^\{\{\s*([A-Za-z_][\w.]*)\s*\}\}$/.exec(piece)?.[1];
      if (field) return [{ kind: "field", field }];
      return piece ? [{ kind: "text", text: piece }] : [];
    });
  return text.split(/\r?\n\s*\r?\n/).map((part) => ({
    kind: "paragraph",
    children: part.split(/\r?\n/).flatMap((line, index): Inline[] => [...(index ? [{ kind: "break" } as const] : []), ...pieces(line)]),
  }));
}
