import type { Where } from "./ask";

/** What was found of a thing on the page: a sentence, and the places to choose from where there are several. */
export function showFound(box: HTMLElement, found: Where): void {
  const said = document.createElement("p");
  said.textContent = found.said;
  const list = document.createElement("ol");
  for (const spot of found.spots) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "lnk";
    button.dataset["go"] = `${spot.file}:${spot.line}:${spot.column}:${spot.length}`;
    button.textContent = `${spot.file}:${spot.line}`;
    const code = document.createElement("code");
    code.textContent = spot.text;
    item.append(button, " ", code);
    list.append(item);
  }
  box.replaceChildren(said, ...(found.spots.length > 1 ? [list] : []));
  box.hidden = false;
}

/** Shows a field in the sample, and opens what it stands in. */
export function lightField(studio: HTMLElement, path: string): void {
  for (const one of studio.querySelectorAll<HTMLElement>("[data-path]")) {
    const here = one.dataset["path"] === path;
    one.toggleAttribute("data-lit", here);
    if (!here) continue;
    for (let up = one.closest("details"); up; up = up.parentElement?.closest("details") ?? null) up.open = true;
    one.scrollIntoView({ block: "nearest" });
  }
}

/** To the next pane, as in a window of several parts. */
export function turnPane(studio: HTMLElement, by: number, editor: { focus(): void }): void {
  const panes = [...studio.querySelectorAll<HTMLElement>("[data-pane]")].filter((pane) => pane.offsetParent !== null);
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = panes[(at + by + panes.length) % panes.length];
  if (next?.querySelector("[data-editor]")) editor.focus();
  else next?.querySelector<HTMLElement>("[data-first]")?.focus();
}
