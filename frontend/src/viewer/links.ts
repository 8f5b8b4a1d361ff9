import type { PDFDocumentProxy, PDFPageProxy, PageViewport } from "pdfjs-dist";

interface LinkAnnotation {
  subtype: string;
  rect: [number, number, number, number];
  url?: string;
  dest?: string | unknown[];
  contentsObj?: { str: string };
}

/** Links of a page as real links over it. `go` leads to a page of the same document. */
export async function links(
  pdf: PDFDocumentProxy, page: PDFPageProxy, viewport: PageViewport, label: string, go: (number: number) => void,
): Promise<HTMLElement[]> {
  const found = ((await page.getAnnotations()) as LinkAnnotation[]).filter((one) => one.subtype === "Link");
  const made: HTMLElement[] = [];
  for (const one of found) {
    const link = document.createElement("a");
    if (one.url && /^(https?|mailto):/i.test(one.url)) {
      link.href = one.url;
      link.target = "_blank";
      link.rel = "noopener noreferrer nofollow";
      link.setAttribute("aria-label", one.contentsObj?.str || one.url);
    } else if (one.dest) {
      const number = await pageOf(pdf, one.dest);
      if (!number) continue;
      link.href = `#page-${number}`;
      link.setAttribute("aria-label", one.contentsObj?.str || label.replace("%n", String(number)));
      link.addEventListener("click", (event) => {
        event.preventDefault();
        go(number);
      });
    } else continue;
    const [x1 = 0, y1 = 0] = viewport.convertToViewportPoint(one.rect[0], one.rect[1]);
    const [x2 = 0, y2 = 0] = viewport.convertToViewportPoint(one.rect[2], one.rect[3]);
    link.style.left = `${(Math.min(x1, x2) / viewport.width) * 100}%`;
    link.style.top = `${(Math.min(y1, y2) / viewport.height) * 100}%`;
    link.style.width = `${(Math.abs(x2 - x1) / viewport.width) * 100}%`;
    link.style.height = `${(Math.abs(y2 - y1) / viewport.height) * 100}%`;
    made.push(link);
  }
  return made;
}

async function pageOf(pdf: PDFDocumentProxy, dest: string | unknown[]): Promise<number> {
  try {
    const place = typeof dest === "string" ? await pdf.getDestination(dest) : dest;
    const target = place?.[0];
    if (typeof target === "number") return target + 1;
    return target ? (await pdf.getPageIndex(target as never)) + 1 : 0;
  } catch {
    return 0; // a link into nowhere: the file's fault, and no reason to show no page
  }
}
