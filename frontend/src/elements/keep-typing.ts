import { announce } from "./live-region";
import { anythingKept, filesIn, forgetOthers, nameOf, nothingWasDone, putBack, Shelf, typedIn } from "./keep-typing-store";

type Standing = "here" | "out" | "else" | "away";
interface Here {
  person: string;
  csrf: string;
}

const SIGN_OUT = "/account/logout/";
const NOBODY = "nobody";
/** An answer that is a file leaves the page where it is: after this many milliseconds the button comes back. */
const MOST_BUSY = 12_000;
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("postroom-sign-out");

/**
 * `<keep-typing person="digest" here="/account/here/" sign-in="/account/login/" at="/send/">`: once on each page of
 * the desk, it looks after every form that is sent by POST. What is typed is kept in this tab until a page of the
 * desk answered it. Before a form leaves it asks whether the desk can be reached and who is signed in: when not, the
 * form stays as it is and says so beside its button. A form that is on its way does not leave twice. The words are
 * the server's: `<template data-note="back|away|out|else|working">`.
 */
export class KeepTyping extends HTMLElement {
  private shelf = new Shelf(NOBODY);
  private passed = new WeakSet<HTMLFormElement>();
  private seen = new WeakSet<HTMLFormElement>();
  private typed = new Set<HTMLFormElement>();
  private waiting = new Map<HTMLFormElement, number>();

  connectedCallback(): void {
    this.shelf = new Shelf(this.person);
    forgetOthers(this.person);
    this.shelf.tidy(Date.now());
    document.addEventListener("submit", this.onSubmit, true);
    document.addEventListener("input", this.onInput);
    document.addEventListener("change", this.onInput);
    document.addEventListener("htmx:after:swap", this.restore);
    document.addEventListener("htmx:finally:request", this.onAnswered);
    addEventListener("pagehide", this.onLeave);
    addEventListener("pageshow", this.onReturn);
    this.restore();
  }

  disconnectedCallback(): void {
    document.removeEventListener("submit", this.onSubmit, true);
    document.removeEventListener("input", this.onInput);
    document.removeEventListener("change", this.onInput);
    document.removeEventListener("htmx:after:swap", this.restore);
    document.removeEventListener("htmx:finally:request", this.onAnswered);
    removeEventListener("pagehide", this.onLeave);
    removeEventListener("pageshow", this.onReturn);
  }

  private get person(): string {
    return this.getAttribute("person") || NOBODY;
  }

  private onInput = (event: Event): void => {
    const form = (event.target as Element).closest?.("form");
    if (!form || !keeps(form) || !event.isTrusted) return;
    this.typed.add(form);
    clearTimeout(this.waiting.get(form));
    this.waiting.set(form, window.setTimeout(() => this.keep(form), 250));
  };

  private keep(form: HTMLFormElement, sent = false): void {
    clearTimeout(this.waiting.get(form));
    this.waiting.delete(form);
    const fields = typedIn(form);
    if (fields.length) this.shelf.put(nameOf(form), { at: Date.now(), sent, file: filesIn(form), fields });
  }

  /** What waits to be kept is not: whoever signs out a moment after the last key leaves that key behind no more. */
  forget(): void {
    for (const timer of this.waiting.values()) clearTimeout(timer);
    this.waiting.clear();
  }

  private onLeave = (): void => {
    for (const form of [...this.waiting.keys()]) this.keep(form);
  };

  private onReturn = (event: PageTransitionEvent): void => {
    if (event.persisted) for (const form of document.querySelectorAll<HTMLFormElement>("form[aria-busy]")) this.free(form);
  };

  private onAnswered = (event: Event): void => {
    const source = (event as CustomEvent<{ ctx?: { sourceElement?: Element } }>).detail.ctx?.sourceElement;
    if (source instanceof HTMLFormElement) this.free(source);
  };

