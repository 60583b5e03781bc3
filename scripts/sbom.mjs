// Writes the software bill of materials of a run of poolferry as CycloneDX JSON to stdout.
//
// `npm sbom --omit dev` leaves out every package that development needs as well (zod and yaml among them), so npm lists
// all packages of the lock, and those for development alone are taken out here. Fails when a package is missing.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { runtimePackages } from "./runtime-packages.mjs";

const { name, version, description } = JSON.parse(readFileSync("package.json", "utf8"));
const listed = JSON.parse(
  execFileSync("npm", ["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "inherit"],
  }),
);

const isForDevelopment = ({ properties = [] }) =>
  properties.some((property) => property.name === "cdx:npm:package:development" && property.value === "true");
const components = listed.components.filter((component) => !isForDevelopment(component));

const found = new Set(components.map((component) => `${component.name}@${component.version}`));
const missing = runtimePackages().filter((each) => !found.has(`${each.name}@${each.version}`));
if (missing.length > 0) {
  console.error(`npm sbom lacks ${missing.map((each) => `${each.name}@${each.version}`).join(", ")}`);
  process.exit(1);
}

// npm calls the project by the name of its folder.
const reference = `${name}@${version}`;
const former = listed.metadata.component["bom-ref"];
const kept = new Set([former, ...components.map((component) => component["bom-ref"])]);
const renamed = (each) => (each === former ? reference : each);
const dependencies = listed.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn = [] }) => ({
    ref: renamed(ref),
    dependsOn: dependsOn.filter((each) => kept.has(each)).map(renamed),
  }));
const component = {
  "bom-ref": reference,
  type: "application",
  name,
  version,
  description,
  purl: `pkg:npm/${reference}`,
  licenses: listed.metadata.component.licenses,
};
const bill = { ...listed, metadata: { ...listed.metadata, component }, components, dependencies };
process.stdout.write(`${JSON.stringify(bill, null, 2)}\n`);
