import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = new URL("../..", import.meta.url).pathname;

interface LockedPackage {
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

interface Manifest {
  readonly version: string;
  readonly license?: string;
  readonly gypfile?: boolean;
  readonly scripts?: Readonly<Record<string, string>>;
}

const LOCK = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};

/** Every package of the lock but ours, by its place. */
const LOCKED = Object.entries(LOCK.packages).filter(([place]) => place !== "");
const RUNTIME = LOCKED.filter(([, { dev }]) => dev !== true);

function manifestAt(place: string): Manifest | undefined {
  const path = join(ROOT, place, "package.json");
  // Those of other platforms are not installed.
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Manifest) : undefined;
}

function script(name: string, ...args: readonly string[]): string {
  return execFileSync(process.execPath, [join(ROOT, "scripts", name), ...args], {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

test("no package that poolferry needs while it runs has a script that npm would run at its installation", () => {
  expect(RUNTIME.length).toBeGreaterThan(20);
  let installed = 0;
  for (const [place, { hasInstallScript, version }] of RUNTIME) {
    expect(hasInstallScript, place).toBeUndefined();
    const manifest = manifestAt(place);
    if (manifest === undefined) continue;
    installed += 1;
    expect(manifest.version, place).toBe(version);
    for (const name of ["preinstall", "install", "postinstall"])
      expect(manifest.scripts?.[name], `${name} of ${place}`).toBeUndefined();
    // npm would compile it.
    if (existsSync(join(ROOT, place, "binding.gyp"))) expect(manifest.gypfile, place).toBe(false);
  }
  expect(installed).toBeGreaterThan(20);
  // Those for development run none either.
  expect(readFileSync(join(ROOT, ".npmrc"), "utf8")).toContain("ignore-scripts=true");
});

test("every package comes from a registry and is held to its SHA-512, so that its signature can be audited", () => {
  for (const [place, { integrity, resolved, link, version }] of LOCKED) {
    expect(integrity, place).toMatch(/^sha512-[\w+/]{86}==$/);
    expect(version, place).toMatch(/^\d+\.\d+\.\d+/);
    expect(link, place).toBeUndefined();
    // The registry is whoever's who installs; no other address may stand in its place.
    expect(resolved, place).toBeUndefined();
  }
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  for (const [name, version] of Object.entries(dependencies))
    expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
});

test("the list of licences is up to date, and says what the packages themselves say", () => {
  expect(() => script("licences.mjs", "--check")).not.toThrow();
  const page = readFileSync(join(ROOT, "THIRD-PARTY-LICENSES.md"), "utf8");
  for (const [place, { license = "none", version }] of RUNTIME) {
    const manifest = manifestAt(place);
    if (manifest !== undefined) expect(manifest.license, place).toBe(license);
    expect(page).toContain(`| ${version} | ${license} |`);
  }
});

test("the bill of materials holds every package that poolferry needs while it runs, and no other", () => {
  const bill = JSON.parse(script("sbom.mjs")) as {
    readonly bomFormat: string;
    readonly components: readonly {
      readonly name: string;
      readonly version: string;
      readonly hashes: readonly unknown[];
    }[];
  };
  expect(bill.bomFormat).toBe("CycloneDX");
  const listed = bill.components.map(({ name, version }) => `${name}@${version}`);
  const wanted = RUNTIME.map(
    ([place, { version }]) => `${place.replace(/^.*node_modules\//, "")}@${version}`,
  );
  expect(listed.toSorted()).toEqual(wanted.toSorted());
  for (const { name, hashes } of bill.components) expect(hashes, name).toHaveLength(1);
  expect(readFileSync(join(ROOT, ".ci/run"), "utf8")).toContain("npm run --silent sbom >sbom.cdx.json");
});
