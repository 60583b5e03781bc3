import { execFile } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import type { Stage, Taken } from "./drive-sdk.ts";
import type { Step } from "./steps.ts";

const SCRIPT = fileURLToPath(new URL("./drive.py", import.meta.url));

/** What a Python client saw. */
export interface Driven {
  readonly transcript: readonly Taken[];
  readonly violations: readonly string[];
  /** Operations that the installed client does not have yet, and so did not call. */
  readonly unknown: readonly string[];
}

/** Walks through the scenario with one of AWS's Python clients. */
export async function drivePython(
  client: "boto3" | "cli",
  steps: readonly Step[],
  stage: Stage,
): Promise<Driven> {
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
