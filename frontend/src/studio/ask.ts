import type { Fault } from "./config";
import type { Box } from "./page-pane";

/** SMS and push text by their kind, each with what it costs. */
export type Shorts = Record<string, { text: string; said: string }>;

/** What comes of a page that was asked for. */
export interface Answer {
  superseded?: boolean;
  pages: number;
  sizes: [number, number][];
  pictures: Record<string, string>;
  faults: Fault[];
  mail: { subject: string; text: string; html: boolean } | null;
  short?: Shorts;
  language: string;
  marks?: Box[];
  runs?: Box[];
}

/** Where something of the page is written. */
export interface Where {
  what: string;
  name: string;
  said: string;
  spots: { file: string; line: number; column: number; length: number; text: string }[];
}

/** Asks the server; an answer that is no answer, and a refusal, are errors with the words to show. */
export async function ask<Kind>(host: HTMLElement, url: string, body: object, trouble: string): Promise<Kind> {
  const token = host.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  });
  if (answer.redirected) throw new TypeError("signed out");
  const told = (await answer.json().catch(() => null)) as (Kind & { problem?: string }) | null;
  if (!told || told.problem !== undefined) throw new Error(told?.problem ?? trouble);
  return told;
}
