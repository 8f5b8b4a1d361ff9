import { beforeEach, expect, test } from "vitest";
import "./desk-keys";
import "./row-cursor";

beforeEach(() => {
  localStorage.clear();
  document.body.innerHTML =
    '<input type="search" id="find"><textarea></textarea><a data-go="r" href="#runs">Runs</a><desk-keys><dialog></dialog><input type="checkbox"></desk-keys>';
});

const press = (key: string, on: EventTarget = document.body): void => {
  on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
};

test("/ goes to the search field", () => {
  press("/");
  expect(document.activeElement?.id).toBe("find");
});

test("keys rest while somebody types in an editor that stands in a tree of its own", () => {
  document.body.insertAdjacentHTML("beforeend", "<div id=editor></div>");
  const host = document.querySelector("#editor") as HTMLElement;
  host.attachShadow({ mode: "open" }).innerHTML = "<textarea></textarea>";
  const inside = host.shadowRoot?.querySelector("textarea") as HTMLTextAreaElement;
  inside.focus();
  inside.dispatchEvent(new KeyboardEvent("keydown", { key: "/", bubbles: true, composed: true, cancelable: true }));
  expect(document.activeElement).toBe(host);
});

test("g then r goes to the runs, and r alone does not", () => {
  let went = 0;
  document.querySelector("a")?.addEventListener("click", () => (went += 1));
  press("r");
  expect(went).toBe(0);
  press("g");
  press("r");
  expect(went).toBe(1);
});

test("keys rest while somebody types, and can be switched off", () => {
  const area = document.querySelector("textarea");
  area?.focus();
  press("/", area ?? document);
  expect(document.activeElement).toBe(area);
  area?.blur();
  localStorage.setItem("postroom-keys", "off");
  press("/");
  expect(document.activeElement?.id).not.toBe("find");
});
