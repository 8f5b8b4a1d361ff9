import type { PDFDocumentProxy, PDFPageProxy, RenderTask } from "pdfjs-dist";
import { type Hit, PageText, type Piece } from "./find";
import { links } from "./links";
import { mark } from "./marks";
import type { Pdfjs } from "./open";
import { PX_PER_PT } from "./zoom";

/** Pages drawn at the same time; the others are empty boxes of the right size, so a thousand pages stay quick. */
export const ALIVE = 8;
const MOST_PIXELS = 16_000_000;

interface Sheet {
  number: number;
  box: HTMLElement;
  width: number;
  height: number;
  drawn: string;
  task: RenderTask | null;
  divs: HTMLElement[];
  texts: string[];
}

/** What the reader is told in words; `%n` stands for a page's number, `%m` for how many there are. */
export interface Words {
  page: string;
  link: string;
}

/** The pages of an open document in their scrolling pane: boxes for all, canvases for those near the reader. */
export class Sheets {
  readonly all: Sheet[] = [];
  private readonly texts = new Map<number, Promise<PageText>>();
  private readonly near = new Set<Sheet>();
  private readonly watcher: IntersectionObserver;
  private hits = new Map<number, Hit[]>();
  private current: { page: number; hit: number } = { page: 0, hit: 0 };
  private factor = 1;
  private turned = 0;
  private busy = false;

  constructor(
    readonly pdf: PDFDocumentProxy,
    private readonly pdfjs: Pdfjs,
    private readonly pane: HTMLElement,
    private readonly list: HTMLElement,
    private readonly words: Words,
  ) {
    this.watcher = new IntersectionObserver((seen) => this.onSeen(seen), { root: pane, rootMargin: "60% 0px" });
  }

  /** Makes the boxes. Pictures of pages that are there already stay under them until the page is drawn. */
  async start(): Promise<void> {
    const first = await this.pdf.getPage(1);
    const { width, height } = first.getViewport({ scale: 1 });
    const pictures = [...this.list.querySelectorAll<HTMLImageElement>("img")];
    const boxes = Array.from({ length: this.pdf.numPages }, (_, at) => {
      const box = document.createElement("div");
      box.className = "vp";
      box.id = `page-${at + 1}`;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", this.said(this.words.page, at + 1));
      const picture = pictures[at];
      if (picture?.complete && picture.naturalWidth) box.append(picture);
      this.all.push({ number: at + 1, box, width, height, drawn: "", task: null, divs: [], texts: [] });
      return box;
    });
    this.list.className = "vps bench";
    this.list.replaceChildren(...boxes);
  }

  /** Begins to draw; `layout` comes before. */
  watch(): void {
    for (const sheet of this.all) this.watcher.observe(sheet.box);
  }

  stop(): void {
    this.watcher.disconnect();
    for (const sheet of this.all) sheet.task?.cancel();
  }

  /** The size of a page in pt as it lies now. */
  size(number: number): { width: number; height: number } {
    const sheet = this.all[number - 1];
    const [width, height] = [sheet?.width ?? 595, sheet?.height ?? 842];
    return this.turned % 180 ? { width: height, height: width } : { width, height };
  }

  /** Sets the size and the rotation of all pages and keeps the reader where they are. */
  layout(factor: number, turned: number): void {
    const here = this.at();
    const sheet = this.all[here - 1];
    const share = sheet ? (this.pane.scrollTop - sheet.box.offsetTop) / (sheet.box.offsetHeight || 1) : 0;
    this.factor = factor;
    this.turned = turned;
    const { width, height } = this.size(1);
    this.list.style.setProperty("--page-w", `${width * factor * PX_PER_PT}px`);
    this.list.style.setProperty("--page-h", `${height * factor * PX_PER_PT}px`);
    for (const one of this.all) this.dress(one);
    if (sheet && (here > 1 || share > 0)) this.pane.scrollTop = sheet.box.offsetTop + share * sheet.box.offsetHeight;
    this.draw();
  }

  /** The page that fills most of the pane. */
  at(): number {
    const middle = this.pane.scrollTop + this.pane.clientHeight / 3;
    let low = 0;
    let high = this.all.length - 1;
    while (low < high) {
      const half = (low + high + 1) >> 1;
      if ((this.all[half]?.box.offsetTop ?? 0) <= middle) low = half;
      else high = half - 1;
    }
    return low + 1;
  }

  /** Brings a page to the top of the pane. */
  go(number: number): void {
    const sheet = this.all[Math.max(1, Math.min(this.all.length, number)) - 1];
    if (sheet) this.pane.scrollTop = sheet.box.offsetTop - 12;
  }

  /** The text of a page for the search; read once. */
  text(number: number): Promise<PageText> {
    let found = this.texts.get(number);
    if (!found) {
      found = this.pdf.getPage(number).then(async (page) => new PageText(await pieces(page)));
      this.texts.set(number, found);
    }
    return found;
  }

  /** Marks the hits on the pages that are drawn, and on others when they are. */
  show(hits: Map<number, Hit[]>, page: number, hit: number): void {
    this.hits = hits;
    this.current = { page, hit };
    for (const sheet of this.all) if (sheet.divs.length) this.mark(sheet);
  }

