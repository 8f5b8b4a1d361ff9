import { beforeEach, expect, test, vi } from "vitest";
import "./key-act";

const press = (key: string, more: KeyboardEventInit = {}, on: EventTarget = document.body): boolean =>
  on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));

const clicked = vi.fn((event: Event) => event.preventDefault());

beforeEach(() => {
  localStorage.clear();
  clicked.mockClear();
  document.body.innerHTML =
    '<input id="field"><key-act key="h"><form><button type="submit">Hold</button></form></key-act>';
  document.querySelector("form")?.addEventListener("submit", clicked);
});

test("its key presses the button, once", () => {
  press("h");
  press("h");
  expect(clicked).toHaveBeenCalledTimes(1);
});

test("it is silent while somebody types, with a modifier, when held down, for other keys, and when keys are off", () => {
  press("h", {}, document.querySelector("#field") as Element);
  press("h", { ctrlKey: true });
  press("h", { repeat: true });
  press("x");
  localStorage.setItem("postroom-keys", "off");
  press("h");
  expect(clicked).not.toHaveBeenCalled();
});

test("after g the letter goes somewhere and does not act: desk-keys has prevented it", () => {
  document.body.innerHTML = '<desk-keys></desk-keys><a data-go="h" href="#home">Home</a>' + document.body.innerHTML;
  document.querySelector("form")?.addEventListener("submit", clicked);
  press("g");
  press("h");
  expect(clicked).not.toHaveBeenCalled();
});

test("it leaves with its element", () => {
  document.querySelector("key-act")?.remove();
  press("h");
  expect(clicked).not.toHaveBeenCalled();
});
