import { beforeEach, expect, test, vi } from "vitest";
import type { PeekPanel } from "./peek-panel";
import type { RowCursor } from "./row-cursor";
import "./peek-panel";

let asked: string[] = [];

beforeEach(() => {
  asked = [];
  history.replaceState(null, "", "/documents/?q=press");
  const row = (id: string): string =>
    `<tr><td><a data-open href="/${id}">${id}</a></td><td><a data-peek="${id}" href="?peek=${id}">peek</a></td></tr>`;
  document.body.innerHTML = `<row-cursor><table><tbody>${["a", "b", "c"].map(row).join("")}</tbody></table></row-cursor>
    <peek-panel><aside id="peek" hidden></aside></peek-panel>`;
  for (const tr of document.querySelectorAll("tr")) tr.scrollIntoView = () => undefined;
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-peek]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault(); // as htmx does
      asked.push(link.dataset["peek"] ?? "");
    });
  }
});

const panel = (): PeekPanel => document.querySelector<PeekPanel>("peek-panel") as PeekPanel;
const press = (key: string): boolean =>
  (document.activeElement ?? document.body).dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
  );

test("space opens the cursor row, says so in the address and leaves the focus; again closes", () => {
  document.querySelector<HTMLElement>('a[href="/b"]')?.focus();
  press(" ");
  expect([asked, panel().open, document.activeElement?.textContent]).toEqual([["b"], true, "b"]);
  expect(location.search).toBe("?q=press&peek=b");
  expect(document.querySelector("[data-peeked-row]")?.textContent).toContain("b");
  press(" ");
  expect([panel().open, location.search]).toEqual([false, "?q=press"]);
});

test("without a cursor the first row is meant", () => {
  press(" ");
  expect([asked, document.activeElement?.textContent]).toEqual([["a"], "a"]);
});

test("it follows the cursor, and asks only for the row that was rested on", () => {
  vi.useFakeTimers();
  press(" ");
  const cursor = document.querySelector<RowCursor>("row-cursor");
  cursor?.move(1);
  cursor?.move(1);
  vi.advanceTimersByTime(200);
  vi.useRealTimers();
  expect(asked).toEqual(["a", "c"]);
});

test("escape closes, and a closed panel follows nothing", () => {
  press(" ");
  press("Escape");
  document.querySelector<HTMLElement>('a[href="/c"]')?.focus();
  expect([panel().open, asked]).toEqual([false, ["a"]]);
});

test("nothing happens while somebody types", () => {
  const field = document.body.appendChild(document.createElement("input"));
  field.focus();
  expect(press(" ")).toBe(true);
  expect(asked).toEqual([]);
});
