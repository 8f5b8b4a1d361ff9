import { beforeEach, expect, test, vi } from "vitest";
import { bytes, creation, request, text } from "./passkey";

const buffer = (words: string): ArrayBuffer => new TextEncoder().encode(words).buffer as ArrayBuffer;

const answer = {
  id: "a2V5",
  rawId: buffer("key"),
  type: "public-key",
  authenticatorAttachment: "platform",
  getClientExtensionResults: () => ({ credProps: { rk: true } }),
  response: {
    clientDataJSON: buffer("client"),
    authenticatorData: buffer("data"),
    signature: buffer("sign"),
    userHandle: buffer("7"),
  },
};

beforeEach(() => {
  vi.unstubAllGlobals();
  vi.stubGlobal("PublicKeyCredential", class {});
  document.body.innerHTML = "";
});

function page(does: string, options: unknown, fields = ""): HTMLElement {
  const holder = document.createElement("div"); // connected with its children, as in a page that was read
  holder.innerHTML = `<pass-key does="${does}" hidden data-failed="Not used" data-unfit="Open it by name"><form action="/in/">${fields}<input type="hidden" name="credential"><button type="button">Go</button></form><p role="alert" hidden></p><script type="application/json">${JSON.stringify(options)}</script></pass-key>`;
  document.body.replaceChildren(holder);
  return document.querySelector<HTMLElement>("pass-key") as HTMLElement;
}

test("bytes go to base64url and back, without padding", () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(text(all.buffer)).not.toMatch(/[+/=]/);
  expect(bytes(text(all.buffer))).toEqual(all);
  expect(text(buffer("a"))).toBe("YQ");
});

test("a key that signs in alone must live in the device and know its owner", () => {
  const wishes = { challenge: "YQ", user: { id: "Nw", name: "n" }, excludeCredentials: [{ type: "public-key", id: "YQ" }] };
  const alone = creation(wishes, true);
  expect(alone.authenticatorSelection).toMatchObject({ residentKey: "required", userVerification: "required" });
  expect(alone.user.id).toEqual(bytes("Nw"));
  expect(alone.excludeCredentials?.[0]?.id).toEqual(bytes("YQ"));
  expect(creation(wishes, false).authenticatorSelection).toEqual({
    residentKey: "discouraged",
    requireResidentKey: false,
  });
  expect(request({ challenge: "YQ" }).allowCredentials).toEqual([]);
});

test("it asks the browser, writes the answer and hands the form in", async () => {
  const get = vi.fn(async () => answer);
  vi.stubGlobal("navigator", { credentials: { get } });
  const element = page("use", { request_options: { publicKey: { challenge: "YQ" } } });
  expect(element.hidden).toBe(false);
  const submit = vi.spyOn(HTMLFormElement.prototype, "submit").mockImplementation(() => undefined);
  element.querySelector("button")?.click();
  await vi.waitFor(() => expect(submit).toHaveBeenCalledOnce());
  const sent = JSON.parse(element.querySelector<HTMLInputElement>("[name=credential]")?.value ?? "");
  expect(sent).toMatchObject({ id: "a2V5", rawId: "a2V5", response: { userHandle: "Nw", signature: text(buffer("sign")) } });
  submit.mockRestore();
});

test("to sign in, the wishes are fetched when they are needed", async () => {
  const fetched = vi.fn(async () => ({ ok: true, json: async () => ({ request_options: { publicKey: { challenge: "YQ" } } }) }));
  vi.stubGlobal("fetch", fetched);
  const get = vi.fn(async () => answer);
  vi.stubGlobal("navigator", { credentials: { get } });
  const element = page("sign-in", {});
  const submit = vi.spyOn(HTMLFormElement.prototype, "submit").mockImplementation(() => undefined);
  element.querySelector("button")?.click();
  await vi.waitFor(() => expect(submit).toHaveBeenCalledOnce());
  expect(fetched).toHaveBeenCalledWith(expect.stringContaining("/in/"), { headers: { Accept: "application/json" } });
  submit.mockRestore();
});

test("a No of the person is told, nothing is handed in, and they may try again", async () => {
  const create = vi.fn(async () => {
    throw new DOMException("no", "NotAllowedError");
  });
  vi.stubGlobal("navigator", { credentials: { create } });
  const options = { creation_options: { publicKey: { challenge: "YQ", user: { id: "Nw" } } } };
  const element = page("add", options, '<input type="checkbox" name="passwordless" checked>');
  element.querySelector("button")?.click();
  await vi.waitFor(() => expect(element.querySelector("[role=alert]")?.textContent).toBe("Not used"));
  expect(create.mock.calls[0]).toMatchObject([{ publicKey: { authenticatorSelection: { residentKey: "required" } } }]);
  expect(element.querySelector("button")?.disabled).toBe(false);
  expect(element.querySelector<HTMLInputElement>("[name=credential]")?.value).toBe("");
});

test("an address that is a number offers none, and says why where one wants to add a key", () => {
  vi.stubGlobal("location", { hostname: "127.0.0.1" });
  expect(page("sign-in", {}).hidden).toBe(true);
  const unfit = page("add", {});
  expect(unfit.hidden).toBe(false);
  expect(unfit.querySelector("form")?.hasAttribute("hidden")).toBe(true);
  expect(unfit.querySelector<HTMLElement>("[role=alert]")?.hidden).toBe(false);
});

test("a browser without passkeys is offered none", () => {
  vi.stubGlobal("PublicKeyCredential", undefined);
  expect(page("use", {}).hidden).toBe(true);
});
