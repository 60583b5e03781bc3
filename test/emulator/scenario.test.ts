import { spawnSync } from "node:child_process";

import { expect, test } from "vitest";

import { OPERATIONS } from "../../emulator/operations/table.ts";
import { drivePython } from "./scenario/drive-python.ts";
import { driveSdk, type Taken } from "./scenario/drive-sdk.ts";
import { normalise } from "./scenario/normalise.ts";
import { aStage } from "./scenario/stage.ts";
import { forSdk, STEPS, type Step } from "./scenario/steps.ts";

function errorsOf(steps: readonly Step[]): readonly string[] {
  return steps.map((step) => `${step.name}: ${("error" in step && step.error) || "ok"}`);
}

function outcomesOf(taken: readonly Taken[]): readonly string[] {
  return taken.map(({ name, error }) => `${name}: ${error?.type ?? "ok"}`);
}

test("the scenario has every operation of the emulator, with an answer that is no error", () => {
  const answered = new Set(
    STEPS.flatMap((step) => ("operation" in step && step.error === undefined ? [step.operation] : [])),
  );
  expect(Object.keys(OPERATIONS).filter((operation) => !answered.has(operation))).toEqual([]);
  expect(new Set(STEPS.map(({ name }) => name)).size).toBe(STEPS.length);
});

test("the SDK for JavaScript goes through the scenario as it is written", async () => {
  const steps = forSdk(STEPS);
  const taken = await driveSdk(steps, await aStage());
  expect(outcomesOf(taken)).toEqual(errorsOf(steps));
});

/** Operations that came so lately that an installed client may not have them. */
const NEWEST = ["GetProvisionedLimit"];

/** Whether a Python package is there. */
function hasPackage(name: string, neededFor: string): boolean {
  const isThere = spawnSync("python3", ["-c", `import ${name}`]).status === 0;
  if (!isThere) console.warn(`skipped: ${neededFor} needs python3 with ${name}`);
  return isThere;
}

test.skipIf(!hasPackage("boto3", "the scenario with boto3"))(
  "boto3 sees what the SDK for JavaScript sees, and nothing that its own model does not have",
  { timeout: 60_000 },
  async () => {
    const [driven, taken] = await Promise.all([
      drivePython("boto3", STEPS, await aStage()),
      driveSdk(forSdk(STEPS), await aStage()),
    ]);
    expect(NEWEST).toEqual(expect.arrayContaining([...driven.unknown]));
    const called = STEPS.filter((step) => !("operation" in step && driven.unknown.includes(step.operation)));
    expect(outcomesOf(driven.transcript)).toEqual(errorsOf(called));
    expect(driven.violations).toEqual([]);
    const ours = new Set(taken.map(({ name }) => name));
    const theirs = new Set(driven.transcript.map(({ name }) => name));
    expect(normalise(driven.transcript.filter(({ name }) => ours.has(name)))).toEqual(
      normalise(taken.filter(({ name }) => theirs.has(name))),
    );
  },
);

test.skipIf(!hasPackage("awscli", "the scenario with the AWS CLI"))(
  "the AWS CLI sees what boto3 sees",
  { timeout: 60_000 },
  async () => {
    const [cli, boto3] = await Promise.all([
      drivePython("cli", STEPS, await aStage()),
      drivePython("boto3", STEPS, await aStage()),
    ]);
    expect(normalise(cli.transcript)).toEqual(normalise(boto3.transcript));
  },
);
