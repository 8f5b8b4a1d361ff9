/**
 * True when a part that renews itself should not be asked for now: the page is hidden, a form inside it is open, or
 * nothing is due. Due is what a notice marked (`data-due`, until it was asked for); without a stream of live counts,
 * all that moves; with one, what moves and was not renewed for a minute, should a notice be lost.
 */
export function pollRests(source: Element, hidden: boolean, streaming = false, renewedAgo = Infinity): boolean {
  if (!source.hasAttribute("data-poll")) return false;
  if (hidden || isInUse(source)) return true;
  if (source.hasAttribute("data-due")) return false;
  if (!source.hasAttribute("data-moving")) return true;
  return streaming && renewedAgo < 60_000;
}

/**
 * A part that renews itself holds a form that somebody has opened. Asked again when an answer arrives: the form may have
 * been opened while it was on its way.
 */
export function isInUse(source: Element): boolean {
  return source.hasAttribute("data-poll") && source.querySelector("[data-typing], details.pop[open]") !== null;
}

/** What to do with an answer: use it, reload the whole page, or leave the page as it is and say so. */
export function judge(status: number, redirected: boolean, full: boolean): "swap" | "reload" | "trouble" {
  if (redirected && full) return "reload";
  if (status === 401) return "reload";
  if (status === 422 || status < 400) return "swap";
  return "trouble";
}
