import { afterEach, beforeEach, expect, test, vi } from "vitest";
import "./live-region";
import type { KeepTyping } from "./keep-typing";
import "./keep-typing";
import { forgetOthers, isSecret, nothingWasDone, putBack, Shelf, typedIn } from "./keep-typing-store";

const NOTES = ["back", "away", "out", "else"]
  .map((kind) => `<template data-note="${kind}"><p class="said-${kind}">${kind} <a data-sign-in href="/x">in</a><button type="button" data-discard>no</button></p></template>`)
  .join("");
const KEEPER = `<keep-typing person="ann" here="/account/here/" sign-in="/account/login/" at="/page/">${NOTES}<template data-note="stale"><p class="said-stale"><span data-words></span></p></template></keep-typing>`;
const FORM = `<form method="post" action="/act/"><input type="hidden" name="csrfmiddlewaretoken" value="old"><textarea name="reason"></textarea><input type="checkbox" name="tick" value="a"><input type="password" name="pw"><button type="submit">Act</button></form>`;

let left: string[] = [];

function open(answer: () => Promise<unknown>): HTMLFormElement {
  vi.stubGlobal("fetch", vi.fn(answer));
  document.body.innerHTML = "<live-region></live-region>";
  const main = document.createElement("main");
  main.innerHTML = FORM + KEEPER;
  document.body.append(main); // the element finds its words and the forms, as on a page that was read
  const form = document.querySelector("form") as HTMLFormElement;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    left.push(String(new FormData(form).get("csrfmiddlewaretoken")));
  });
  return form;
}

const here = (person: string) => async () => ({ ok: true, json: async () => ({ person, csrf: "new" }) });

beforeEach(() => {
  left = [];
  sessionStorage.clear();
});
afterEach(() => {
  document.body.innerHTML = "";
  vi.unstubAllGlobals();
});

test("a form leaves once, however often it is sent, with a fresh proof", async () => {
  const form = open(here("ann"));
  form.requestSubmit();
  form.requestSubmit();
  form.requestSubmit();
  expect(form.getAttribute("aria-busy")).toBe("true");
  await vi.waitFor(() => expect(left).toEqual(["new"]));
  form.requestSubmit();
  await new Promise((done) => setTimeout(done, 20));
  expect(left).toEqual(["new"]);
});

test.each([
  ["away", async () => Promise.reject(new TypeError("no network"))],
  ["away", async () => ({ ok: false })],
  ["out", here("")],
  ["else", here("bob")],
])("%s: the form stays, says so, keeps what was typed, and can be sent again", async (kind, answer) => {
  const form = open(answer as () => Promise<unknown>);
  const field = form.querySelector("textarea") as HTMLTextAreaElement;
  field.value = "She never got it";
  form.requestSubmit();
  await vi.waitFor(() => expect(form.querySelector(`.said-${kind}`)).not.toBeNull());
  expect(left).toEqual([]);
  expect(form.hasAttribute("aria-busy")).toBe(false);
  expect(new Shelf("ann").get("/act/")?.fields).toContainEqual(["reason", "0", "She never got it"]);
  vi.stubGlobal("fetch", vi.fn(here("ann")));
  form.requestSubmit();
  await vi.waitFor(() => expect(left).toEqual(["new"]));
  expect(form.querySelector(`.said-${kind}`)).toBeNull();
});

test("what was typed comes back on the next visit, and can be thrown away", () => {
  new Shelf("ann").put("/act/", { at: Date.now(), sent: false, file: "", fields: [["reason", "0", "kept"], ["tick", "=a", "1"]] });
  const form = open(here("ann"));
  const field = form.querySelector("textarea") as HTMLTextAreaElement;
  expect([field.value, form.querySelector<HTMLInputElement>("[name=tick]")?.checked]).toEqual(["kept", true]);
  form.querySelector<HTMLElement>("[data-discard]")?.click();
  expect([new Shelf("ann").get("/act/"), form.querySelector(".said-back"), document.activeElement]).toEqual([undefined, null, field]);
});

