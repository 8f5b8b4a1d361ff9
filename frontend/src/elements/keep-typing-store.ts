/**
 * What was typed into forms, in the storage of this tab, under the digest of the person who typed it. Secrets are
 * never kept: passwords, codes, tokens, files and hidden fields (unless a hidden field says `data-keep="yes"`).
 */
export interface Kept {
  /** When it was typed, in milliseconds. */
  at: number;
  /** It was handed in, and nothing has been heard since. */
  sent: boolean;
  /** The name of a file that was chosen: a file itself cannot be kept. */
  file: string;
  fields: [name: string, place: string, value: string][];
}

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const PREFIX = "postroom.kept.";
/** As long as a session lives. */
const MOST_AGE = 12 * 3600 * 1000;
const SECRET_NAME = /pass(word|wd|phrase)|secret|token|csrf|credential|private|(^|[-_])(otp|pin|code)$/i;
const SECRET_FILL = /password|one-time-code|cc-/;
const UNTYPED = new Set(["password", "file", "submit", "button", "image", "reset"]);

/** Whether the value of a field must never be stored. */
export function isSecret(field: Field): boolean {
  if (field.dataset["keep"] === "yes") return false;
  if (field.closest("[data-keep=no]") || UNTYPED.has(field.type) || field.type === "hidden") return true;
  return SECRET_NAME.test(field.name) || SECRET_FILL.test(field.autocomplete ?? "");
}

/** The name a form's typing is kept under: its own (`data-keep`), or where it is sent. */
export function nameOf(form: HTMLFormElement): string {
  const own = form.dataset["keep"];
  if (own) return own;
  const action = new URL(form.getAttribute("action") || location.href, location.href);
  return action.pathname + action.search;
}

/** What stands in the form now. */
export function typedIn(form: HTMLFormElement): Kept["fields"] {
  const times = new Map<string, number>();
  return fieldsOf(form).map((field) => {
    const count = times.get(field.name) ?? 0;
    times.set(field.name, count + 1);
    if (!isTick(field)) return [field.name, String(count), field.value];
    return [field.name, `=${field.value}`, field.checked ? "1" : ""];
  });
}

/** The names of the files that were chosen. */
export function filesIn(form: HTMLFormElement): string {
  const inputs = [...form.querySelectorAll<HTMLInputElement>("input[type=file]")];
  return inputs.flatMap((input) => [...(input.files ?? [])].map((file) => file.name)).join(", ");
}

/** Put back what was kept. Whether anything in the form changed by it. */
export function putBack(form: HTMLFormElement, kept: Kept["fields"]): boolean {
  const now = typedIn(form);
  const fields = fieldsOf(form);
  const changed: Field[] = [];
  for (const [name, place, value] of kept) {
    const index = now.findIndex((one) => one[0] === name && one[1] === place);
    const field = fields[index];
    if (!field || now[index]?.[2] === value) continue;
    if (isTick(field)) field.checked = value === "1";
    else field.value = value;
    changed.push(field);
  }
  for (const field of changed) field.dispatchEvent(new Event("input", { bubbles: true }));
  return changed.length > 0;
}

/** The shelf of one person. Storage that is full or forbidden keeps nothing, and breaks nothing. */
export class Shelf {
  constructor(
    private readonly person: string,
    private readonly storage: Storage = sessionStorage,
  ) {}

  get(name: string): Kept | undefined {
    return this.all()[name];
  }

  put(name: string, kept: Kept): void {
    this.write({ ...this.all(), [name]: kept });
  }

  drop(name: string): void {
    const { [name]: _gone, ...rest } = this.all();
    this.write(rest);
  }

  /** Forget what was handed in (a page of the desk answered it), and what is older than a session. */
  tidy(now: number): void {
    const fresh = Object.entries(this.all()).filter(([, kept]) => !kept.sent && now - kept.at < MOST_AGE);
    this.write(Object.fromEntries(fresh));
  }

  private all(): Record<string, Kept> {
    try {
      return JSON.parse(this.storage.getItem(PREFIX + this.person) ?? "{}") as Record<string, Kept>;
    } catch {
      return {};
    }
  }

  private write(all: Record<string, Kept>): void {
    try {
      if (Object.keys(all).length) this.storage.setItem(PREFIX + this.person, JSON.stringify(all));
      else this.storage.removeItem(PREFIX + this.person);
    } catch {
      // full: the page still has what was typed
    }
  }
}

/** Forget what everybody typed, but for one person. */
export function forgetOthers(person: string, storage: Storage = sessionStorage): void {
  for (const key of keys(storage)) if (key !== PREFIX + person) storage.removeItem(key);
}

/** A page outside the desk answered (sign-in, an error): whatever was handed in was not acted on. */
export function nothingWasDone(storage: Storage = sessionStorage): void {
  for (const key of keys(storage)) storage.setItem(key, (storage.getItem(key) ?? "").replaceAll('"sent":true', '"sent":false'));
}

/** Whether anything is kept in this tab. */
export function anythingKept(storage: Storage = sessionStorage): boolean {
  return keys(storage).length > 0;
}

function keys(storage: Storage): string[] {
  return Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "").filter((key) => key.startsWith(PREFIX));
}

function fieldsOf(form: HTMLFormElement): Field[] {
  const all = [...form.elements].filter((one): one is Field => "name" in one && "value" in one && one.tagName !== "BUTTON");
  return all.filter((field) => field.name && !isSecret(field));
}

function isTick(field: Field): field is HTMLInputElement {
  return field.type === "checkbox" || field.type === "radio";
}
