import { beforeEach, expect, test } from "vitest";
import { keptTheme } from "./theme-switch";
import "./theme-switch";

beforeEach(() => {
  localStorage.clear();
  delete document.documentElement.dataset["theme"];
  document.body.innerHTML =
    '<theme-switch hidden><button data-theme-choice="day"></button><button data-theme-choice="night"></button><button data-theme-choice="auto"></button></theme-switch>';
});

test("a choice is applied, kept and shown as pressed", () => {
  document.querySelector<HTMLElement>('[data-theme-choice="night"]')?.click();
  expect(document.documentElement.dataset["theme"]).toBe("postroom-night");
  expect(keptTheme()).toBe("night");
  expect(document.querySelector('[aria-pressed="true"]')?.getAttribute("data-theme-choice")).toBe("night");
});

test("auto follows the system: no theme is set on the page", () => {
  document.querySelector<HTMLElement>('[data-theme-choice="day"]')?.click();
  document.querySelector<HTMLElement>('[data-theme-choice="auto"]')?.click();
  expect(document.documentElement.dataset["theme"]).toBeUndefined();
});
