import { describe, expect, it } from "vitest";
import { areaOf } from "./rich-area";
import { broughtIn, takeAlong } from "./rich-clipboard";
import { sourceOf } from "./rich-source";

const ALL = new Set(["strong", "em", "link", "list", "field"]);

function board(values: Record<string, string>): DataTransfer {
  const kept = new Map(Object.entries(values));
  return {
    getData: (kind: string) => kept.get(kind) ?? "",
    setData: (kind: string, value: string) => void kept.set(kind, value),
  } as unknown as DataTransfer;
}

describe("what is brought in and taken along", () => {
  it("keeps what the text may have, and reads plain text without marks but with fields", () => {
    const rich = broughtIn(board({ "text/html": "<p>A <b>bold</b> <u>word</u></p>" }), ALL);
    expect(sourceOf(rich)).toBe("A **bold** word");
    expect(sourceOf(broughtIn(board({ "text/html": "<p>A <b>bold</b> word</p>" }), new Set()))).toBe("A bold word");
    const plain = broughtIn(board({ "text/plain": "Dear {{ customer.name }},\n\n*not a mark*" }), ALL);
    expect(plain).toHaveLength(2);
    expect(sourceOf(plain)).toContain("{{ customer.name }}");
  });

  it("takes a piece along as source and as HTML", () => {
    const row = document.createElement("div");
    row.innerHTML = "<p>A <strong>bold</strong> word</p>";
    document.body.replaceChildren(row);
    const range = document.createRange();
    range.selectNodeContents(row);
    const taken = board({});
    takeAlong(range, taken);
    expect(taken.getData("text/plain")).toBe("A **bold** word");
    expect(taken.getData("text/html")).toContain("<strong>bold</strong>");
  });

  it("names the area as its textarea is named", () => {
    document.body.innerHTML = '<label for="t">Text</label><textarea id="t" required readonly lang="de"></textarea>';
    const area = areaOf(document.querySelector("textarea") as HTMLTextAreaElement, () => undefined);
    expect(area.getAttribute("aria-labelledby")).toBe(document.querySelector("label")?.id);
    expect([area.contentEditable, area.getAttribute("aria-required"), area.lang]).toEqual(["false", "true", "de"]);
  });
});
