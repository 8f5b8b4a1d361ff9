import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/block_source.json";
import { draw, read } from "./rich-dom";
import { NotRead, sourceOf, treeOf, type Block, type Inline, type List } from "./rich-source";
import { limited, tidy } from "./rich-tidy";

const SAYS = { field: "merge field {name}", block: "Content block {name}" };

/** mulberry32: the same trees in each run. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const TEXTS = ["a", " b ", "*", "**", "[x](y)", "{{ z }}", "- item", "1. one", "\\", "  two  words ", "ß", "]", "שלום", "12) ", "•", "{", "\\*", "é\u00a0f"];

function inline(next: () => number, depth: number): Inline[] {
  return Array.from({ length: 1 + Math.floor(next() * 4) }, (): Inline => {
    const roll = next();
    const text = TEXTS[Math.floor(next() * TEXTS.length)] ?? "a";
    if (roll < 0.45 || depth > 3) return { kind: "text", text };
    if (roll < 0.55) return { kind: "field", field: "customer.name" };
    if (roll < 0.62) return { kind: "break" };
    if (roll < 0.75) return { kind: "strong", children: inline(next, depth + 1) };
    if (roll < 0.88) return { kind: "em", children: inline(next, depth + 1) };
    return { kind: "link", href: "https://house.example/a", children: inline(next, depth + 1) };
  });
}

function list(next: () => number, depth: number): List {
  const children = Array.from({ length: 1 + Math.floor(next() * 3) }, () => ({
    kind: "item" as const,
    children: [...inline(next, 0), ...(depth < 2 && next() < 0.3 ? [list(next, depth + 1)] : [])],
  }));
  return next() < 0.5 ? { kind: "list", numbered: true, children } : { kind: "list", children };
}

function tree(seed: number): Block[] {
  const next = dice(seed);
  return Array.from({ length: 1 + Math.floor(next() * 4) }, (): Block => {
    const roll = next();
    if (roll < 0.15) return { kind: "block", key: "terms" };
    return roll < 0.6 ? { kind: "paragraph", children: inline(next, 0) } : list(next, 0);
  });
}

describe("the source of a text", () => {
  it("reads back as the same tree, and is written back letter for letter, whatever the tree", () => {
    for (let seed = 0; seed < 1200; seed += 1) {
      // given any tree, as editing leaves it
      const clean = tidy(tree(seed));
      // when it is written and read
      const source = sourceOf(clean);
      const again = treeOf(source);
      // then nothing is different
      expect(again, `seed ${seed}: ${JSON.stringify(source)}`).toEqual(clean);
      expect(sourceOf(tidy(again))).toBe(source);
    }
  }, 60_000);

  it("stays as it is when it was only shown", () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const source = sourceOf(tidy(tree(seed)));
      const area = document.createElement("div");
      area.append(...draw(treeOf(source), SAYS));
      expect(sourceOf(tidy(read(area))), `seed ${seed}`).toBe(source);
    }
  }, 60_000);

  it("is what the server reads", () => {
    // the server's own test reads the same file
    const cases = golden as { source: string; tree: Block[] | null; line?: number }[];
    for (const { source, tree: wanted, line } of cases) {
      if (wanted) expect(treeOf(source), source).toEqual(wanted);
      else expect(() => treeOf(source), source).toThrow(new NotRead(line ?? 0));
    }
    expect(cases.length).toBeGreaterThan(100);
  });

  it("planted: a star that nobody escaped is found by the round trip", () => {
    const planted: Block[] = [{ kind: "paragraph", children: [{ kind: "text", text: "2*3*4" }] }];
    const unescaped = sourceOf(planted).replaceAll("\\", "");
    expect(treeOf(unescaped)).not.toEqual(planted);
  });

  it("keeps the words where a form allows no marks", () => {
    const kept = limited(treeOf("**Pay** [here](https://a.example)\n\n- one\n  - two"), new Set());
    expect(sourceOf(tidy(kept))).toBe("Pay here\n\none\n\ntwo");
  });
});
