import { createHash } from "node:crypto";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { createSqliteLedger } from "../../src/ledger/sqlite-ledger.ts";
import { Spool } from "../../src/load/spool.ts";
import { aPlannedUser } from "../contract/ledger-contract.ts";
import { someFacts, SOME_SOURCE } from "../support/builders.ts";
import { aFolder } from "../support/files.ts";

async function aRun(users: number): Promise<{ ledger: Ledger; spool: Spool }> {
  const folder = aFolder();
  const ledger = await createSqliteLedger(join(folder, "ledger.db"), someFacts());
  await ledger.addUsers(Array.from({ length: users }, (_, index) => aPlannedUser(index + 1)));
  await ledger.finishPlan(SOME_SOURCE);
  return { ledger, spool: new Spool(folder, ledger.facts.pool) };
}

test("the first part with hashes of an algorithm, and the first without, are small where a trial is wanted", async () => {
  const folder = aFolder();
  const facts = { ...someFacts(), limits: { canaryUsers: 2, failedShare: 1, otherJobWaitMs: 0 } };
  const ledger = await createSqliteLedger(join(folder, "ledger.db"), facts);
  const passwordHash = { algorithm: "BCRYPT", value: "$2b$10$hash" } as const;
  await ledger.addUsers(
    Array.from({ length: 10 }, (_, index) => aPlannedUser(index + 1, index < 5 ? { passwordHash } : {})),
  );
  await ledger.finishPlan(SOME_SOURCE);
  const spool = new Spool(folder, ledger.facts.pool);
  const parts = [];
  for (;;) {
    const part = await spool.next(ledger, { rows: 10, bytes: 10_000 });
    if (part === undefined) break;
    parts.push([part.algorithm, part.rows]);
  }
  expect(parts).toEqual([
    [undefined, 2],
    [undefined, 3],
    ["BCRYPT", 2],
    ["BCRYPT", 3],
  ]);
});

test("a part's file is for its owner, has the size and hash that the ledger says, and a row a user", async () => {
  const { ledger, spool } = await aRun(3);
  const part = await spool.next(ledger, { rows: 10, bytes: 10_000 });
  const path = spool.pathOf(1);
  const bytes = readFileSync(path);
  expect(part).toMatchObject({
    id: 1,
    rows: 3,
    bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const lines = bytes.toString().split("\n");
  expect(lines).toHaveLength(5);
  expect(lines[0]).toBe(ledger.facts.pool.csvHeader.join(","));
  expect(lines[4]).toBe("");
  expect(await spool.next(ledger, { rows: 10, bytes: 10_000 })).toBeUndefined();
});

test.each([
  { what: "is gone", spoil: (path: string) => rmSync(path) },
  { what: "was changed", spoil: (path: string) => writeFileSync(path, "changed") },
])("a part whose file $what is written again exactly as it was", async ({ spoil }) => {
  const { ledger, spool } = await aRun(5);
  await spool.next(ledger, { rows: 2, bytes: 10_000 });
  const part = await spool.next(ledger, { rows: 2, bytes: 10_000 });
  if (part === undefined) throw new Error("there is a second part");
  const path = spool.pathOf(part.id);
  const before = readFileSync(path);
  spoil(path);
  await spool.restore(ledger, part);
  expect(readFileSync(path)).toEqual(before);
});
