/**
 * `<row-cursor>` around a table: `j` and `k` move a cursor over the rows that hold a link, `Enter` opens the
 * row. The cursor is the focus itself (on the row's first link), so a screen reader follows it.
 */
export class RowCursor extends HTMLElement {
  get links(): HTMLAnchorElement[] {
    return [...this.querySelectorAll<HTMLAnchorElement>("tbody tr a[data-open]")];
  }

  /** Moves by `by` rows; a first move enters at the top (or, upwards, at the bottom). */
  move(by: number): void {
    const links = this.links;
    if (!links.length) return;
    const row = document.activeElement?.closest("tr");
    const at = links.findIndex((link) => link.closest("tr") === row);
    const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.max(0, Math.min(links.length - 1, at + by));
    links[next]?.focus();
    links[next]?.closest("tr")?.scrollIntoView({ block: "nearest" });
  }
}

/** The row the focus is in, when it is a row of a list. */
export function cursorRow(): HTMLTableRowElement | null {
  const row = document.activeElement?.closest<HTMLTableRowElement>("row-cursor tbody tr") ?? null;
  return row?.querySelector("a[data-open]") ? row : null;
}

customElements.define("row-cursor", RowCursor);
