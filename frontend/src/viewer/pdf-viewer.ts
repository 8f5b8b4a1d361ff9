import type { PDFDocumentLoadingTask, PDFDocumentProxy } from "pdfjs-dist";
import { fault, open } from "./open";
import { SearchBox } from "./search-box";
import { Sheets } from "./sheets";
import { Thumbs } from "./thumbs";
import { factorOf, readZoom, step, type Zoom } from "./zoom";

const KEPT = "postroom-viewer-zoom";
const NARROW = "(width < 40rem)";

/**
 * `<pdf-viewer src find>` around the pictures of the pages, which stay until the real pages are drawn and are all
 * there is without scripts. Texts stand in attributes of what the server rendered; buttons say what they do in
 * `data-do`. A file that does not open shows one of the sheets marked `data-fault`.
 */
export class PdfViewer extends HTMLElement {
  private task: PDFDocumentLoadingTask | null = null;
  private sheets: Sheets | null = null;
  private thumbs: Thumbs | null = null;
  private box: SearchBox | null = null;
  private zoom: Zoom = "width";
  private turned = 0;
  private resized: ResizeObserver | null = null;
  private waiting = 0;

  connectedCallback(): void {
    this.zoom = readZoom(sessionStorage.getItem(KEPT));
    this.addEventListener("click", this.onClick);
    this.addEventListener("change", this.onChange);
    document.addEventListener("keydown", this.onKey);
    addEventListener("hashchange", this.onHash);
    void this.start();
  }

  disconnectedCallback(): void {
    this.removeEventListener("click", this.onClick);
    this.removeEventListener("change", this.onChange);
    document.removeEventListener("keydown", this.onKey);
    removeEventListener("hashchange", this.onHash);
    this.resized?.disconnect();
    this.sheets?.stop();
    this.thumbs?.stop();
    void this.task?.destroy();
  }

  private bit<T extends HTMLElement>(selector: string): T {
    const found = this.querySelector<T>(selector);
    if (!found) throw new Error(`The viewer lacks ${selector}.`);
    return found;
  }

  private get pane(): HTMLElement {
    return this.bit("[data-pane]");
  }

  private async start(): Promise<void> {
    try {
      const { pdfjs, task } = await open(this.getAttribute("src") ?? "");
      this.task = task;
      const pdf = await task.promise;
      const words = { page: this.getAttribute("page-label") ?? "", link: this.getAttribute("link-label") ?? "" };
      this.sheets = new Sheets(pdf, pdfjs, this.pane, this.bit(".pages"), words);
      await this.sheets.start();
      this.furnish(pdf);
      await this.attached(pdf);
    } catch (error) {
      if (this.isConnected) this.fail(error);
    }
  }

  private furnish(pdf: PDFDocumentProxy): void {
    const sheets = this.sheets!;
    this.querySelectorAll<HTMLElement>("[data-tools]").forEach((tools) => (tools.hidden = false));
    this.querySelectorAll<HTMLElement>("[data-plain]").forEach((plain) => (plain.hidden = true));
    this.bit("[data-of]").textContent = String(pdf.numPages);
    this.bit<HTMLInputElement>("[data-page]").max = String(pdf.numPages);
    const { width, height } = sheets.size(1);
    this.thumbs = new Thumbs(pdf, this.bit("[data-thumbs] ol"), this.getAttribute("thumb-label") ?? "", this.go, width / height);
    this.bit("[data-thumbs]").hidden = false;
    this.box = new SearchBox(this.bit("[data-search]"), sheets, () => this.pane.focus({ preventScroll: true }));
    this.fit();
    sheets.watch();
    this.onScroll();
    this.pane.addEventListener("scroll", this.onScroll, { passive: true });
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(this.pane);
    this.onHash();
    const words = this.getAttribute("find");
    if (words) this.box.open(words);
    this.dataset["ready"] = "";
  }

  /** Files inside the file, as buttons that save them. */
  private async attached(pdf: PDFDocumentProxy): Promise<void> {
    const found = (await pdf.getAttachments()) as unknown as
      | Map<string, { filename: string; content?: Uint8Array }>
      | Record<string, { filename: string; content?: Uint8Array }>
      | null;
    const files = found instanceof Map ? [...found.entries()] : Object.entries(found ?? {});
    if (!files.length) return;
    const place = this.bit("[data-attached]");
    const model = this.bit<HTMLTemplateElement>("template[data-file]");
    for (const [id, { filename, content }] of files) {
      const button = (model.content.cloneNode(true) as DocumentFragment).querySelector("button")!;
      button.querySelector("[data-name]")!.textContent = filename;
      button.addEventListener("click", async () => {
        const octets = content ?? ((await pdf.getAttachmentContent?.(id)) as Uint8Array | undefined);
        if (octets) save(octets, filename);
      });
      place.append(button);
    }
    place.hidden = false;
  }

  private fail(error: unknown): void {
    this.dataset["fault"] = fault(error);
    const sheet = this.bit(`[data-fault="${this.dataset["fault"]}"]`);
    sheet.hidden = false;
    if (this.dataset["fault"] !== "away") this.bit(".pages").hidden = true;
  }

  private go = (number: number): void => {
    this.sheets?.go(number);
    this.onScroll();
  };

  private onScroll = (): void => {
    const at = this.sheets?.at() ?? 1;
    const field = this.bit<HTMLInputElement>("[data-page]");
    if (document.activeElement !== field) field.value = String(at);
    this.thumbs?.at(at);
  };

