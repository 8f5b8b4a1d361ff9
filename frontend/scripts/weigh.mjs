// Weighs an ordinary page: CSS and script, gzip. Fails above 60 kB. Fonts are not counted (they are cached for good).
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";

const BUDGET = 60_000;
const dist = process.env.POSTROOM_DIST ?? resolve(import.meta.dirname, "../../src/postroom/web/static/dist");
const manifest = JSON.parse(readFileSync(`${dist}/manifest.json`, "utf8"));
const files = new Set();
for (const name of ["src/desk.ts", "src/theme.ts"]) {
  files.add(manifest[name].file);
  for (const css of manifest[name].css ?? []) files.add(css);
  for (const other of manifest[name].imports ?? []) files.add(manifest[other].file);
}
let total = 0;
for (const file of files) {
  const size = gzipSync(readFileSync(`${dist}/${file}`), { level: 9 }).length;
  total += size;
  console.log(`${(size / 1000).toFixed(1).padStart(7)} kB gz  ${file}`);
}
console.log(`${(total / 1000).toFixed(1).padStart(7)} kB gz  an ordinary page (budget ${BUDGET / 1000})`);
if (total > BUDGET) {
  console.error("An ordinary page is above its budget.");
  process.exit(1);
}
