import type { PDFDocumentProxy } from "pdfjs-dist";

const WIDTH = 60;
/** Small pictures kept; of a long document the oldest ones go. */
const KEPT = 60;

/** The rail of small pages: a button each, its picture drawn when it comes into sight. */
export class Thumbs {
  private readonly buttons: HTMLButtonElement[] = [];
  private readonly drawn: HTMLElement[] = [];
  private readonly watcher: IntersectionObserver;
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly pdf: PDFDocumentProxy,
    list: HTMLElement,
    label: string,
    go: (number: number) => void,
    ratio: number,
  ) {
    this.watcher = new IntersectionObserver((seen) => this.onSeen(seen), { root: list.parentElement, rootMargin: "50% 0px" });
    list.style.setProperty("--thumb-ratio", String(ratio));
    for (let number = 1; number <= pdf.numPages; number += 1) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "vt";
      button.setAttribute("aria-label", label.replace("%n", String(number)));
      const paper = document.createElement("span");
      paper.className = "vt-paper";
      paper.dataset["n"] = String(number);
      const name = document.createElement("span");
      name.className = "vt-n";
      name.textContent = String(number);
      button.append(paper, name);
      button.addEventListener("click", () => go(number));
      this.buttons.push(button);
    }
    list.replaceChildren(
      ...this.buttons.map((button) => {
        const item = document.createElement("li");
        item.append(button);
        return item;
      }),
    );
    for (const button of this.buttons) this.watcher.observe(button.firstElementChild as Element);
  }

  /** Says which page the reader is at. */
  at(number: number): void {
    for (const button of this.buttons) button.removeAttribute("aria-current");
    const button = this.buttons[number - 1];
    if (!button) return;
    button.setAttribute("aria-current", "true");
    const rail = button.closest<HTMLElement>("[data-thumbs]");
    if (!rail || rail.hidden) return;
    const top = button.offsetTop - rail.clientHeight / 2;
    if (button.offsetTop < rail.scrollTop || button.offsetTop + button.offsetHeight > rail.scrollTop + rail.clientHeight)
      rail.scrollTop = top;
  }

  stop(): void {
    this.watcher.disconnect();
  }

  private onSeen(seen: IntersectionObserverEntry[]): void {
    for (const entry of seen) {
      const paper = entry.target as HTMLElement;
      if (!entry.isIntersecting || paper.firstElementChild) continue;
      this.queue = this.queue.then(() => this.draw(paper)).catch(() => undefined); // a broken page has no picture
    }
  }

  private async draw(paper: HTMLElement): Promise<void> {
    if (!paper.isConnected || paper.firstElementChild) return;
    const page = await this.pdf.getPage(Number(paper.dataset["n"]));
    const plain = page.getViewport({ scale: 1 });
    const viewport = page.getViewport({ scale: (WIDTH * Math.min(2, devicePixelRatio || 1)) / plain.width });
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(viewport.width);
    canvas.height = Math.ceil(viewport.height);
    await page.render({ canvas, viewport }).promise;
    paper.replaceChildren(canvas);
    this.drawn.push(paper);
    if (this.drawn.length > KEPT) this.drawn.shift()?.replaceChildren();
  }
}
