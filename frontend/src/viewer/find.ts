import { fold } from "./fold";

/** One piece of text as pdf.js gives it: its place in the text layer is its place in the list. */
export interface Piece {
  str: string;
  hasEOL: boolean;
}

/** A part of one piece that belongs to a hit. */
export interface Part {
  piece: number;
  from: number;
  to: number;
}

/** One place where the words stand; a hit may run over several pieces. */
export type Hit = Part[];

/** The text of a page, ready to be searched. */
export class PageText {
  readonly text: string;
  private readonly at: number[];
  private readonly starts: number[] = [];
  private readonly length: number;

  constructor(private readonly pieces: Piece[]) {
    let whole = "";
    for (const piece of pieces) {
      this.starts.push(whole.length);
      whole += piece.str + (piece.hasEOL ? " " : "");
    }
    const folded = fold(whole);
    this.length = whole.length;
    this.text = folded.text;
    this.at = folded.at;
  }

  /** Every place where one of `patterns` stands, in the order of the page. */
  hits(pattern: RegExp | null): Hit[] {
    if (!pattern) return [];
    return [...this.text.matchAll(pattern)].map((found) => this.parts(found.index, found.index + found[0].length));
  }

  private parts(from: number, to: number): Hit {
    const first = this.at[from] ?? 0;
    const end = Math.max((this.at[to - 1] ?? first) + 1, this.at[to] ?? this.length);
    const parts: Hit = [];
    for (let piece = this.pieceAt(first); piece < this.pieces.length; piece += 1) {
      const start = this.starts[piece] ?? 0;
      if (start >= end) break;
      const length = this.pieces[piece]?.str.length ?? 0;
      const part = { piece, from: Math.max(0, first - start), to: Math.min(length, end - start) };
      if (part.to > part.from) parts.push(part);
    }
    return parts;
  }

  private pieceAt(position: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * What to look for. A phrase typed into the find box is found as it stands; `words` of the archive's search are found
 * one by one where a word begins, as the archive found them. Null: nothing to look for.
 */
export function pattern(query: string, words: boolean): RegExp | null {
  const folded = fold(query).text.trim();
  if (!folded) return null;
  if (!words) return new RegExp(escaped(folded).replaceAll(" ", " ?"), "gu");
  const each = [...new Set(folded.split(" ").map((word) => word.replace(/^[.,/+@-]+|[.,/+@-]+$/g, "")))];
  const wanted = each.filter(Boolean).sort((a, b) => b.length - a.length);
  return wanted.length ? new RegExp(`(?<![\\p{L}\\p{N}])(?:${wanted.map(escaped).join("|")})`, "gu") : null;
}
