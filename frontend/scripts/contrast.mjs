// Measures every pair of ink and ground of both themes (WCAG 2.2, 1.4.3 and 1.4.11) in src/css/themes.css.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { converter, parse, wcagContrast } from "culori";

const css = readFileSync(resolve(import.meta.dirname, "../src/css/themes.css"), "utf8");
const themes = { day: {}, night: {} };
for (const [, name, body] of css.matchAll(/name: "postroom-(day|night)";([^}]*)\}/g)) {
  for (const [, key, value] of body.matchAll(/--color-([\w-]+): ([^;]+);/g)) themes[name][key] = value;
}
for (const [, key, day, night] of css.matchAll(/--([\w-]+): light-dark\((oklch\([^)]*\)), (oklch\([^)]*\))\)/g)) {
  themes.day[key] = day;
  themes.night[key] = night;
}
const TEXT = [
  ["base-content", ["base-100", "base-200", "bench", "sel", "hit", "plain-bg"]],
  ["muted", ["base-100", "base-200", "bench", "sel"]],
  ["primary", ["base-100", "base-200", "sel"]],
  ["primary-content", ["primary"]],
  ["success", ["base-100", "ok-bg"]],
  ["warning", ["base-100", "warn-bg"]],
  ["error", ["base-100", "err-bg"]],
  ["info", ["base-100", "info-bg"]],
  ["held", ["base-100", "held-bg"]],
  ["manila-ink", ["manila"]],
  ["manila-muted", ["manila"]],
  ["rail-ink", ["rail", "rail-deep", "rail-lite"]],
  ["rail-muted", ["rail", "rail-deep"]],
  ["rail-cur-ink", ["rail-cur"]],
];
const EDGE = [["rule-strong", ["base-100", "base-200"]]];
const srgb = converter("rgb");
let low = 0;
let counted = 0;
for (const [theme, tokens] of Object.entries(themes)) {
  for (const [pairs, least] of [[TEXT, 4.5], [EDGE, 3]]) {
    for (const [ink, grounds] of pairs) {
      for (const ground of grounds) {
        if (!tokens[ink] || !tokens[ground]) throw new Error(`${theme} has no ${ink} or ${ground}`);
        const ratio = wcagContrast(srgb(parse(tokens[ink])), srgb(parse(tokens[ground])));
        counted += 1;
        if (ratio >= least) continue;
        low += 1;
        console.error(`${theme}: ${ink} on ${ground} is ${ratio.toFixed(2)}, needs ${least}`);
      }
    }
  }
}
console.log(`${counted} pairs measured, ${low} too low.`);
process.exit(low ? 1 : 0);
