import { describe, expect, test } from "vitest";
import { listOf, offers, within } from "./completion";
import type { Names } from "./config";

const names: Names = {
  fields: [
    { path: "customer.name", kind: "text", shown: "", of: "" },
    { path: "lines", kind: "list", shown: "", of: "" },
    { path: "vip", kind: "structure", shown: "", of: "" },
    { path: "amount", kind: "text", shown: "money", of: "lines" },
    { path: "rate", kind: "text", shown: "percent", of: "taxes" },
  ],
  words: { due: "Due date" },
  codes: ["pay"],
  blocks: ["terms"],
  assets: ["logo.svg"],
  brand: ["colour.ink"],
};

describe("completion from the data contract", () => {
  test("knows the helper, the row and what is typed", () => {
    expect(within('#slot("cust')).toEqual({ helper: "slot", row: "", typed: "cust" });
    expect(within('  slot(row, "am')).toEqual({ helper: "slot", row: "row", typed: "am" });
    expect(within("Dear customer, (")).toBeNull();
    expect(within('#slot("number") and')).toBeNull();
  });

  test("offers of a row what its own list has", () => {
    const before = '#band("lines", row => slot(row, "amount"))\n#band("taxes", (row) => slot(row, "';
    expect(listOf(before, "row")).toBe("taxes");
    expect(listOf(before, "other")).toBe("");
    expect(offers("slot", "row", names, listOf(before, "row")).map((one) => one.label)).toEqual(["rate"]);
  });

  test("offers what fits the helper and nothing else", () => {
    const labels = (helper: string, row = ""): string[] => offers(helper, row, names).map((one) => one.label);
    expect(labels("slot")).toContain("customer.name");
    expect(labels("slot")).not.toContain("vip");
    expect(labels("slot", "row")).toEqual(["amount", "rate"]);
    expect(labels("band")).toEqual(["lines"]);
    expect(labels("flag")).toContain("vip");
    expect(labels("word")).toEqual(["due"]);
    expect(labels("code")).toEqual(["pay"]);
    expect(labels("content-block")).toEqual(["terms"]);
    expect(labels("asset")).toEqual(["logo.svg"]);
    expect(labels("brand")).toEqual(["colour.ink"]);
  });
});
