import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type DeskTour, stand } from "./desk-tour";
import "./desk-tour";

const sent = vi.fn(() => Promise.resolve(new Response(null, { status: 204 })));

beforeEach(() => {
  sent.mockClear();
  vi.stubGlobal("fetch", sent);
  HTMLElement.prototype.getBoundingClientRect = function (this: HTMLElement) {
    const side = this.classList.contains("away") ? 0 : 100;
    return { left: 0, top: 0, right: side, bottom: side, width: side, height: side } as DOMRect;
  };
  HTMLElement.prototype.scrollIntoView = vi.fn();
  document.body.innerHTML = `
    <h1 id="page-title" tabindex="-1">Home</h1><nav id="rail"></nav><div class="away" id="find"></div><a id="help"></a>
    <desk-tour><section data-offer><button data-begin>Take the tour</button><form action="/help/tour/put-away/"></form></section>
    <div data-card tabindex="-1" hidden><p data-count></p><h2 id="tour-title"></h2><p id="tour-text"></p>
    <button data-next data-last="Begin">Next</button><button data-back>Back</button><button data-end>End</button></div>
    <ol data-steps hidden><li data-at="#rail"><b>Rooms</b><p>One</p></li><li data-at="#find"><b>Find</b><p>Two</p></li>
    <li data-at="#nowhere, #help"><b>Help</b><p>Three</p></li></ol></desk-tour><input id="field">`;
});

afterEach(() => {
  document.body.innerHTML = "";
  vi.unstubAllGlobals();
});

const part = (selector: string): HTMLElement => document.querySelector<HTMLElement>(selector) as HTMLElement;
const press = (key: string, on = "body"): void => {
  part(on).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
};
const begin = (): void => part("[data-begin]").click();

test("it begins at the first stop with the focus on the card", () => {
  begin();
  expect(part("[data-offer]").hidden).toBe(true);
  expect(part("#tour-title").textContent).toBe("Rooms");
  expect(document.activeElement).toBe(part("[data-card]"));
  expect(part("#rail").hasAttribute("data-tour-at")).toBe(true);
});

test("a stop whose furniture is not on the screen is left out", () => {
  begin();
  expect(part("[data-count]").textContent).toBe("1 / 2");
  press("ArrowRight");
  expect(part("#tour-title").textContent).toBe("Help");
  expect(part("[data-next]").textContent).toBe("Begin");
  expect(part("#rail").hasAttribute("data-tour-at")).toBe(false);
});

test("arrows go back too, and not while somebody types", () => {
  begin();
  press("ArrowRight", "#field");
  expect(part("#tour-title").textContent).toBe("Rooms");
  press("ArrowRight");
  press("ArrowLeft");
  expect(part("#tour-title").textContent).toBe("Rooms");
  press("ArrowLeft");
  expect(part("#tour-title").textContent).toBe("Rooms");
});

test("Escape ends it for good: the form is sent once and the focus returns to the page", () => {
  begin();
  press("Escape");
  expect(sent).toHaveBeenCalledOnce();
  expect(part("[data-card]").hidden).toBe(true);
  expect(document.activeElement).toBe(part("#page-title"));
  expect(document.querySelector("[data-tour-at]")).toBeNull();
  press("Escape");
  expect(sent).toHaveBeenCalledOnce();
});

test("after the last stop it ends by itself", () => {
  begin();
  part("[data-next]").click();
  part("[data-next]").click();
  expect(part("[data-card]").hidden).toBe(true);
  expect(sent).toHaveBeenCalledOnce();
});

test("without any of its furniture it does not begin", () => {
  for (const one of ["#rail", "#help"]) part(one).remove();
  document.querySelector<DeskTour>("desk-tour")?.begin();
  expect(part("[data-card]").hidden).toBe(true);
});

test("the card stands beside the rail, under a wide sheet, above what fills the window, never outside", () => {
  const card = { width: 320, height: 160 };
  expect(stand({ left: 0, top: 0, right: 196, bottom: 900 }, card, 1440, 900)).toEqual([208, 12]);
  expect(stand({ left: 220, top: 90, right: 1400, bottom: 400 }, card, 1440, 900)).toEqual([220, 412]);
  expect(stand({ left: 220, top: 600, right: 1400, bottom: 880 }, card, 1440, 900)).toEqual([220, 428]);
  expect(stand({ left: 0, top: 0, right: 1440, bottom: 900 }, card, 1440, 900)).toEqual([12, 12]);
});
