import { announce } from "./live-region";

interface Taken {
  mark?: string;
  name?: string;
  size?: string;
  said?: string;
}

/**
 * `<drop-file to="/runs/new/">` around a form's file field: the file is on its way as soon as it is chosen or
 * dropped, with its progress and a way to stop it, and waits there (`held`) until the form is handed in. So the form
 * itself is small, and an ended session or a broken network costs nobody the upload. Without scripts the field is a
 * field. The words are the server's: `data-working`, `data-stopped`, `data-failed`, `data-taken`.
 */
export class DropFile extends HTMLElement {
  private request: XMLHttpRequest | null = null;

  connectedCallback(): void {
    this.addEventListener("change", this.onChoose);
    this.addEventListener("dragover", this.onOver);
    this.addEventListener("dragleave", this.onOut);
    this.addEventListener("drop", this.onDrop);
    this.addEventListener("click", this.onClick);
    this.setAttribute("ready", "");
  }

  disconnectedCallback(): void {
    this.removeEventListener("change", this.onChoose);
    this.removeEventListener("dragover", this.onOver);
    this.removeEventListener("dragleave", this.onOut);
    this.removeEventListener("drop", this.onDrop);
    this.removeEventListener("click", this.onClick);
    this.request?.abort();
  }

  private get input(): HTMLInputElement {
    return this.piece("input[type=file]") as HTMLInputElement;
  }

  private piece<Part extends HTMLElement = HTMLElement>(selector: string): Part {
    const found = this.querySelector<Part>(selector);
    if (!found) throw new Error(`drop-file without ${selector}`);
    return found;
  }

  private onOver = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.setAttribute("over", "");
  };

  private onOut = (): void => this.removeAttribute("over");

  private onDrop = (event: DragEvent): void => {
    const files = event.dataTransfer?.files;
    this.removeAttribute("over");
    if (!files?.length) return;
    event.preventDefault();
    this.input.files = files;
    this.begin();
  };

  private onChoose = (event: Event): void => {
    if (event.target === this.input) this.begin();
  };

  private onClick = (event: Event): void => {
    if ((event.target as Element).closest("[data-stop]")) this.request?.abort();
  };

  private begin(): void {
    const file = this.input.files?.[0];
    const form = this.closest("form");
    if (!file || !form) return;
    this.request?.abort();
    const sent = new FormData();
    for (const name of ["csrfmiddlewaretoken", "held"]) sent.set(name, form.querySelector<HTMLInputElement>(`[name=${name}]`)?.value ?? "");
    sent.set("do", "hold");
    sent.set("file", file);
    const request = new XMLHttpRequest();
    this.request = request;
    request.upload.addEventListener("progress", (event) => this.progress(event.loaded, event.total));
    request.addEventListener("load", () => this.answered(request, file));
    request.addEventListener("error", () => this.end(request, this.dataset["failed"] ?? "", true));
    request.addEventListener("abort", () => this.end(request, this.dataset["stopped"] ?? "", true));
    request.open("POST", this.getAttribute("to") ?? "");
    request.setRequestHeader("HX-Request", "true");
    this.input.setCustomValidity(this.dataset["working"] ?? "");
    this.piece("[data-way]").hidden = false;
    this.progress(0, file.size);
    this.say("", false);
    announce(this.dataset["working"] ?? "");
    request.send(sent);
  }

  private progress(loaded: number, total: number): void {
    const bar = this.piece<HTMLProgressElement>("progress");
    bar.max = Math.max(total, 1);
    bar.value = loaded;
    this.piece("[data-percent]").textContent = total ? `${Math.floor((100 * loaded) / total)} %` : "";
  }

  private answered(request: XMLHttpRequest, file: File): void {
    const taken = told(request.responseText);
    if (request.status !== 201 || !taken.mark) {
      this.end(request, taken.said || this.dataset["failed"] || "", true);
      return;
    }
    this.set("held", taken.mark);
    this.set("held_name", taken.name ?? file.name);
    this.piece("[data-name]").textContent = taken.name ?? file.name;
    this.piece("[data-size]").textContent = taken.size ?? "";
    this.piece("[data-picked]").hidden = false;
    this.input.value = "";
    this.input.required = false;
    this.input.removeAttribute("aria-invalid");
    this.end(request, this.dataset["taken"] ?? "", false);
    this.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** A file that did not arrive stays chosen: handing the form in takes it along. */
  private end(request: XMLHttpRequest, words: string, failed: boolean): void {
    if (this.request !== request) return; // another file was chosen meanwhile
    this.request = null;
    this.input.setCustomValidity("");
    this.piece("[data-way]").hidden = true;
    this.say(words, failed);
  }

  private say(words: string, failed: boolean): void {
    const line = this.piece("[data-trouble]");
    line.hidden = !failed;
    this.piece("[data-trouble] [data-words]").textContent = failed ? words : "";
    announce(words);
  }

  private set(name: string, value: string): void {
    const field = this.closest("form")?.querySelector<HTMLInputElement>(`[name=${name}]`);
    if (field) field.value = value;
  }
}

function told(text: string): Taken {
  try {
    return JSON.parse(text) as Taken;
  } catch {
    return {};
  }
}

customElements.define("drop-file", DropFile);
