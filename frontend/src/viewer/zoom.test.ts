import { expect, test } from "vitest";
import { factorOf, readZoom, step } from "./zoom";

test("it fits the width, or the whole page, and keeps a factor", () => {
  expect(factorOf("width", 600, 800, 800, 400)).toBe(1);
  expect(factorOf("page", 600, 800, 800, 400)).toBeCloseTo(0.375);
  expect(factorOf(2, 600, 800, 800, 400)).toBe(2);
});

test("it steps between 50 and 400 % and stops there", () => {
  expect(step(1, 1)).toBe(1.1);
  expect(step(0.93, -1)).toBe(0.9);
  expect(step(4, 1)).toBe(4);
  expect(step(0.3, -1)).toBe(0.5);
});

test("what was kept for the session is read with care", () => {
  expect(readZoom("page")).toBe("page");
  expect(readZoom("1.5")).toBe(1.5);
  expect(readZoom("40")).toBe(4);
  for (const odd of [null, "", "wide", "-1", "NaN"]) expect(readZoom(odd)).toBe("width");
});
