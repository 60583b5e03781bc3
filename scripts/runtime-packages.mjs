// The packages that a user of poolferry runs, as package-lock.json has them: all but those for development.
import { readFileSync } from "node:fs";

/** Licences that let anybody use, change and pass on a package, and ask for no more than a notice. */
export const ALLOWED_LICENCES = new Set(["0BSD", "Apache-2.0", "BSD-3-Clause", "ISC", "MIT"]);

/** Each with its place in the lock, name, version, licence, whether it is optional, and whether npm would run a script of it. */
export function runtimePackages() {
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
  return Object.entries(packages)
    .filter(([place, { dev = false }]) => place !== "" && !dev)
    .map(([place, { version, license, optional = false, hasInstallScript = false }]) => {
      const name = place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
      return { place, name, version, licence: license, optional, hasInstallScript };
    });
}
