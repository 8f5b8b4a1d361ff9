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
    '<dialog><input role="combobox"><div role="listbox"></div><p data-message></p>' +
    '<form data-act hidden><h2 data-act-name></h2><p data-ask></p><label data-why hidden><span data-why-name></span><input name="reason" disabled></label>' +
    '<button type="submit" data-do></button><button type="button" data-back></button></form>' +
    '<div class="palette-foot"><code data-cli></code></div></dialog>' +
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

const offer = (more: object): void => {
  const item = { label: "Hold R-1…", url: "/runs/R-1/hold/", glyph: "run", note: "", cli: "postroom runs hold R-1", ask: "Nothing more is sent.", ...more };
  answer = { ...answer, json: () => Promise.resolve({ q: "", groups: [{ title: "Do", items: [item] }] }) };
};
const form = (): HTMLFormElement => document.querySelector("[data-act]") as HTMLFormElement;
const reason = (): HTMLInputElement => document.querySelector("[name=reason]") as HTMLInputElement;

test("what does something says first what that is, and is done by a second Enter", async () => {
  offer({});
  await opened();
  press("Enter");
  await settle();
  expect(form().hidden).toBe(false);
  expect(form().getAttribute("action")).toBe("/runs/R-1/hold/");
  expect([...form().querySelectorAll("h2, p, [data-do]")].map((part) => part.textContent)).toEqual(["Hold R-1", "Nothing more is sent.", "Hold R-1"]);
  expect(document.activeElement).toBe(document.querySelector("[data-do]"));
  expect(reason().disabled && !reason().required).toBe(true);
  // when it is handed in, then the button takes no second Enter
  form().dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  await settle();
  expect(document.querySelector<HTMLButtonElement>("[data-do]")?.disabled).toBe(true);
});

test("a reason is asked for where one is needed; Escape leads back to the list, and so does typing on", async () => {
  offer({ why: "Why?" });
  await opened();
  press("Enter");
  await settle();
  expect(document.activeElement).toBe(reason());
  expect(reason().required && !reason().disabled).toBe(true);
  const asked = fetched.mock.calls.length;
  reason().dispatchEvent(new Event("input", { bubbles: true }));
  const escape = new Event("cancel", { cancelable: true });
  document.querySelector("dialog")?.dispatchEvent(escape);
  expect(escape.defaultPrevented).toBe(true);
  expect(form().hidden).toBe(true);
  expect(document.activeElement).toBe(input());
  expect(fetched.mock.calls.length).toBe(asked); // the reason is no search
  press("Enter");
  await settle();
  input().dispatchEvent(new Event("input", { bubbles: true }));
  expect(form().hidden).toBe(true);
  // from the list Escape leads out
  const out = new Event("cancel", { cancelable: true });
  document.querySelector("dialog")?.dispatchEvent(out);
  expect(out.defaultPrevented).toBe(false);
});
