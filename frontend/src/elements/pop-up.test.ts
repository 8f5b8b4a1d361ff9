import { beforeEach, expect, test } from "vitest";
import "./pop-up";

beforeEach(() => {
  document.body.innerHTML =
    "<pop-up><details open><summary tabindex='0'>Cancel…</summary><textarea></textarea></details></pop-up><p>outside</p>";
});

const details = (): HTMLDetailsElement | null => document.querySelector("details");

test("Escape closes it and gives the focus back to its button", () => {
  document.querySelector("textarea")?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  expect(details()?.open).toBe(false);
  expect(document.activeElement?.tagName).toBe("SUMMARY");
});

test("a click outside closes it, a click inside does not", () => {
  document.querySelector("textarea")?.dispatchEvent(new Event("pointerdown", { bubbles: true }));
  expect(details()?.open).toBe(true);
  document.querySelector("p")?.dispatchEvent(new Event("pointerdown", { bubbles: true }));
  expect(details()?.open).toBe(false);
});

test("it opens where the server says, once", () => {
  document.body.innerHTML =
    "<pop-up><details open><summary tabindex='0'>Columns</summary><input><button autofocus>Up</button></details></pop-up>";
  details()?.dispatchEvent(new Event("toggle"));
  expect(document.activeElement?.tagName).toBe("BUTTON");
  document.querySelector("summary")?.focus();
  details()?.dispatchEvent(new Event("toggle"));
  expect(document.activeElement?.tagName).toBe("INPUT");
});

test("its button opens it with the cursor inside at once, and a late toggle takes it from nobody", () => {
  document.body.innerHTML =
    "<pop-up><details><summary tabindex='0'>Save</summary><input><button>Go</button></details></pop-up>";
  document.querySelector("summary")?.click();
  expect(details()?.open).toBe(true);
  expect(document.activeElement?.tagName).toBe("INPUT");
  document.querySelector("button")?.focus();
  details()?.dispatchEvent(new Event("toggle"));
  expect(document.activeElement?.tagName).toBe("BUTTON");
});
