import { expect, test } from "vitest";
import { clear, mark } from "./marks";

test("it marks parts of pieces, says which is the current one, and takes all away again", () => {
  const texts = ["paper from stock", "slip"];
  const divs = texts.map((text) => {
    const div = document.createElement("span");
    div.textContent = text;
    return div;
  });
  const hits = [[{ piece: 0, from: 0, to: 5 }], [{ piece: 0, from: 11, to: 16 }, { piece: 1, from: 0, to: 4 }]];
  const first = mark(divs, texts, hits, 1);
  expect(divs[0]?.innerHTML).toBe('<mark>paper</mark> from <mark data-current="">stock</mark>');
  expect(first?.textContent).toBe("stock");
  expect(divs.map((div) => div.textContent)).toEqual(texts);
  clear(divs, texts);
  expect(divs[0]?.innerHTML).toBe("paper from stock");
});

test("a text with signs of markup stays text", () => {
  const div = document.createElement("span");
  mark([div], ["<b>1</b>"], [[{ piece: 0, from: 3, to: 4 }]], 0);
  expect(div.querySelector("b")).toBeNull();
  expect(div.textContent).toBe("<b>1</b>");
});
