import worker from "pdfjs-dist/legacy/build/pdf.worker.min.mjs?url";
import type { PDFDocumentLoadingTask } from "pdfjs-dist";

export type Pdfjs = typeof import("pdfjs-dist/legacy/build/pdf.mjs");

/** A part of a long file that is asked for at once; smaller files come whole. */
const PART = 1 << 20;

/** pdf.js and the task that opens `src`. The library is fetched here, when a document is really shown. */
export async function open(src: string): Promise<{ pdfjs: Pdfjs; task: PDFDocumentLoadingTask }> {
  const pdfjs = await import("pdfjs-dist/legacy/build/pdf.mjs");
  const workerUrl = new URL(worker, import.meta.url);
  const beside = (folder: string): string => new URL(`../pdfjs/${folder}/`, workerUrl).href;
  pdfjs.GlobalWorkerOptions.workerSrc = workerUrl.href;
  const task = pdfjs.getDocument({
    url: src,
    withCredentials: true,
    rangeChunkSize: PART,
    disableAutoFetch: true,
    disableStream: true, // otherwise a long file is fetched whole beside its parts
    useWasm: false, // the content policy allows no WebAssembly; the decoders are there as scripts
    enableXfa: false,
    verbosity: 0,
    cMapUrl: beside("cmaps"),
    standardFontDataUrl: beside("standard_fonts"),
    wasmUrl: beside("wasm"),
  });
  return { pdfjs, task };
}

/** Why a document does not open: which of the viewer's error sheets is shown. */
export function fault(error: unknown): "locked" | "damaged" | "away" {
  const name = (error as { name?: string } | null)?.name ?? "";
  if (name === "PasswordException") return "locked";
  return name === "InvalidPDFException" || name === "FormatError" || name === "UnknownErrorException" ? "damaged" : "away";
}
