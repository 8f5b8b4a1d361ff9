/**
 * htmx and the four things we add to it: polling rests while nobody looks, somebody types or nothing is due, an expired
 * session reloads the page instead of swapping the sign-in form into a panel, failures are said in words,
 * and focus goes to the new heading when the focused element was swapped away.
 */
import "htmx.org";
import { announce } from "./elements/live-region";
import { renewedAgo, streaming, wasRenewed } from "./live";
import type { KeepTyping } from "./elements/keep-typing";
import { isInUse, judge, pollRests } from "./verdict";

interface SwapContext {
  sourceElement?: Element;
  target?: Element | string;
  response?: { raw: Response; status: number };
}

interface SwapEvent extends Event {
  detail: { ctx: SwapContext };
}

/** Shows or clears the trouble line under the top bar. */
function trouble(show: boolean): void {
  const line = document.querySelector<HTMLElement>("#desk-trouble");
  if (!line || line.hidden === !show) return;
  line.hidden = !show;
  if (show) announce(line.textContent?.trim() ?? "");
}

let focusedId = "";

document.addEventListener("htmx:before:request", (event) => {
  const source = (event as SwapEvent).detail.ctx.sourceElement;
  if (!source) return;
  if (pollRests(source, document.hidden, streaming(), renewedAgo(source))) event.preventDefault();
  else wasRenewed(source);
});

document.addEventListener("htmx:before:response", (event) => {
  const response = (event as SwapEvent).detail.ctx.response;
  if (!response) return;
  const { raw, status } = response;
  const full = raw.headers.get("X-Postroom-Partial") === null;
  const verdict = judge(status, raw.redirected, full);
  trouble(verdict === "trouble");
  const source = (event as SwapEvent).detail.ctx.sourceElement;
  if (verdict === "swap") {
    if (source && isInUse(source)) {
      event.preventDefault();
      source.setAttribute("data-due", ""); // asked for again once the form is closed
    }
    return;
  }
  event.preventDefault();
  const keeper = document.querySelector<KeepTyping>("keep-typing");
  if (verdict === "trouble" && source instanceof HTMLFormElement && keeper) {
    trouble(false);
    void raw.clone().text().then((page) => keeper.refused(source, page));
  }
  if (verdict === "reload" && !keeper?.ended()) location.reload();
});

document.addEventListener("htmx:error", () => trouble(true));

document.addEventListener("htmx:before:swap", () => {
  const focused = document.activeElement;
  focusedId = (focused instanceof HTMLElement && focused.dataset["return"]) || (focused?.id ?? "");
});

document.addEventListener("htmx:after:swap", (event) => {
  const context = (event as SwapEvent).detail.ctx;
  const target = typeof context.target === "string" ? document.querySelector(context.target) : context.target;
  const said = document.querySelector<HTMLElement>("[data-announce]");
  if (said?.dataset["announce"]) {
    announce(said.dataset["announce"]);
    delete said.dataset["announce"];
  }
  if (document.activeElement && document.activeElement !== document.body) return;
  const again = focusedId ? document.getElementById(focusedId) : null;
  const wanted =
    again ??
    document.querySelector<HTMLElement>("[data-focus]") ??
    target?.querySelector<HTMLElement>("h1[tabindex], h2[tabindex]") ??
    document.querySelector<HTMLElement>("#page-title");
  wanted?.focus({ preventScroll: again !== null });
});
