import type { Shorts } from "./ask";

/** Shows the SMS and the push text of what is typed, each in its place. One that could not be written shows nothing. */
export function showShort(studio: ParentNode, made: Shorts): void {
  for (const place of studio.querySelectorAll<HTMLElement>("[data-short], [data-short-said]")) {
    const { short, shortSaid } = place.dataset;
    place.textContent = (short ? made[short]?.text : made[shortSaid ?? ""]?.said) ?? "";
  }
}
