import { beforeEach, expect, test } from "vitest";
import { announce, type LiveRegion } from "./live-region";

beforeEach(() => {
  document.body.innerHTML = "<live-region></live-region>";
});

test("it is a polite status", () => {
  const region = document.querySelector("live-region");
  expect(region?.getAttribute("role")).toBe("status");
  expect(region?.getAttribute("aria-live")).toBe("polite");
});

test("it says the words, and stays silent when a poll says the same again", () => {
  const region = document.querySelector<LiveRegion>("live-region");
  announce("7 letters released.");
  const node = region?.firstChild;
  announce("7 letters released.");
  expect(region?.textContent).toBe("7 letters released.");
  expect(region?.firstChild).toBe(node);
});
