import { beforeEach, expect, test, vi } from "vitest";

beforeEach(() => {
  vi.resetModules();
  localStorage.clear();
  delete document.documentElement.dataset["theme"];
});

test("a kept choice is set before the first paint", async () => {
  localStorage.setItem("postroom-theme", "night");
  // @ts-expect-error it is a plain script on purpose and exports nothing
  await import("./theme");
  expect(document.documentElement.dataset["theme"]).toBe("postroom-night");
});

test("nothing is set without a choice, nor for a word that is no theme", async () => {
  localStorage.setItem("postroom-theme", "sepia");
  // @ts-expect-error it is a plain script on purpose and exports nothing
  await import("./theme");
  expect(document.documentElement.dataset["theme"]).toBeUndefined();
});
