import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

import { DIFFERENCES } from "./samples/differences.ts";
import { driveSdk } from "./scenario/drive-sdk.ts";
import { aStage } from "./scenario/stage.ts";
import { forSdk, STEPS } from "./scenario/steps.ts";

/** Of each operation the members of AWS's samples and their JSON types, as samples/extract.py finds them. */
const SAMPLED = JSON.parse(
  readFileSync(new URL("./samples/members.json", import.meta.url), "utf8"),
) as Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The members of a value by path, with their JSON types. */
function membersOf(value: unknown, path = ""): readonly (readonly [path: string, type: string])[] {
  if (value === undefined) return [];
  // The SDK makes dates of epoch seconds.
  if (value instanceof Date) return [[path, "number"]];
  if (Array.isArray(value)) return [[path, "list"], ...value.flatMap((item) => membersOf(item, `${path}[]`))];
  if (typeof value !== "object" || value === null) return [[path, value === null ? "null" : typeof value]];
  return Object.entries(value).flatMap(([name, member]) =>
    membersOf(member, path === "" ? name : `${path}.${name}`),
  );
}

/** The members of everything that the emulator answers in the scenario, by operation. */
async function answeredMembers(): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const steps = forSdk(STEPS);
  const taken = await driveSdk(steps, await aStage());
  const members = new Map<string, Map<string, string>>();
  steps.forEach((step, index) => {
    const { answer } = taken[index] ?? {};
    if (!("operation" in step) || answer === undefined || step.service !== undefined) return;
    const known = members.get(step.operation) ?? new Map<string, string>();
    for (const [path, type] of membersOf(answer)) known.set(path, type);
    members.set(step.operation, known);
  });
  return members;
}

function isBelow(path: string, listed: string): boolean {
  return path === listed || path.startsWith(`${listed}.`) || path.startsWith(`${listed}[]`);
}

/** The names of all members of a value. */
function namesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [name, ...namesIn(member)]);
}

/** Everything that the scenario's requests set, and so may be answered. */
const ASKED_FOR = new Set(STEPS.flatMap((step) => ("operation" in step ? namesIn(step.parameters) : [])));

function isAskedFor(path: string): boolean {
  const name = path.replaceAll("[]", "").split(".").at(-1) ?? "";
  return ASKED_FOR.has(name);
}

test("answers have the members of AWS's published samples, and others only where a reason is listed", async () => {
  const found: string[] = [];
  const used = new Set<string>();
  for (const [operation, ours] of await answeredMembers()) {
    const theirs = SAMPLED[operation];
    if (theirs === undefined) continue;
    const note = (what: "lacks" | "has besides" | "has otherwise", path: string) => {
      const listed = Object.keys(DIFFERENCES[operation]?.[what] ?? {}).find((one) => isBelow(path, one));
      if (listed === undefined) found.push(`${operation} ${what} ${path}`);
      else used.add(`${operation} ${what} ${listed}`);
    };
    for (const path of Object.keys(theirs)) if (!ours.has(path)) note("lacks", path);
    for (const [path, type] of ours) {
      if (theirs[path] === undefined) {
        if (!isAskedFor(path)) note("has besides", path);
      } else if (theirs[path] !== type) note("has otherwise", path);
    }
  }
  expect(found).toEqual([]);
  const listed = Object.entries(DIFFERENCES).flatMap(([operation, kinds]) =>
    Object.entries(kinds).flatMap(([what, paths]) =>
      Object.keys(paths).map((path) => `${operation} ${what} ${path}`),
    ),
  );
  expect(listed.filter((line) => !used.has(line))).toEqual([]);
});

const hasCli = spawnSync("python3", ["-c", "import awscli"]).status === 0;
if (!hasCli) console.warn("skipped: reading the AWS CLI's samples again needs python3 with awscli");

test.skipIf(!hasCli)("the samples of the AWS CLI on this machine say what is written down of them", () => {
  const script = fileURLToPath(new URL("./samples/extract.py", import.meta.url));
  expect(JSON.parse(execFileSync("python3", [script], { encoding: "utf8" }))).toEqual(SAMPLED);
});
