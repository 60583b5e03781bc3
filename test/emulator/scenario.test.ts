import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

import { expect, onTestFinished, test } from "vitest";

import { OPERATIONS } from "../../emulator/operations/table.ts";
import { startEmulator } from "../support/emulator.ts";
import { driveSdk, SDK_SERVICES, type Stage, type Taken } from "./scenario/drive-sdk.ts";
import { normalise } from "./scenario/normalise.ts";
import { STEPS, stepsOf, type Step } from "./scenario/steps.ts";

const CREDENTIALS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG" };
const SCRIPT = fileURLToPath(new URL("./scenario/drive.py", import.meta.url));

/** An emulator that checks every signature, and a letter box with its latest message. */
async function aStage(): Promise<Stage> {
  const emulator = await startEmulator({
    credentials: CREDENTIALS,
    rules: { stoppableStatuses: ["Created", "Pending", "InProgress"] },
  });
  onTestFinished(() => emulator.close());
  const mail = createServer((_, response) => {
    response.end(JSON.stringify(emulator.state.outbox.at(-1)));
  });
  mail.listen(0, "127.0.0.1");
  await once(mail, "listening");
  onTestFinished(() => void mail.close());
  const { port } = mail.address() as AddressInfo;
  return {
    endpoint: emulator.url,
    mail: `http://127.0.0.1:${port}/`,
    key: CREDENTIALS.accessKeyId,
    secret: CREDENTIALS.secretAccessKey,
  };
}

interface Driven {
  readonly transcript: readonly Taken[];
  readonly violations: readonly string[];
}

/** Walks through the scenario with one of AWS's Python clients. */
async function drivePython(client: "boto3" | "cli", steps: readonly Step[], stage: Stage): Promise<Driven> {
  const child = execFile("python3", [SCRIPT, client], { maxBuffer: 50_000_000 });
  child.stdin?.end(JSON.stringify({ ...stage, steps }));
  let printed = "";
  let complaints = "";
  child.stdout?.on("data", (text: string) => (printed += text));
  child.stderr?.on("data", (text: string) => (complaints += text));
  await once(child, "close");
  if (printed === "") throw new Error(complaints);
  return JSON.parse(printed) as Driven;
}

/** Only the steps that the SDK for JavaScript can take. */
function forSdk(steps: readonly Step[]): readonly Step[] {
  return steps.filter((step) => !("service" in step) || SDK_SERVICES.has(step.service ?? ""));
}

function errorsOf(steps: readonly Step[]): readonly string[] {
  return steps.map((step) => `${step.name}: ${("error" in step && step.error) || "ok"}`);
}

function outcomesOf(taken: readonly Taken[]): readonly string[] {
  return taken.map(({ name, error }) => `${name}: ${error?.type ?? "ok"}`);
}

const HERE = stepsOf(new Set(Object.keys(OPERATIONS)));

test("the scenario has every operation of the emulator, with an answer that is no error", () => {
  const answered = new Set(
    HERE.flatMap((step) => ("operation" in step && step.error === undefined ? [step.operation] : [])),
  );
  expect(Object.keys(OPERATIONS).filter((operation) => !answered.has(operation))).toEqual([]);
  expect(new Set(STEPS.map(({ name }) => name)).size).toBe(STEPS.length);
});

test("the SDK for JavaScript goes through the scenario as it is written", async () => {
  const steps = forSdk(HERE);
  const taken = await driveSdk(steps, await aStage());
  expect(outcomesOf(taken)).toEqual(errorsOf(steps));
});

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
      drivePython("boto3", HERE, await aStage()),
      driveSdk(forSdk(HERE), await aStage()),
    ]);
    expect(outcomesOf(driven.transcript)).toEqual(errorsOf(HERE));
    expect(driven.violations).toEqual([]);
    const names = new Set(taken.map(({ name }) => name));
    expect(normalise(driven.transcript.filter(({ name }) => names.has(name)))).toEqual(normalise(taken));
  },
);

test.skipIf(!hasPackage("awscli", "the scenario with the AWS CLI"))(
  "the AWS CLI sees what boto3 sees",
  { timeout: 60_000 },
  async () => {
    const [cli, boto3] = await Promise.all([
      drivePython("cli", HERE, await aStage()),
      drivePython("boto3", HERE, await aStage()),
    ]);
    expect(normalise(cli.transcript)).toEqual(normalise(boto3.transcript));
  },
);
