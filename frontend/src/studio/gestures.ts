/** What a click, a key or a choice in the studio asks for. */
export interface Deeds {
  /** To a place in the source. */
  goTo(file: string, line: number, column: number, length: number): void;
  /** A field of the sample was clicked. */
  field(path: string): void;
  zoom(by: number): void;
  /** Page, mail, or the mail as text. */
  shown(channel: string): void;
  /** Another file, sample, language or brand. */
  chosen(name: string, value: string): void;
  /** Save now; `look` makes the page anew besides. */
  saved(look: boolean): void;
  /** To the next part of the studio, or back. */
  turned(by: 1 | -1): void;
}

/** Listens to the studio's own parts and tells what was meant; gives back what ends it. */
export function gestures(host: HTMLElement, deeds: Deeds): () => void {
  const near = (event: Event, name: string): string | undefined =>
    (event.target as Element).closest<HTMLElement>(`[data-${name}]`)?.dataset[name];

  const clicked = (event: Event): void => {
    const go = near(event, "go")?.split(":");
    const path = near(event, "path");
    const zoom = near(event, "by");
    const channel = near(event, "channel");
    if (go) deeds.goTo(go[0] ?? "", Number(go[1]), Number(go[2]), Number(go[3]));
    else if (path) deeds.field(path);
    else if (zoom) deeds.zoom(Number(zoom));
    else if (channel) deeds.shown(channel);
  };

  const changed = (event: Event): void => {
    const field = event.target as HTMLSelectElement;
    deeds.chosen(field.name, field.value);
  };

  const pressed = (event: KeyboardEvent): void => {
    const mod = event.ctrlKey || event.metaKey;
    const save = mod && event.key.toLowerCase() === "s";
    const look = mod && event.key === "Enter";
    if (!save && !look && event.key !== "F6") return;
    event.preventDefault();
    if (event.key === "F6") deeds.turned(event.shiftKey ? -1 : 1);
    else deeds.saved(look);
  };

  host.addEventListener("click", clicked);
  host.addEventListener("change", changed);
  host.addEventListener("keydown", pressed);
  return () => {
    host.removeEventListener("click", clicked);
    host.removeEventListener("change", changed);
    host.removeEventListener("keydown", pressed);
  };
}
