import { beforeEach, expect, test, vi } from "vitest";
import "./help-link";

const clicked = vi.fn((event: Event) => event.preventDefault());

beforeEach(() => {
  clicked.mockClear();
  document.body.innerHTML = '<help-link><a href="/help/runs/">Help</a></help-link><input>';
  document.querySelector("a")?.addEventListener("click", clicked);
});

function press(key: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  (document.querySelector("input") ?? document.body).dispatchEvent(event);
  return event;
}

test("F1 follows the link, also out of a field, and the browser's own help stays shut", () => {
  expect(press("F1").defaultPrevented).toBe(true);
  expect(clicked).toHaveBeenCalledOnce();
});

test("other keys, and F1 with a modifier, do nothing", () => {
  press("F2");
  press("F1", { ctrlKey: true });
  expect(clicked).not.toHaveBeenCalled();
});

test("while a dialog is open it rests", () => {
  document.body.append(Object.assign(document.createElement("dialog"), { open: true }));
  press("F1");
  expect(clicked).not.toHaveBeenCalled();
});

test("the foot of a printed page names the screen", () => {
  document.title = "Delivery “4”";
  document.body.innerHTML = "<help-link></help-link>";
  expect(document.documentElement.style.getPropertyValue("--print-name")).toBe('"Delivery “4”"');
});
