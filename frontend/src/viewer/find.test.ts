import { expect, test } from "vitest";
import { PageText, pattern } from "./find";
import { fold } from "./fold";

const page = (...strs: string[]): PageText => new PageText(strs.map((str) => ({ str, hasEOL: true })));

test("what is folded keeps the way back to the letters it came from", () => {
  const folded = fold("Käthe  Ærø\u00ad!");
  expect(folded.text).toBe("kathe aero!");
  expect(folded.at).toHaveLength(folded.text.length);
  expect(folded.at.at(-1)).toBe("Käthe  Ærø\u00ad!".indexOf("!"));
});

test("a phrase is found without accents, in any case, over the end of a line", () => {
  const text = page("Rechnung an Käthe", "Straßburger, Flensburg");
  const hits = text.hits(pattern("KATHE strassburger", false));
  expect(hits).toEqual([
    [
      { piece: 0, from: 12, to: 17 },
      { piece: 1, from: 0, to: 11 },
    ],
  ]);
});

test("words of the archive's search are found one by one, and only where a word begins", () => {
  const text = page("paper, newspaper, Papers", "offset");
  expect(text.hits(pattern("offset paper", true)).map((hit) => hit[0])).toEqual([
    { piece: 0, from: 0, to: 5 },
    { piece: 0, from: 18, to: 23 },
    { piece: 1, from: 0, to: 6 },
  ]);
});

test("signs of patterns are letters like others, and nothing finds nothing", () => {
  expect(page("1.204 (net)").hits(pattern("1.204 (", false))).toHaveLength(1);
  expect(page("1x204").hits(pattern("1.204", false))).toHaveLength(0);
  expect(pattern("  ", false)).toBeNull();
  expect(pattern(" ., ", true)).toBeNull();
});
