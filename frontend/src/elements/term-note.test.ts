import { beforeEach, expect, test, vi } from "vitest";
import { place, type TermNote } from "./term-note";
import "./term-note";

const WINDOW = { width: 400, height: 800 };

test("a note stands under its word", () => {
  expect(place({ left: 40, top: 100, bottom: 120 }, { width: 300, height: 90 }, WINDOW)).toEqual({ left: 40, top: 126 });
});

test("at the foot of the window it stands above", () => {
  expect(place({ left: 40, top: 760, bottom: 780 }, { width: 300, height: 90 }, WINDOW).top).toBe(664);
});

test("it never leaves the window at the side", () => {
  expect(place({ left: 380, top: 10, bottom: 30 }, { width: 300, height: 90 }, WINDOW).left).toBe(88);
  expect(place({ left: -20, top: 10, bottom: 30 }, { width: 390, height: 90 }, WINDOW).left).toBe(12);
});

beforeEach(() => {
  document.body.innerHTML = "<term-note><button>Held</button><span popover>A person stopped it.</span></term-note>";
});

function toggle(newState: string): void {
  const note = document.querySelector("[popover]");
  note?.dispatchEvent(Object.assign(new Event("toggle"), { newState }));
}

test("opening puts it beside the word; scrolling shuts it, and only while it is open", () => {
  const note = document.querySelector<HTMLElement>("[popover]");
  const shut = vi.fn();
  if (note) note.hidePopover = shut;
  toggle("open");
  expect(note?.style.left).toBe("12px");
  window.dispatchEvent(new Event("scroll"));
  expect(shut).toHaveBeenCalledOnce();
  toggle("closed");
  window.dispatchEvent(new Event("scroll"));
  expect(shut).toHaveBeenCalledOnce();
  document.querySelector<TermNote>("term-note")?.remove();
});
