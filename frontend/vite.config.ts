import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig, type Plugin } from "vite";

const here = import.meta.dirname;
const phosphor = resolve(here, "node_modules/@phosphor-icons/core/assets");

/** Writes dist/icons.json, the shapes of the icons named in src/icons.json and no others, and the favicon. */
function icons(): Plugin {
  return {
    name: "postroom-icons",
    generateBundle() {
      const wanted = JSON.parse(readFileSync(resolve(here, "src/icons.json"), "utf8")) as {
        regular: string[];
        fill: string[];
      };
      const shapes: Record<string, string> = {};
      const take = (key: string, file: string): void => {
        if (!existsSync(file)) this.error(`There is no icon ${file}. Correct src/icons.json.`);
        const shape = /<svg[^>]*>(.*)<\/svg>/s.exec(readFileSync(file, "utf8"))?.[1];
        if (!shape) this.error(`${file} holds no shape.`);
        shapes[key] = shape;
      };
      for (const name of wanted.regular) take(name, `${phosphor}/regular/${name}.svg`);
      for (const name of wanted.fill) take(`${name}-fill`, `${phosphor}/fill/${name}-fill.svg`);
      this.emitFile({ type: "asset", fileName: "icons.json", source: JSON.stringify(shapes) });
      this.emitFile({
        type: "asset",
        fileName: "favicon.svg",
        source: readFileSync(resolve(here, "src/favicon.svg")),
      });
    },
  };
}

/** Writes dist/pdfjs: what pdf.js fetches only when a document needs it, under the names it asks for. */
function pdfjs(): Plugin {
  const from = resolve(here, "node_modules/pdfjs-dist");
  const wanted = {
    cmaps: /\.bcmap$|^LICENSE/, // Chinese, Japanese and Korean text without embedded tables
    standard_fonts: /\.(pfb|ttf)$|^LICENSE/, // Helvetica, Times, Courier when a file does not embed them
    wasm: /_nowasm_fallback\.js$|^LICENSE_(OPENJPEG|JBIG2|PDFJS_(OPENJPEG|JBIG2))$/, // JPEG 2000 and JBIG2 without WebAssembly
  };
  return {
    name: "postroom-pdfjs",
    generateBundle() {
      for (const [folder, names] of Object.entries(wanted)) {
        for (const name of readdirSync(`${from}/${folder}`).filter((one) => names.test(one)).sort()) {
          const source = readFileSync(`${from}/${folder}/${name}`);
          this.emitFile({ type: "asset", fileName: `pdfjs/${folder}/${name}`, source });
        }
      }
    },
  };
}

export default defineConfig({
  root: here,
  base: "./", // the static root is known only where the wheel is installed
  plugins: [tailwindcss(), icons(), pdfjs()],
  publicDir: false,
  build: {
    // Beside the folder in use, when tools/build_assets.py says so: a desk that runs is never left without its scripts.
    outDir: process.env.POSTROOM_DIST ?? resolve(here, "../src/postroom/web/static/dist"),
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0, // font-src 'self' allows no data: addresses
    modulePreload: { polyfill: false },
    target: "es2022",
    cssTarget: ["chrome123", "firefox128", "safari17.5"],
    rollupOptions: {
      input: {
        desk: resolve(here, "src/desk.ts"),
        passkey: resolve(here, "src/passkey.ts"),
        theme: resolve(here, "src/theme.ts"),
        viewer: resolve(here, "src/viewer/viewer.ts"),
        studio: resolve(here, "src/studio/studio.ts"),
        portal: resolve(here, "src/portal.css"),
      },
    },
  },
});
