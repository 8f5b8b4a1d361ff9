/** What the server says of a draft when the studio opens; see `pages/studio.py`. */
export interface FieldName {
  path: string;
  /** object, list, text or structure. */
  kind: string;
  /** The x-format, or empty. */
  shown: string;
  /** The list it is a row's field of, or empty. */
  of: string;
}

export interface Names {
  fields: FieldName[];
  words: Record<string, string>;
  codes: string[];
  blocks: string[];
  assets: string[];
  brand: string[];
}

export interface Config {
  revision: number;
  files: Record<string, string>;
  file: string;
  sample: string;
  names: Names;
  readOnly: boolean;
  /** Whether the page is a Word file, which is written elsewhere. */
  word: boolean;
  keep: string;
  urls: { page: string; where: string; save: string };
  says: Record<string, string>;
}

export interface Fault {
  file: string;
  line: number;
  what: string;
  hint: string;
  path: string;
}

/** Fills `{places}` of a text of the server. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