test("what the desk answered is forgotten; what an error page or the sign-in answered is not", () => {
  const shelf = new Shelf("ann");
  const sent = { at: Date.now(), sent: true, file: "", fields: [["reason", "0", "kept"]] as [string, string, string][] };
  shelf.put("/act/", sent);
  nothingWasDone();
  expect(open(here("ann")).querySelector("textarea")?.value).toBe("kept");
  shelf.put("/act/", sent);
  expect(open(here("ann")).querySelector("textarea")?.value).toBe("");
  expect(shelf.get("/act/")).toBeUndefined();
});

test("another person's typing is gone before theirs begins, and signing out leaves nothing", () => {
  new Shelf("bob").put("/act/", { at: Date.now(), sent: false, file: "", fields: [["reason", "0", "private"]] });
  expect(open(here("ann")).querySelector("textarea")?.value).toBe("");
  expect(sessionStorage.length).toBe(0);
  new Shelf("ann").put("/act/", { at: Date.now(), sent: false, file: "", fields: [] });
  document.body.insertAdjacentHTML("beforeend", '<form id="out" method="post" action="/account/logout/"></form>');
  const out = document.querySelector("#out") as HTMLFormElement;
  out.addEventListener("submit", (event) => event.preventDefault());
  out.requestSubmit();
  expect(sessionStorage.length).toBe(0);
});

test("secrets are never kept", () => {
  document.body.innerHTML = `<form method="post">
    <input type="password" name="a"><input name="set-password"><input name="api_token"><input name="x" autocomplete="one-time-code">
    <input type="hidden" name="held"><input type="file" name="f"><input name="otp"><div data-keep="no"><input name="note"></div>
    <input type="hidden" name="mark" data-keep="yes" value="1"><input name="street" value="Kaj"><input name="postcode" value="12"></form>`;
  const form = document.querySelector("form") as HTMLFormElement;
  expect(typedIn(form).map(([name]) => name)).toEqual(["mark", "street", "postcode"]);
  expect(isSecret(form.querySelector("[name=set-password]") as HTMLInputElement)).toBe(true);
});

test("old typing is dropped, full storage breaks nothing, strange storage is empty", () => {
  const shelf = new Shelf("ann");
  shelf.put("/a/", { at: Date.now() - 13 * 3600 * 1000, sent: false, file: "", fields: [] });
  shelf.tidy(Date.now());
  expect(shelf.get("/a/")).toBeUndefined();
  sessionStorage.setItem("postroom.kept.ann", "{nonsense");
  expect(shelf.get("/a/")).toBeUndefined();
  const full = { getItem: () => null, setItem: () => { throw new Error("quota"); }, removeItem: () => {} };
  new Shelf("ann", full as unknown as Storage).put("/a/", { at: 1, sent: false, file: "", fields: [] });
  forgetOthers("ann");
});

test("a field that changed its place is found by name and count", () => {
  document.body.innerHTML = '<form method="post"><input name="n" value="1"><input name="n" value="2"></form>';
  const form = document.querySelector("form") as HTMLFormElement;
  expect(putBack(form, [["n", "1", "two"], ["gone", "0", "x"]])).toBe(true);
  expect(typedIn(form)).toEqual([["n", "0", "1"], ["n", "1", "two"]]);
});

test("a page that refuses stands in the form in words", () => {
  const form = open(here("ann"));
  (form.querySelector("textarea") as HTMLTextAreaElement).value = "mine";
  document.querySelector<KeepTyping>("keep-typing")?.refused(
    form,
    '<section class="error-sheet"><h1 id="error-title">Changed</h1><dl><dd>Not done.</dd><dd>Ann did it.</dd></dl></section>',
  );
  expect(form.querySelector(".said-stale")?.textContent).toBe("Changed. Not done. Ann did it.");
  expect(form.querySelector("textarea")?.value).toBe("mine");
});
