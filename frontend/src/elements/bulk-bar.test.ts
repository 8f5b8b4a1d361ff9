import { beforeEach, expect, test } from "vitest";
import type { BulkBar } from "./bulk-bar";
import "./bulk-bar";
import "./live-region";

beforeEach(() => {
  const row = (id: string): string =>
    `<tr><td><input type="checkbox" data-pick name="id" value="${id}"></td><td><a data-open href="/${id}">${id}</a></td></tr>`;
  document.body.innerHTML = `<live-region></live-region><bulk-bar>
    <form class="bulk" data-said="{n} selected" data-all-said="All 1,204 selected" data-none="Nothing selected">
      <b data-count></b><input type="checkbox" name="all" value="1"><button type="button" data-clear>Clear</button></form>
    <row-cursor><table><thead><tr><th><input type="checkbox" data-pick-all></th></tr></thead>
    <tbody>${["a", "b", "c", "d"].map(row).join("")}</tbody></table></row-cursor></bulk-bar>`;
});

const bar = (): BulkBar => document.querySelector<BulkBar>("bulk-bar") as BulkBar;
const box = (id: string): HTMLInputElement =>
  document.querySelector<HTMLInputElement>(`input[value="${id}"]`) as HTMLInputElement;
const form = (): HTMLFormElement => document.querySelector("form") as HTMLFormElement;
const said = (): string => document.querySelector("[data-count]")?.textContent ?? "";

test("the bar shows while something is ticked and says how many", async () => {
  await Promise.resolve();
  expect(form().hidden).toBe(true);
  box("a").click();
  expect([form().hidden, said(), box("a").closest("tr")?.getAttribute("aria-selected")]).toEqual([false, "1 selected", "true"]);
  expect(bar().hasAttribute("data-typing")).toBe(true); // a poll must not take the ticks away
  box("a").click();
  expect(form().hidden).toBe(true);
});

test("shift ticks a range, in both directions", () => {
  box("d").click();
  box("b").dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: true }));
  expect(bar().picked.map((one) => one.value)).toEqual(["b", "c", "d"]);
});

test("x ticks the cursor row, and nothing while somebody types", () => {
  document.querySelector<HTMLElement>('a[href="/c"]')?.focus();
  document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key: "x", bubbles: true }));
  expect(bar().picked.map((one) => one.value)).toEqual(["c"]);
  document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key: "x", bubbles: true, ctrlKey: true }));
  expect(bar().picked.length).toBe(1);
});

test("the head ticks the page; all that match stands for more, until a row is unticked", () => {
  const head = document.querySelector<HTMLInputElement>("[data-pick-all]") as HTMLInputElement;
  head.click();
  expect(said()).toBe("4 selected");
  const all = document.querySelector<HTMLInputElement>("[name=all]") as HTMLInputElement;
  all.click();
  expect(said()).toBe("All 1,204 selected");
  box("b").click();
  expect([all.checked, head.indeterminate, said()]).toEqual([false, true, "3 selected"]);
});

test("clear takes all ticks away and the focus back to the first row", () => {
  box("b").click();
  document.querySelector<HTMLElement>("[data-clear]")?.click();
  expect([bar().picked.length, form().hidden, document.activeElement?.textContent]).toEqual([0, true, "b"]);
});
