// Makes the published package. The bundled Node (200 MB) and everything for development stay out of its manifest:
// npm would install them for every user of the library.
//
//   node scripts/pack.mjs           writes poolferry-VERSION.tgz
//   node scripts/pack.mjs --check   checks the package with publint and for files that nobody needs; leaves nothing
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const {
  optionalDependencies: _bundled,
  devDependencies: _development,
  scripts: _scripts,
  ...published
} = manifest;

/** Tests, what holds secrets or users, and what of ours is only for development. */
const UNWANTED =
  /(^|\/)(test|bench|scripts|node_modules|poolferry-runs)\/|\.test\.|\.(db|pem|key|tgz|tsbuildinfo)$|(^|\/)\.[^/]+$/;

const staging = mkdtempSync(join(tmpdir(), "poolferry-pack-"));
try {
  for (const name of [...manifest.files, "README.md", "LICENSE"])
    cpSync(name, join(staging, name), { recursive: true });
  writeFileSync(join(staging, "package.json"), `${JSON.stringify(published, null, 2)}\n`);
  const npm = (...parameters) =>
    execFileSync("npm", parameters, { cwd: staging, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const [packed] = JSON.parse(npm("pack", "--json"));
  const tarball = join(staging, packed.filename);
  if (process.argv.includes("--check")) {
    const unwanted = packed.files.map(({ path }) => path).filter((path) => UNWANTED.test(path));
    if (unwanted.length > 0) throw new Error(`the package would hold ${unwanted.join(", ")}`);
    execFileSync(resolve("node_modules/.bin/publint"), ["run", tarball, "--strict"], { stdio: "inherit" });
  } else {
    cpSync(tarball, packed.filename);
    console.log(packed.filename);
  }
} finally {
  rmSync(staging, { recursive: true, force: true });
}
