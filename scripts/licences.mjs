// Writes THIRD-PARTY-LICENSES.md: the licence of every package that poolferry needs while it runs.
//
//   node scripts/licences.mjs           writes it
//   node scripts/licences.mjs --check   fails when it is not what it would write, or a licence is not allowed
import { readFileSync, writeFileSync } from "node:fs";
import { ALLOWED_LICENCES, runtimePackages } from "./runtime-packages.mjs";

const PATH = "THIRD-PARTY-LICENSES.md";
const HEAD = `# Licences of the packages that poolferry needs

npm installs them beside poolferry, each with the text of its licence in its folder; nothing of them is copied into this package. The local Cognito's API shapes (\`emulator/api\`) are cut from AWS's API models, which are under Apache-2.0. Written by \`node scripts/licences.mjs\` from package-lock.json, and checked in CI. Optional ones are the Node.js that a checkout brings; the published package does without.

| package | version | licence |
|---|---|---|
`;

const packages = runtimePackages();
const forbidden = packages.filter(({ licence }) => !ALLOWED_LICENCES.has(licence));
if (forbidden.length > 0) {
  const named = forbidden.map(({ name, version, licence }) => `${name}@${version} (${licence ?? "none"})`);
  console.error(`licences that are not allowed: ${named.join(", ")}`);
  process.exit(1);
}
const rows = packages.map(
  ({ name, version, licence, optional }) =>
    `| ${name}${optional ? " (optional)" : ""} | ${version} | ${licence} |\n`,
);
const text = HEAD + [...new Set(rows)].sort().join("");
if (!process.argv.includes("--check")) {
  writeFileSync(PATH, text);
} else if (readFileSync(PATH, "utf8") !== text) {
  console.error(`${PATH} is not up to date: run npm run licences`);
  process.exit(1);
}
