import type { Hit } from "./find";

/** Puts `<mark>` around the hits in the text layer; `current` is the one the reader stands at. Returns its first mark. */
export function mark(divs: HTMLElement[], texts: string[], hits: Hit[], current: number): HTMLElement | null {
  clear(divs, texts);
  const pieces = new Map<number, { from: number; to: number; hit: number }[]>();
  hits.forEach((parts, hit) => {
    for (const part of parts) pieces.set(part.piece, [...(pieces.get(part.piece) ?? []), { ...part, hit }]);
  });
  let first: HTMLElement | null = null;
  for (const [piece, parts] of pieces) {
    const div = divs[piece];
    const text = texts[piece] ?? "";
    if (!div) continue;
    const nodes: (string | HTMLElement)[] = [];
    let done = 0;
    for (const part of parts.sort((a, b) => a.from - b.from)) {
      nodes.push(text.slice(done, part.from));
      const found = document.createElement("mark");
      found.textContent = text.slice(part.from, part.to);
      if (part.hit === current) {
        found.dataset["current"] = "";
        first ??= found;
      }
      nodes.push(found);
      done = part.to;
    }
    nodes.push(text.slice(done));
    div.replaceChildren(...nodes.filter((node) => node !== ""));
    div.dataset["marked"] = "";
  }
  return first;
}

/** Takes all marks away. */
export function clear(divs: HTMLElement[], texts: string[]): void {
  divs.forEach((div, piece) => {
    if (div.dataset["marked"] === undefined) return;
    div.textContent = texts[piece] ?? "";
    delete div.dataset["marked"];
  });
}
