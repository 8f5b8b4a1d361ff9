import { describe, expect, test } from "vitest";
import { loops, named, place } from "./completion-jinja";
import type { Names } from "./config";

const names: Names = {
  fields: [
    { path: "customer.name", kind: "text", shown: "", of: "" },
    { path: "lines", kind: "list", shown: "", of: "" },
    { path: "amount", kind: "text", shown: "money", of: "lines" },
    { path: "code", kind: "text", shown: "", of: "lines.parts" },
    { path: "rate", kind: "text", shown: "percent", of: "taxes" },
  ],
  words: { due: "Due date" },
  codes: [],
  blocks: ["terms"],
  assets: [],
  brand: [],
};

describe("completion between braces", () => {
  test("knows what is typed, and that outside of braces nothing is", () => {
    expect(place("<p>{{ view.cust")).toBe("view.cust");
    expect(place("{% if not words.du")).toBe("words.du");
    expect(place("{{ ")).toBe("");
    expect(place("{{ view.number }} view.cu")).toBeNull();
    expect(place("<p>view.cust")).toBeNull();
  });

  test("knows the loops it stands in, inner ones too", () => {
    const open = "{% for row in view.lines %}{% for part in row.parts %}";
    expect([...loops(open)]).toEqual([["row", "lines"], ["part", "lines.parts"]]);
    expect([...loops(`${open}{% endfor %}`)]).toEqual([["row", "lines"]]);
  });

  test("offers fields of the contract, and of a row only those of its list", () => {
    const labels = named(names, new Map([["row", "lines"]])).map((one) => one.label);
    expect(labels).toEqual(expect.arrayContaining(["view.customer.name", "row.amount", "words.due", "document.title", "blocks.terms"]));
    expect(labels).not.toContain("row.rate");
    expect(labels).not.toContain("view.amount");
  });
});
