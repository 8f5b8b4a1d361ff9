import { describe, expect, test } from "vitest";
import { dataTree, helperFor, valueAt } from "./data-tree";

const data = { customer: { name: "<b>Ada</b>" }, vip: true, lines: [{ text: "a" }, { text: "b" }, { text: "c" }, { text: "d" }] };

describe("the sample as a tree", () => {
  test("shows texts as texts, never as markup, and counts rows", () => {
    const tree = dataTree(data, { rows: "{n} rows", more: "and {n} more", insert: "Write {path}" });
    expect(tree.querySelector("b")).toBeNull();
    expect(tree.textContent).toContain("<b>Ada</b>");
    expect(tree.textContent).toContain("4 rows");
    expect(tree.textContent).toContain("and 1 more");
    expect(tree.querySelector("[data-path='lines.2.text']")).not.toBeNull();
  });

  test("writes a slot, a row's slot, a flag, or the lane's own form", () => {
    expect(helperFor("customer.name", "Ada", "main.typ")).toBe('slot("customer.name")');
    expect(helperFor("lines.1.text", "b", "main.typ")).toBe('slot(row, "text")');
    expect(helperFor("vip", true, "main.typ")).toBe('flag("vip")');
    expect(helperFor("customer.name", "Ada", "main.html")).toBe("{{ view.customer.name }}");
    expect(valueAt(data, "lines.1.text")).toBe("b");
    expect(valueAt(data, "nowhere.at.all")).toBeNull();
  });
});
