/** Either a fit or a factor; 1 is the size on paper (96 px to the inch). */
export type Zoom = "width" | "page" | number;

export const STEPS = [0.5, 0.67, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4];
const LEAST = 0.5;
const MOST = 4;
/** A PDF counts in points, a screen in px of 1/96 inch. */
export const PX_PER_PT = 96 / 72;

/** Reads what was kept for the session or chosen in the list; the width of the pane for anything else. */
export function readZoom(text: string | null): Zoom {
  if (text === "width" || text === "page") return text;
  const factor = Number(text);
  return text && Number.isFinite(factor) && factor > 0 ? Math.min(MOST, Math.max(LEAST, factor)) : "width";
}

/** The factor a zoom means for a page of `width` by `height` pt in a pane of `paneWidth` by `paneHeight` px. */
export function factorOf(zoom: Zoom, width: number, height: number, paneWidth: number, paneHeight: number): number {
  if (typeof zoom === "number") return zoom;
  const wide = paneWidth / (width * PX_PER_PT);
  const fit = zoom === "width" ? wide : Math.min(wide, paneHeight / (height * PX_PER_PT));
  return Math.min(MOST, Math.max(0.1, fit));
}

/** The next step above or below a factor. */
export function step(factor: number, by: 1 | -1): number {
  const steps = by > 0 ? STEPS : [...STEPS].reverse();
  return steps.find((one) => (by > 0 ? one > factor + 0.01 : one < factor - 0.01)) ?? (by > 0 ? MOST : LEAST);
}
