import Database from "better-sqlite3";
import { cpSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { apply, FerryError } from "../../src/index.ts";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aUserCsv, usernames } from "../support/source-files.ts";
import { aTarget, type Target } from "../support/target.ts";
import { aRandom } from "./random.ts";

beforeAll(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
});

afterAll(() => vi.unstubAllEnvs());

const USERS = 300;
const SEED = Number(process.env["FAULT_SEED"] ?? 1);
const BROKEN_LEDGERS = 30;
const BLOCK_BYTES = 512;

/** A plan that nobody has applied, to be copied. */
async function aPlan(target: Target): Promise<string> {
  const runDir = join(aFolder(), "run");
  const args = ["plan", "--from", `csv:${aUserCsv(USERS)}`, ...target.flags, "--run-dir", runDir];
  expect(await runCli(args)).toMatchObject({ exitCode: 0 });
  return runDir;
}

function brokenCopy(planned: string, spoil: (bytes: Buffer) => void): string {
  const runDir = join(aFolder(), "run");
  cpSync(planned, runDir, { recursive: true });
  const path = join(runDir, "ledger.db");
  const bytes = readFileSync(path);
  spoil(bytes);
  writeFileSync(path, bytes);
  return runDir;
}

/** What bad disks and bad copies do: some bytes here and there, a block of nonsense, a block of nothing. */
const WAYS: readonly ((bytes: Buffer, random: (below: number) => number) => void)[] = [
  (bytes, random) => {
    for (let place = 0; place < 4; place += 1) {
      const at = random(bytes.length - 8);
      for (let offset = 0; offset < 8; offset += 1) bytes[at + offset] = random(256);
    }
  },
  (bytes, random) => {
    const at = random(bytes.length / BLOCK_BYTES) * BLOCK_BYTES;
    for (let offset = 0; offset < BLOCK_BYTES; offset += 1) bytes[at + offset] = random(256);
  },
  (bytes, random) => {
    const at = random(bytes.length / BLOCK_BYTES) * BLOCK_BYTES;
    bytes.fill(0, at, at + BLOCK_BYTES);
  },
];

test(
  "a ledger that was overwritten here and there is refused, or everybody comes as planned",
  { timeout: 120_000 },
  async () => {
    const target = await aTarget({}, { quotas: "off" });
    const dump = [...target.emulator.control.dump()];
    const planned = await aPlan(target);
    const random = aRandom(SEED);
    let refused = 0;
    for (let count = 0; count < BROKEN_LEDGERS; count += 1) {
      const runDir = brokenCopy(planned, (bytes) => WAYS[count % WAYS.length]?.(bytes, random));
      const where = `ledger ${count} of seed ${SEED}`;
      await target.emulator.control.restore(dump);
      const result = await apply({ runDir }).catch((error: unknown) => error);
      if (result instanceof FerryError) {
        refused += 1;
        expect(result.code, where).toBe("LEDGER_UNREADABLE");
        expect(target.users(), where).toEqual([]);
      } else {
        expect(result, where).toMatchObject({ outcomes: { imported: USERS } });
        const expected = usernames(USERS).map((username) => ({
          username,
          email: `${username}@example.com`,
          name: `User ${username.slice(1)}`,
        }));
        expect(target.users("email", "name"), where).toEqual(expected);
      }
    }
    console.info(`seed ${SEED}: ${refused} of ${BROKEN_LEDGERS} broken ledgers were refused`);
    expect(refused).toBeGreaterThan(BROKEN_LEDGERS / 3);
  },
);

test("a ledger that was cut, wherever, is refused and nothing is sent", async () => {
  const target = await aTarget();
  const planned = await aPlan(target);
  const size = readFileSync(join(planned, "ledger.db")).length;
  for (let part = 0; part < 40; part += 1) {
    const runDir = brokenCopy(planned, () => undefined);
    const length = Math.floor((size * part) / 40);
    truncateSync(join(runDir, "ledger.db"), length);
    await expect(apply({ runDir }), `cut to ${length} bytes`).rejects.toMatchObject({
      code: "LEDGER_UNREADABLE",
    });
  }
  expect(target.emulator.requestCounts.get("CreateUserImportJob")).toBeUndefined();
});

test.each(["apply", "resume", "status", "verify"])(
  "%s says of a damaged ledger what it is, without a stack",
  async (command) => {
    const target = await aTarget();
    const planned = await aPlan(target);
    const runDir = brokenCopy(planned, (bytes) => bytes.fill(7, 8192, 8192 + 4096));
    const result = await runCli([command, "--run-dir", runDir, "--json"]);
    expect(jsonOf(result).error).toMatchObject({ code: "LEDGER_UNREADABLE" });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect(target.emulator.requestCounts.get("CreateUserImportJob")).toBeUndefined();
  },
);

test("one letter of a user that is not as planned stops the run before anybody is sent", async () => {
  const target = await aTarget();
  const runDir = await aPlan(target);
  const database = new Database(join(runDir, "ledger.db"));
  database.exec("UPDATE users SET attributes = replace(attributes, 'u299@e', 'u299@a') WHERE seq = 299");
  database.close();
  const result = await runCli(["apply", "--run-dir", runDir, "--json"]);
  expect(jsonOf(result).error).toMatchObject({ code: "LEDGER_UNREADABLE" });
  expect(result.exitCode).toBe(2);
  expect(target.users()).toEqual([]);
});
