import { announce } from "../elements/live-region";
import { ask, type Answer, type Where } from "./ask";
import { fill, type Config, type Fault, type Names } from "./config";
import { dataTree, helperFor, valueAt, type Plain } from "./data-tree";
import { Editor } from "./editor";
import { Faults } from "./faults";
import { Follower } from "./follower";
import { lightField, showFound, turnPane } from "./found";
import { gestures } from "./gestures";
import { PagePane } from "./page-pane";
import { Saver, type Saved, type Standing } from "./saver";
import { showShort } from "./short";
import { StandingLines } from "./standing-lines";

/**
 * `<template-studio>`: the source with its sample on one side, the page it makes on the other. The page follows each
 * key: one request is on its way at a time, and what is typed meanwhile goes with the next, so the newest wins and the
 * page never waits for a pause. What the server knows of the draft stands in its JSON block.
 */
export class TemplateStudio extends HTMLElement {
  private config!: Config;
  private texts = new Map<string, string>();
  private editor!: Editor;
  private page!: PagePane;
  private saver!: Saver;
  private names!: Names;
  private told!: Faults;
  private follower!: Follower;
  private lines!: StandingLines;
  private deaf = (): void => undefined;
  private channel = "page";

  connectedCallback(): void {
    if (this.config) return;
    const block = this.querySelector("script[type='application/json']");
    this.config = JSON.parse(block?.textContent ?? "{}") as Config;
    this.names = this.config.names;
    this.texts = new Map(Object.entries(this.config.files));
    const says = this.config.says;
    this.lines = new StandingLines(this.piece("[data-saved]"), this.piece("[data-follows]"), says);
    this.page = new PagePane(this.piece("[data-sheets]"), says, (what) => void this.locate(what));
    this.saver = new Saver(this.config.keep, this.config.revision, this.save, this.standing);
    this.editor = new Editor(this.piece("[data-editor]"), this.texts, {
      names: () => this.names,
      label: (file) => fill(says["source"] ?? "{file}", { file }),
      phrases: { "No diagnostics": says["none"] ?? "" },
      readOnly: this.config.readOnly,
      changed: (file, text) => {
        this.saver.changed(file, text);
        if (file === this.value("sample")) this.tree();
        this.follower.soon();
      },
    });
    this.follower = this.following();
    this.told = new Faults(this.piece("[data-faults]"), this.piece("[data-count]"), says);
    this.open(this.config.file);
    this.recover();
    this.tree();
    this.deaf = this.listening();
    window.addEventListener("online", this.onOnline);
    window.addEventListener("beforeunload", this.onLeave);
    this.piece("[data-sheets]").addEventListener("scroll", this.onScroll, { passive: true });
    this.piece("[data-zoom-word]").textContent = this.page.zoom(0);
    this.setAttribute("ready", "");
    void this.follower.look();
  }

  disconnectedCallback(): void {
    this.deaf();
    window.removeEventListener("online", this.onOnline);
    window.removeEventListener("beforeunload", this.onLeave);
    this.follower.stop();
    this.saver.stop();
    this.page.stop();
    this.editor.destroy();
  }

  private piece<Part extends HTMLElement = HTMLElement>(selector: string): Part {
    const found = this.querySelector<Part>(selector);
    if (!found) throw new Error(`template-studio without ${selector}`);
    return found;
  }

  private value(name: string): string {
    return this.querySelector<HTMLSelectElement>(`[name="${name}"]`)?.value ?? "";
  }

  /** What was typed here and never reached the server goes on where it was left. */
  private recover(): void {
    const left = this.saver.left();
    if (!left || this.config.readOnly) return;
    this.saver.revision = Math.min(left.revision, this.config.revision);
    for (const [file, text] of Object.entries(left.files)) {
      this.editor.replace(file, text);
      this.saver.changed(file, text);
    }
    announce(this.config.says["recovered"] ?? "");
  }

  private open(file: string): void {
    const choice = this.piece<HTMLSelectElement>("[name=file]");
    if ([...choice.options].some((one) => one.value === file)) choice.value = file;
    this.editor.open(file);
    this.faults();
  }

  private tree(): void {
    const box = this.piece("[data-tree]");
    try {
      box.replaceChildren(dataTree(this.record(), this.config.says));
    } catch {
      // the sample is being typed and is no JSON at this moment: the last tree stays, and the fault is told by the page
    }
  }

  private record(): Plain {
    return JSON.parse(this.texts.get(this.value("sample")) ?? "null") as Plain;
  }

  private asked(more: object): object {
    return {
      files: Object.fromEntries(this.saver.dirty),
      revision: this.saver.revision,
      sample: this.value("sample"),
      language: this.value("language"),
      brand: this.value("brand"),
      ...more,
    };
  }

  private following(): Follower {
    return new Follower(this, {
      url: this.config.urls.page,
      trouble: this.config.says["trouble"] ?? "",
      body: (more) => this.asked(more),
      inSight: (missing) => this.page.inSight(missing),
      width: () => this.page.width,
      faulty: () => this.told.live.length > 0,
      made: (answer, began, fresh) => this.made(answer, began, fresh),
      mapped: (answer) => {
        this.page.mark(answer.marks ?? [], answer.runs ?? []);
        this.setAttribute("mapped", "");
      },
      drawing: () => this.lines.page("draws", "draws"),
      away: (problem) => this.lines.page("away", problem instanceof TypeError ? "offline" : "trouble"),
    });
  }

