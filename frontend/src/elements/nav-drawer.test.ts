import { beforeEach, expect, test } from "vitest";
import "./nav-drawer";

beforeEach(() => {
  document.body.innerHTML =
    '<nav id="rail"><a href="/">Home</a></nav><nav-drawer for="rail"><button aria-expanded="false">Menu</button></nav-drawer>';
});

test("the button opens the rail and moves into it", () => {
  document.querySelector("button")?.click();
  expect(document.getElementById("rail")?.hasAttribute("data-open")).toBe(true);
  expect(document.activeElement?.textContent).toBe("Home");
});

test("Escape closes it and gives the focus back", () => {
  const button = document.querySelector("button");
  button?.click();
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
  expect(button?.getAttribute("aria-expanded")).toBe("false");
  expect(document.activeElement).toBe(button);
});
