import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { gestures, type Deeds } from "./gestures";

const deeds = () => ({
  goTo: vi.fn<Deeds["goTo"]>(),
  field: vi.fn<Deeds["field"]>(),
  zoom: vi.fn<Deeds["zoom"]>(),
  shown: vi.fn<Deeds["shown"]>(),
  chosen: vi.fn<Deeds["chosen"]>(),
  saved: vi.fn<Deeds["saved"]>(),
  turned: vi.fn<Deeds["turned"]>(),
});

describe("gestures", () => {
  let host: HTMLElement;
  let told: ReturnType<typeof deeds>;
  let end: () => void;

  beforeEach(() => {
    host = document.createElement("div");
    host.innerHTML = `<button data-go="main.typ:3:1:4"><i>there</i></button><button data-path="customer.name"></button>
      <button data-by="-1"></button><button data-channel="text"></button><select name="sample"><option>a</option></select>`;
    document.body.replaceChildren(host);
    told = deeds();
    end = gestures(host, told);
  });
  afterEach(() => end());

  it("tells what a click means, also on what stands inside a button", () => {
    host.querySelector("i")?.click();
    host.querySelector<HTMLElement>("[data-path]")?.click();
    host.querySelector<HTMLElement>("[data-by]")?.click();
    host.querySelector<HTMLElement>("[data-channel]")?.click();
    expect(told.goTo).toHaveBeenCalledWith("main.typ", 3, 1, 4);
    expect(told.field).toHaveBeenCalledWith("customer.name");
    expect(told.zoom).toHaveBeenCalledWith(-1);
    expect(told.shown).toHaveBeenCalledWith("text");
  });

  it("saves with Ctrl S, looks too with Ctrl Enter, turns with F6, and leaves other keys alone", () => {
    const press = (init: KeyboardEventInit): boolean =>
      host.dispatchEvent(new KeyboardEvent("keydown", { ...init, bubbles: true, cancelable: true }));
    expect(press({ key: "s", ctrlKey: true })).toBe(false);
    press({ key: "Enter", metaKey: true });
    press({ key: "F6", shiftKey: true });
    expect(press({ key: "s" })).toBe(true);
    expect(told.saved.mock.calls).toEqual([[false], [true]]);
    expect(told.turned.mock.calls).toEqual([[-1]]);
  });

  it("tells choices, and nothing after its end", () => {
    const choice = host.querySelector("select");
    choice?.dispatchEvent(new Event("change", { bubbles: true }));
    end();
    choice?.dispatchEvent(new Event("change", { bubbles: true }));
    expect(told.chosen.mock.calls).toEqual([["sample", "a"]]);
  });
});