  private made(answer: Answer, began: number, fresh: boolean): void {
    this.told.live = answer.faults;
    this.faults();
    const good = answer.sizes.length > 0;
    if (good) this.page.show(answer.sizes, answer.pictures, fresh);
    if (good) this.piece("[data-zoom-word]").textContent = this.page.zoom(0);
    if (!fresh) return;
    const took = Math.round(performance.now() - began);
    if (good) this.lines.page("ok", "follows", { ms: took, pages: answer.pages });
    else this.lines.page("stays", "stays");
    this.dataset["took"] = String(took);
    this.mail(answer.mail);
    showShort(this, answer.short ?? {});
  }

  private async locate(what: string): Promise<void> {
    let found: Where;
    try {
      found = await this.post<Where>(this.config.urls.where, this.asked({ what }));
    } catch {
      this.lines.page("away", "offline");
      return;
    }
    showFound(this.piece("[data-found]"), found);
    announce(found.said);
    const first = found.spots[0];
    if (first) this.goTo(first.file, first.line, first.column, first.length);
    if (found.what === "slot") lightField(this, found.name);
    this.page.point(what);
  }

  private goTo(file: string, line: number, column: number, length: number): void {
    this.open(file);
    this.editor.go(file, line, column, length);
  }

  private save = async (files: Record<string, string>, revision: number): Promise<Saved> => {
    const saved = await this.post<Saved & { checked: Fault[]; names: Names | null }>(this.config.urls.save, { files, revision });
    if (saved.conflict) return saved;
    this.told.checked = saved.checked;
    if (saved.names) this.names = saved.names;
    for (const [file, text] of Object.entries(saved.files ?? {})) {
      if (!this.saver.dirty.has(file) || this.saver.dirty.get(file) === files[file]) this.editor.replace(file, text);
    }
    this.faults();
    return saved;
  };

  private standing = (standing: Standing, saved?: Saved, problem?: string): void => {
    this.lines.keeping(standing, problem);
    if (standing === "conflict" && saved?.conflict) {
      this.saver.forget();
      this.saver.dirty.clear();
      location.assign(saved.conflict);
    }
  };

  /** The faults of the page and of the last check, on their lines and in the list. */
  private faults(): void {
    this.told.show();
    const all = this.told.all;
    this.editor.mark(all);
    this.toggleAttribute("data-faulty", all.length > 0);
  }

  private mail(mail: Answer["mail"]): void {
    this.piece("[data-subject]").textContent = mail?.subject ?? this.config.says["no_mail"] ?? "";
    this.piece("[data-text]").textContent = mail?.text ?? "";
    if (this.channel === "html" && mail?.html) {
      const form = this.piece<HTMLFormElement>("[data-frame-form]");
      const asked = form.elements.namedItem("asked") as HTMLInputElement;
      asked.value = JSON.stringify(this.asked({}));
      form.submit();
    }
  }

  private post<Kind>(url: string, body: object): Promise<Kind> {
    return ask<Kind>(this, url, body, this.config.says["trouble"] ?? "");
  }

  private listening(): () => void {
    return gestures(this, {
      goTo: (file, line, column, length) => {
        if (file && this.texts.has(file)) this.goTo(file, line, column, length);
      },
      field: (path) => this.field(path),
      zoom: (by) => {
        this.piece("[data-zoom-word]").textContent = this.page.zoom(by);
        void this.follower.look(this.page.inSight(true));
      },
      shown: (channel) => this.shown(channel),
      chosen: (name, value) => {
        if (name === "file") this.open(value);
        if (name === "sample") this.tree();
        if (["sample", "language", "brand"].includes(name)) void this.follower.look();
      },
      saved: (look) => {
        void this.saver.now();
        if (look) void this.follower.look();
      },
      turned: (by) => turnPane(this, by, this.editor.view),
    });
  }

  /** A field of the sample goes into the source, where its kind of file writes one. */
  private field(path: string): void {
    if (this.config.word && !/^(mail|texts)\//.test(this.editor.name)) {
      void this.copied(path);
      return;
    }
    const helper = helperFor(path, valueAt(this.record(), path), this.editor.name);
    const prose = this.editor.name.endsWith(".typ") && !/#[^\s]*$|[(,:=]\s*$/.test(this.editor.before());
    this.editor.insert(prose ? `#${helper}` : helper);
    this.page.point(`slot/${path}`);
  }

  /** A Word file is written elsewhere: the field comes along on the clipboard. */
  private async copied(path: string): Promise<void> {
    const field = helperFor(path, null, "main.docx");
    await navigator.clipboard?.writeText(field).catch(() => undefined);
    this.lines.page("ok", "copied", { field });
    announce(fill(this.config.says["copied"] ?? "{field}", { field }));
  }

  private shown(channel: string): void {
    this.channel = channel;
    for (const one of this.querySelectorAll<HTMLElement>("[data-channel]")) {
      one.setAttribute("aria-pressed", String(one.dataset["channel"] === channel));
    }
    for (const one of this.querySelectorAll<HTMLElement>("[data-shows]")) one.hidden = one.dataset["shows"] !== channel;
    void this.follower.look();
  }

  private onScroll = (): void => this.follower.scrolled();

  private onOnline = (): void => {
    void this.saver.now();
    void this.follower.look();
  };

  private onLeave = (event: BeforeUnloadEvent): void => {
    if (this.saver.dirty.size) {
      void this.saver.now();
      event.preventDefault();
    }
  };
}

customElements.define("template-studio", TemplateStudio);
