/** True when a poll should rest: the page is hidden, or a form inside the polled part is open. */
export function pollRests(source: Element, hidden: boolean): boolean {
  if (!source.hasAttribute("data-poll")) return false;
  if (hidden) return true;
  return source.querySelector("[data-typing], details.pop[open]") !== null;
}

/** What to do with an answer: use it, reload the whole page, or leave the page as it is and say so. */
export function judge(status: number, redirected: boolean, full: boolean): "swap" | "reload" | "trouble" {
  if (redirected && full) return "reload";
  if (status === 401) return "reload";
  if (status === 422 || status < 400) return "swap";
  return "trouble";
}