  private mark(sheet: Sheet): void {
    const at = sheet.number === this.current.page ? this.current.hit : -1;
    const first = mark(sheet.divs, sheet.texts, this.hits.get(sheet.number) ?? [], at);
    if (!first) return;
    const [pane, found] = [this.pane.getBoundingClientRect(), first.getBoundingClientRect()];
    if (found.top < pane.top || found.bottom > pane.bottom) this.pane.scrollTop += found.top - pane.top - pane.height / 3;
    if (found.left < pane.left || found.right > pane.right) this.pane.scrollLeft += found.left - pane.left - 40;
  }

  private said(text: string, number: number): string {
    return text.replace("%n", String(number)).replace("%m", String(this.pdf.numPages));
  }

  private dress(sheet: Sheet): void {
    const [first, own] = [this.size(1), this.size(sheet.number)];
    const same = first.width === own.width && first.height === own.height;
    const set = (name: string, value: number): void =>
      same ? void sheet.box.style.removeProperty(name) : sheet.box.style.setProperty(name, `${value * this.factor * PX_PER_PT}px`);
    set("--page-w", own.width);
    set("--page-h", own.height);
  }

  private onSeen(seen: IntersectionObserverEntry[]): void {
    for (const entry of seen) {
      const sheet = this.all[Number(entry.target.id.slice(5)) - 1];
      if (!sheet) continue;
      if (entry.isIntersecting) this.near.add(sheet);
      else this.near.delete(sheet);
    }
    this.draw();
  }

  /** Draws what is near and not drawn as it should be, the reader's page first, one after the other. */
  private draw(): void {
    if (this.busy) return;
    const here = this.at();
    const next = [...this.near]
      .filter((sheet) => sheet.drawn !== this.wanted)
      .sort((a, b) => Math.abs(a.number - here) - Math.abs(b.number - here))[0];
    if (!next) return;
    this.busy = true;
    const wanted = this.wanted;
    void this.paint(next)
      .catch(() => undefined) // cancelled, or a page that is broken: its box stays, the others are drawn
      .then(() => {
        next.drawn = wanted;
        this.busy = false;
        this.letGo(here);
        this.draw();
      });
  }

  private get wanted(): string {
    return `${this.factor}/${this.turned}/${devicePixelRatio}`;
  }

  private letGo(here: number): void {
    const alive = this.all.filter((sheet) => sheet.drawn);
    alive.sort((a, b) => Math.abs(b.number - here) - Math.abs(a.number - here));
    for (const sheet of alive.slice(0, Math.max(0, alive.length - ALIVE))) {
      if (this.near.has(sheet)) continue;
      sheet.box.querySelectorAll("canvas").forEach((canvas) => (canvas.width = canvas.height = 0));
      sheet.box.replaceChildren(...sheet.box.querySelectorAll("img"));
      Object.assign(sheet, { drawn: "", divs: [], texts: [] });
    }
  }

  private async paint(sheet: Sheet): Promise<void> {
    const page = await this.pdf.getPage(sheet.number);
    const plain = page.getViewport({ scale: 1 });
    if (plain.width !== sheet.width || plain.height !== sheet.height) {
      Object.assign(sheet, { width: plain.width, height: plain.height });
      this.dress(sheet);
    }
    const viewport = page.getViewport({ scale: this.factor * PX_PER_PT, rotation: (page.rotate + this.turned) % 360 });
    const sharp = Math.min(devicePixelRatio || 1, Math.sqrt(MOST_PIXELS / (viewport.width * viewport.height)));
    const canvas = document.createElement("canvas");
    canvas.width = Math.floor(viewport.width * sharp);
    canvas.height = Math.floor(viewport.height * sharp);
    canvas.setAttribute("aria-hidden", "true"); // the text layer is what is read out
    sheet.task = page.render({ canvas, viewport, transform: [sharp, 0, 0, sharp, 0, 0] });
    await sheet.task.promise;
    const layer = document.createElement("div");
    layer.className = "vp-text";
    layer.style.setProperty("--total-scale-factor", String(viewport.scale));
    const text = new this.pdfjs.TextLayer({ textContentSource: await page.getTextContent(), container: layer, viewport });
    await text.render();
    const linked = await links(this.pdf, page, viewport, this.words.link, (number) => this.go(number));
    const over = document.createElement("div");
    over.className = "vp-links";
    over.append(...linked);
    const picture = sheet.box.querySelector("img");
    if (picture) picture.alt = "";
    sheet.box.replaceChildren(...(picture ? [picture] : []), canvas, layer, ...(linked.length ? [over] : []));
    sheet.divs = text.textDivs;
    sheet.texts = text.textContentItemsStr;
    if (this.hits.size) this.mark(sheet);
  }
}

async function pieces(page: PDFPageProxy): Promise<Piece[]> {
  const content = await page.getTextContent();
  return content.items.flatMap((item) => ("str" in item ? [{ str: item.str, hasEOL: item.hasEOL }] : []));
}
