// Adds the platform packages that package-lock.json lacks. npm drops an optional package from the lock file when the
// registry it asked does not offer it, and `npm ci` then refuses the lock file everywhere else. The entry holds the
// exact version and the platform; without a checksum, since the package was not seen. Run after `npm install`.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

const SYSTEMS = ["android", "darwin", "freebsd", "linux", "win32"];
const MACHINES = { arm64: "arm64", x64: "x64", arm: "arm", wasm32: "wasm32" };
const file = resolve(import.meta.dirname, "../package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8"));
let added = 0;
for (const owner of Object.values({ ...lock.packages })) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    if (lock.packages[place] || !/^\d/.test(version)) continue;
    const words = name.split("/").at(-1).split("-");
    const os = words.filter((word) => SYSTEMS.includes(word));
    const cpu = words.map((word) => MACHINES[word]).filter(Boolean);
    lock.packages[place] = {
      version,
      ...(cpu.length ? { cpu } : {}),
      ...(owner.dev ? { dev: true } : {}),
      optional: true,
      ...(os.length ? { os } : {}),
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} platform packages added.`);