  private restore = (): void => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form")) {
      if (!keeps(form) || this.seen.has(form)) continue;
      this.seen.add(form);
      const kept = this.shelf.get(nameOf(form));
      const refused = form.querySelector("[aria-invalid=true]") !== null;
      if (!kept || kept.sent || refused || !putBack(form, kept.fields)) continue;
      form.closest("details")?.setAttribute("open", "");
      const said = this.note(form, "back", kept.file);
      said?.querySelector("[data-discard]")?.addEventListener("click", () => this.discard(form, said));
    }
  };

  private discard(form: HTMLFormElement, said: HTMLElement): void {
    this.shelf.drop(nameOf(form));
    form.reset();
    said.remove();
    form.querySelector<HTMLElement>("textarea, input:not([type=hidden]), select")?.focus();
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  private onSubmit = (event: SubmitEvent): void => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || !isPost(form)) return;
    if (signsOut(form)) return;
    if (this.passed.delete(form)) {
      if (keeps(form)) this.keep(form, true);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.getAttribute("aria-busy") === "true") return;
    this.busy(form);
    void this.send(form, event.submitter);
  };

  private async send(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
    const standing = await this.standing();
    if (standing === "here") {
      this.passed.add(form);
      if (submitter?.isConnected) form.requestSubmit(submitter);
      else form.requestSubmit();
      if (this.passed.delete(form)) this.free(form); // the browser found a field wanting
      return;
    }
    if (keeps(form)) this.keep(form);
    this.free(form);
    this.told(form, standing, submitter);
  }

  /** A part of the page was told that the session has ended. Whether there is a form that says so now. */
  ended(): boolean {
    const open = [...this.typed].filter((form) => form.isConnected);
    for (const form of open) {
      this.keep(form);
      form.querySelectorAll("[data-said-here]").forEach((said) => said.remove());
      this.told(form, "out", null);
    }
    return open.length > 0;
  }

  private told(form: HTMLFormElement, standing: Standing, submitter: HTMLElement | null): void {
    const file = filesIn(form);
    const said = this.note(form, standing, file, submitter);
    const link = said?.querySelector<HTMLAnchorElement>("a[data-sign-in]");
    if (!link) return;
    const next = form.dataset["keepAt"] ?? this.getAttribute("at") ?? "/";
    link.href = `${this.getAttribute("sign-in")}?next=${encodeURIComponent(next)}`;
    if (file) link.target = "_blank";
  }

  /** Who is signed in in this browser, and whether the desk answers at all. Renews the forms' proof of origin. */
  private async standing(): Promise<Standing> {
    try {
      const answer = await fetch(this.getAttribute("here") ?? "", { cache: "no-store", signal: AbortSignal.timeout(10_000) });
      if (!answer.ok) return "away";
      const here = (await answer.json()) as Here;
      if (!here.person) return "out";
      if (here.person !== this.person) return "else";
      for (const field of document.querySelectorAll<HTMLInputElement>("input[name=csrfmiddlewaretoken]")) field.value = here.csrf;
      return "here";
    } catch {
      return "away";
    }
  }

  /** The desk answered a form with a page that says why not: its words stand in the form, what was typed stays. */
  refused(form: HTMLFormElement, page: string): void {
    const told = new DOMParser().parseFromString(page, "text/html");
    const words = [...told.querySelectorAll("#error-title, .error-sheet dd")].map((one) => one.textContent?.trim() ?? "");
    if (!words.length) return;
    this.keep(form);
    this.free(form);
    const said = this.note(form, "stale", "");
    const place = said?.querySelector("[data-words]");
    if (place) place.textContent = words.map((one) => (/[.:]$/.test(one) ? one : `${one}.`)).join(" ");
    announce(said?.textContent ?? "");
  }

  private busy(form: HTMLFormElement): void {
    form.querySelectorAll("[data-said-here]").forEach((said) => said.remove());
    form.setAttribute("aria-busy", "true");
    window.setTimeout(() => form.getAttribute("aria-busy") === "true" && announce(this.words("working")), 600);
    window.setTimeout(() => this.free(form), MOST_BUSY);
  }

  private free(form: HTMLFormElement): void {
    form.removeAttribute("aria-busy");
  }

  private words(kind: string): string {
    return this.querySelector<HTMLTemplateElement>(`template[data-note=${kind}]`)?.content.textContent?.trim() ?? "";
  }

  /** Say something in the form, above its button. */
  private note(form: HTMLFormElement, kind: string, file: string, submitter?: HTMLElement | null): HTMLElement | null {
    const shape = this.querySelector<HTMLTemplateElement>(`template[data-note=${kind}]`);
    const said = shape?.content.firstElementChild?.cloneNode(true) as HTMLElement | undefined;
    if (!said) return null;
    said.setAttribute("data-said-here", "");
    for (const part of said.querySelectorAll<HTMLElement>("[data-file]")) {
      part.hidden = !file;
      const name = part.querySelector("[data-name]");
      if (name) name.textContent = file;
    }
    const button = submitter ?? form.querySelector<HTMLElement>("[type=submit], button:not([type=button])");
    let place: Element | null = button && form.contains(button) ? button : null;
    while (place && place.parentElement !== form) place = place.parentElement;
    form.insertBefore(said, place);
    said.querySelectorAll("[hidden]").forEach((part) => part.remove());
    announce(said.textContent?.replace(/\s+/g, " ").trim() ?? "");
    return said;
  }
}

/** A form of this house that is sent by POST and whose typing is kept. */
function keeps(form: HTMLFormElement): boolean {
  return isPost(form) && !signsOut(form) && form.dataset["keep"] !== "no" && form.closest("main") !== null;
}

function isPost(form: HTMLFormElement): boolean {
  return form.getAttribute("method")?.toLowerCase() === "post";
}

function signsOut(form: HTMLFormElement): boolean {
  return (form.getAttribute("action") ?? "").endsWith(SIGN_OUT);
}

/** On pages with and without the desk: signing out leaves nothing behind, in this tab and in the others. */
document.addEventListener("submit", (event) => {
  if (!signsOut(event.target as HTMLFormElement)) return;
  forgetAll();
  channel?.postMessage("out");
});
channel?.addEventListener("message", forgetAll);

function forgetAll(): void {
  for (const keeper of document.querySelectorAll<KeepTyping>("keep-typing")) keeper.forget();
  forgetOthers("");
}

/** Sign-in and error pages are no answer of the desk: what was handed in before them was not acted on. */
export function atTheDoor(): void {
  if (document.querySelector("keep-typing")) return;
  nothingWasDone();
  for (const said of document.querySelectorAll<HTMLElement>("[data-if-kept]")) said.hidden = !anythingKept();
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", atTheDoor);
else atTheDoor();

customElements.define("keep-typing", KeepTyping);
