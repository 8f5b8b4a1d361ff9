import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { marked } from "./command-palette";

const ANSWER = {
  q: "",
  groups: [
    { title: "Do", items: [{ label: "Send a document…", url: "/send/", glyph: "send", note: "", cli: "postroom compose" }] },
    { title: "Open", items: [{ label: "<b>Holm</b>", url: "/parties/1/", glyph: "party", note: "C-00214", cli: "" }] },
  ],
};

let answer: { ok: boolean; status: number; redirected: boolean; json: () => Promise<unknown> };
const fetched = vi.fn((_: string) => Promise.resolve(answer));

beforeEach(() => {
  answer = { ok: true, status: 200, redirected: false, json: () => Promise.resolve(ANSWER) };
  fetched.mockClear();
  vi.stubGlobal("fetch", fetched);
  document.body.innerHTML =
    '<button data-open-palette>K</button><command-palette src="/palette/" data-none="Nothing" data-trouble="Trouble">' +
    '<dialog><input role="combobox"><div role="listbox"></div><p data-message></p><div class="palette-foot"><code data-cli></code></div></dialog>' +
    '<template data-shapes><span data-for="send"><svg></svg></span></template></command-palette>';
});

afterEach(() => {
  document.body.innerHTML = "";
  vi.unstubAllGlobals();
});

const input = (): HTMLInputElement => document.querySelector("input") as HTMLInputElement;
const options = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("[role=option]")];
const settle = (): Promise<void> => new Promise((done) => setTimeout(done, 5));
const press = (key: string, on: EventTarget = input(), more: KeyboardEventInit = {}): KeyboardEvent => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  on.dispatchEvent(event);
  return event;
};
const opened = async (): Promise<void> => {
  press("k", document.body, { ctrlKey: true });
  await settle();
};

test("Ctrl+K opens it with everything there is, and closes it again", async () => {
  await opened();
  expect(document.querySelector("dialog")?.open).toBe(true);
  expect(fetched.mock.calls[0]?.[0]).toBe("/palette/?q=");
  expect(options().map((option) => option.textContent)).toEqual(["Send a document…", "<b>Holm</b>C-00214"]);
  press("k", document.body, { ctrlKey: true });
  expect(document.querySelector("dialog")?.open).toBe(false);
});

test("the button in the top bar opens it too; k alone does not", async () => {
  press("k", document.body);
  expect(document.querySelector("dialog")?.open).toBe(false);
  document.querySelector<HTMLElement>("[data-open-palette]")?.click();
  await settle();
  expect(document.querySelector("dialog")?.open).toBe(true);
});

test("arrows move over the options, around the ends, and say which one is meant", async () => {
  await opened();
  expect(input().getAttribute("aria-expanded")).toBe("true");
  expect(input().getAttribute("aria-activedescendant")).toBe("palette-0");
  expect(document.querySelector("[data-cli]")?.textContent).toBe("postroom compose");
  press("ArrowDown");
  expect(options()[1]?.getAttribute("aria-selected")).toBe("true");
  expect(document.querySelector("[data-cli]")?.textContent).toBe("");
  press("ArrowDown");
  expect(input().getAttribute("aria-activedescendant")).toBe("palette-0");
  press("ArrowUp");
  expect(input().getAttribute("aria-activedescendant")).toBe("palette-1");
});

test("Enter goes to what is meant", async () => {
  await opened();
  const went = vi.spyOn(location, "assign").mockImplementation(() => undefined);
  press("ArrowDown");
  expect(press("Enter").defaultPrevented).toBe(true);
  expect(went).toHaveBeenCalledWith("/parties/1/");
});

test("Enter pressed ahead of the list waits for what was typed", async () => {
  await opened();
  const went = vi.spyOn(location, "assign").mockImplementation(() => undefined);
  went.mockClear();
  const found = { label: "Runs", url: "/runs/", glyph: "run", note: "", cli: "" };
  answer.json = () => Promise.resolve({ groups: [{ title: "Open", items: [found] }] });
  input().value = "runs";
  input().dispatchEvent(new Event("input", { bubbles: true }));
  press("Enter");
  expect(went).not.toHaveBeenCalled();
  await settle();
  expect(went.mock.calls).toEqual([["/runs/"]]);
  await new Promise((done) => setTimeout(done, 160));
  expect(fetched.mock.calls.map(([address]) => address)).toEqual(["/palette/?q=", "/palette/?q=runs"]);
});

test("Enter leads nowhere when what was typed got no answer", async () => {
  await opened();
  const went = vi.spyOn(location, "assign").mockImplementation(() => undefined);
  went.mockClear();
  answer.ok = false;
  input().value = "runs";
  press("Enter");
  await settle();
  expect(went).not.toHaveBeenCalled();
  expect(document.querySelector("[data-message]")?.textContent).toBe("Trouble");
});

test("nothing found and no answer are said in words", async () => {
  answer.json = () => Promise.resolve({ groups: [] });
  await opened();
  expect(document.querySelector("[data-message]")?.textContent).toBe("Nothing");
  expect(input().getAttribute("aria-expanded")).toBe("false");
  answer.ok = false;
  input().value = "x";
  input().dispatchEvent(new Event("input", { bubbles: true }));
  await new Promise((done) => setTimeout(done, 160));
  expect(document.querySelector("[data-message]")?.textContent).toBe("Trouble");
});

test("a name is marked where it begins and never becomes markup", () => {
  const box = document.createElement("p");
  box.append(...marked("<i>x Holm & Søn", "ho sø"));
  expect(box.innerHTML).toBe("&lt;i&gt;x <mark>Ho</mark>lm &amp; <mark>Sø</mark>n");
});
