// Cuts variable fonts to the signs that are wanted and to one weight: by HarfBuzz's own subsetter, since a thousand
// outlines a second in Python would make every first build wait a minute. Reads one JSON job a line from its input,
// {from (WOFF2), to, signs: [code points], axes: {wght: 400}}, and writes plain TrueType without hinting or layout tables.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import decompress from "woff2-encoder/decompress";

const NO_HINTING = 0x1;
const NO_LAYOUT_CLOSURE = 0x200;
const wasm = createRequire(import.meta.url).resolve("harfbuzzjs/dist/harfbuzz-subset.wasm");
const { instance } = await WebAssembly.instantiate(readFileSync(wasm), {});
const hb = instance.exports;
hb._initialize?.();

const tag = (name) => [...name].reduce((sum, sign) => sum * 256 + sign.charCodeAt(0), 0);

async function cut(job) {
  const content = await decompress(readFileSync(job.from));
  const place = hb.malloc(content.length);
  new Uint8Array(hb.memory.buffer).set(content, place);
  const blob = hb.hb_blob_create(place, content.length, 2, 0, 0);
  const face = hb.hb_face_create(blob, 0);
  const input = hb.hb_subset_input_create_or_fail();
  hb.hb_subset_input_set_flags(input, NO_HINTING | NO_LAYOUT_CLOSURE);
  const wanted = hb.hb_subset_input_unicode_set(input);
  for (const code of job.signs) hb.hb_set_add(wanted, code);
  for (const [axis, value] of Object.entries(job.axes)) {
    if (!hb.hb_subset_input_pin_axis_location(input, face, tag(axis), value)) throw new Error(`${job.from}: no ${axis}`);
  }
  const made = hb.hb_subset_or_fail(face, input);
  if (!made) throw new Error(`${job.from} cannot be cut`);
  const out = hb.hb_face_reference_blob(made);
  const start = hb.hb_blob_get_data(out, 0);
  writeFileSync(job.to, new Uint8Array(hb.memory.buffer, start, hb.hb_blob_get_length(out)));
  hb.hb_blob_destroy(out);
  hb.hb_face_destroy(made);
  hb.hb_subset_input_destroy(input);
  hb.hb_face_destroy(face);
  hb.hb_blob_destroy(blob);
  hb.free(place);
}

for (const line of readFileSync(0, "utf8").split("\n")) if (line) await cut(JSON.parse(line));
