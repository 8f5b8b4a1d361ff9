import { describe, expect, test } from "vitest";
import { offers, within } from "./completion";
import type { Names } from "./config";

const names: Names = {
  fields: [
    { path: "customer.name", kind: "text", shown: "", of: "" },
    { path: "lines", kind: "list", shown: "", of: "" },
    { path: "vip", kind: "structure", shown: "", of: "" },
    { path: "amount", kind: "text", shown: "money", of: "lines" },
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

  test("offers what fits the helper and nothing else", () => {
    const labels = (helper: string, row = ""): string[] => offers(helper, row, names).map((one) => one.label);
    expect(labels("slot")).toContain("customer.name");
    expect(labels("slot")).not.toContain("vip");
    expect(labels("slot", "row")).toEqual(["amount"]);
    expect(labels("band")).toEqual(["lines"]);
    expect(labels("flag")).toContain("vip");
    expect(labels("word")).toEqual(["due"]);
    expect(labels("code")).toEqual(["pay"]);
    expect(labels("content-block")).toEqual(["terms"]);
    expect(labels("asset")).toEqual(["logo.svg"]);
    expect(labels("brand")).toEqual(["colour.ink"]);
  });
});
