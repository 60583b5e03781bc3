import { expect, test } from "vitest";

import { startMoto } from "../support/moto.ts";
import { isInstalled } from "../support/programs.ts";
import type { Taken } from "./scenario/drive-sdk.ts";
import { drivePython } from "./scenario/drive-python.ts";
import { MOTO_GAPS, UNORDERED } from "./scenario/moto-gaps.ts";
import { aStage } from "./scenario/stage.ts";
import { STEPS } from "./scenario/steps.ts";

/** Members whose values two servers must agree on; of lists the order, too. */
const TOLD = new Set([
  "Username",
  "UserStatus",
  "Enabled",
  "GroupName",
  "ChallengeName",
  "UserConfirmed",
  "Name",
  "Value",
]);

/** What a step tells: its error, or those members. */
function gistOf({ name, answer, error }: Taken): string {
  if (error !== undefined) return error.type;
  const told = toldIn(answer);
  return JSON.stringify(UNORDERED[name] === undefined ? told : told.toSorted());
}

function toldIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(toldIn);
  if (typeof value !== "object" || value === null) return [];
  // A subject is made anew; moto knows of no other identities.
  if (["sub", "identities"].includes(String((value as { Name?: unknown }).Name))) return [];
  return Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, member]) => (TOLD.has(name) ? [`${name}=${String(member)}`] : toldIn(member)));
}

const isThere = isInstalled("moto_server", "the scenario at another service");

test.skipIf(!isThere)(
  "moto, which is not ours, tells of the scenario what the emulator tells, but for its known gaps",
  { timeout: 60_000 },
  async () => {
    // Nobody reads moto's mail.
    const steps = STEPS.filter((step) => !("mail" in step));
    const here = await aStage();
    const [ours, theirs] = await Promise.all([
      drivePython("boto3", STEPS, here),
      drivePython("boto3", steps, { ...here, endpoint: await startMoto() }),
    ]);
    const byName = new Map(ours.transcript.map((taken) => [taken.name, gistOf(taken)]));
    const differing = theirs.transcript
      .filter((taken) => gistOf(taken) !== byName.get(taken.name))
      .map((taken) => [taken.name, `${byName.get(taken.name)} / ${gistOf(taken)}`]);
    const names = new Set(differing.map(([name]) => name));
    expect(differing.filter(([name = ""]) => MOTO_GAPS[name] === undefined)).toEqual([]);
    // A gap that is closed is no gap any more.
    expect(Object.keys(MOTO_GAPS).filter((name) => !names.has(name))).toEqual([]);
    expect(steps.length - differing.length).toBeGreaterThan(5);
  },
);
