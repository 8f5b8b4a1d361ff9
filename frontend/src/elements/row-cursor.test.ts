import { beforeEach, expect, test } from "vitest";
import type { RowCursor } from "./row-cursor";
import "./row-cursor";

beforeEach(() => {
  const row = (name: string): string => `<tr><td><a data-open href="/${name}">${name}</a></td></tr>`;
  document.body.innerHTML = `<row-cursor><table><tbody>${row("a")}${row("b")}${row("c")}</tbody></table></row-cursor>`;
  for (const tr of document.querySelectorAll("tr")) tr.scrollIntoView = () => undefined;
});

const cursor = (): RowCursor | null => document.querySelector<RowCursor>("row-cursor");

test("the first j enters at the top, k at the bottom", () => {
  cursor()?.move(1);
  expect(document.activeElement?.textContent).toBe("a");
  (document.activeElement as HTMLElement).blur();
  cursor()?.move(-1);
  expect(document.activeElement?.textContent).toBe("c");
});

test("it stops at the ends", () => {
  for (let i = 0; i < 5; i += 1) cursor()?.move(1);
  expect(document.activeElement?.textContent).toBe("c");
});