  private fit(): void {
    const sheets = this.sheets;
    if (!sheets) return;
    const { width, height } = this.size(sheets);
    const style = getComputedStyle(this.bit(".vps"));
    const room = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
    const factor = factorOf(this.zoom, width, height, this.pane.clientWidth - room, this.pane.clientHeight - room / 2);
    sheets.layout(factor, this.turned);
    const list = this.bit<HTMLSelectElement>("select[data-zoom]");
    const own = list.querySelector<HTMLOptionElement>("option[data-own]")!;
    const value = String(this.zoom);
    const known = [...list.options].some((option) => option !== own && option.value === value);
    own.hidden = known;
    own.value = known ? "" : value;
    own.textContent = `${Math.round(factor * 100)} %`;
    list.value = value;
    this.dataset["factor"] = factor.toFixed(3);
  }

  private size(sheets: Sheets): { width: number; height: number } {
    const { width, height } = sheets.size(sheets.at());
    return { width, height };
  }

  private set(zoom: Zoom): void {
    this.zoom = zoom;
    sessionStorage.setItem(KEPT, String(zoom));
    this.fit();
  }

  private onClick = (event: Event): void => {
    const asked = (event.target as Element).closest<HTMLElement>("[data-do]")?.dataset["do"];
    if (asked) this.act(asked);
  };

  private act(asked: string): void {
    const at = this.sheets?.at() ?? 1;
    const factor = Number(this.dataset["factor"] ?? 1);
    if (asked === "larger") this.set(step(factor, 1));
    else if (asked === "smaller") this.set(step(factor, -1));
    else if (asked === "next") this.go(at + 1);
    else if (asked === "previous") this.go(at - 1);
    else if (asked === "turn") {
      this.turned = (this.turned + 90) % 360;
      this.sheets?.layout(Number(this.dataset["factor"] ?? 1), this.turned);
      this.fit();
    } else if (asked === "find") this.box?.open();
    else if (asked === "whole") void (document.fullscreenElement ? document.exitFullscreen() : this.requestFullscreen());
    else if (asked === "read") location.hash = "read";
    else if (asked === "leave") history.back();
    else if (asked === "thumbs") {
      const rail = this.bit("[data-thumbs]");
      rail.hidden = !rail.hidden;
      this.bit('[data-do="thumbs"]').setAttribute("aria-expanded", String(!rail.hidden));
    }
  }

  private onChange = (event: Event): void => {
    const field = event.target as HTMLInputElement | HTMLSelectElement;
    if (field.matches("select[data-zoom]")) this.set(readZoom(field.value));
    if (field.matches("[data-page]")) {
      const number = Number.parseInt(field.value, 10);
      if (Number.isFinite(number)) this.go(number);
      field.value = String(this.sheets?.at() ?? 1);
    }
  };

  /** On a phone the card opens over the whole window under an address of its own, so that "back" closes it. */
  private onHash = (): void => {
    const reading = location.hash === "#read" && matchMedia(NARROW).matches;
    const was = this.dataset["reading"] !== undefined;
    if (reading === was) return;
    if (reading) this.dataset["reading"] = "";
    else delete this.dataset["reading"];
    document.documentElement.classList.toggle("is-reading", reading);
    if (reading) this.pane.focus();
    else this.bit('[data-do="read"]').focus();
  };

  private onKey = (event: KeyboardEvent): void => {
    if (!this.sheets || event.altKey || event.defaultPrevented) return;
    const inside = this.contains(event.target as Node);
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select") !== null;
    if (event.ctrlKey || event.metaKey) {
      const asked = this.modified(event, inside);
      if (asked) {
        event.preventDefault();
        this.act(asked);
      }
      return;
    }
    if (event.key === "Escape" && this.dataset["reading"] !== undefined) return void history.back();
    if (typing || document.querySelector("dialog[open]")) return;
    const asked = this.single(event, inside);
    if (!asked) return;
    event.preventDefault();
    if (asked === "first" || asked === "last") this.go(asked === "first" ? 1 : this.sheets.all.length);
    else this.act(asked);
  };

  /** `Ctrl F` opens our box; pressed again in the box it is the browser's own. Sizes only while the focus is here. */
  private modified(event: KeyboardEvent, inside: boolean): string {
    if (event.key === "f") return this.bit("[data-search]").contains(document.activeElement) ? "" : "find";
    if (!inside) return "";
    if (event.key === "+" || event.key === "=") return "larger";
    if (event.key === "-") return "smaller";
    if (event.key === "0") {
      this.set("width");
      event.preventDefault();
    }
    return "";
  }

  private single(event: KeyboardEvent, inside: boolean): string {
    const lettered = localStorage.getItem("postroom-keys") !== "off";
    const went = performance.now() - this.waiting < 1500; // `g` waits for a letter: the desk's own
    this.waiting = event.key === "g" ? performance.now() : 0;
    if (event.key === "f" && lettered && !went) return "find";
    if (!inside) return "";
    return { PageDown: "next", PageUp: "previous", Home: "first", End: "last" }[event.key] ?? "";
  }
}

function save(octets: Uint8Array, name: string): void {
  const address = URL.createObjectURL(new Blob([octets.slice().buffer]));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

customElements.define("pdf-viewer", PdfViewer);
