import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { PlannedUser } from "../../src/core/planned-user.ts";
import { createSqliteLedger } from "../../src/ledger/sqlite-ledger.ts";
import { someFacts, SOME_SOURCE } from "../support/builders.ts";

// A process of its own, so that its peak memory is that of the search: FOLDER, and "distinct" or "same" claims.
const [folder = "", shape] = process.argv.slice(2);
const USERS = 100_000;
const PADDING = "x".repeat(2_000);

const ledger = await createSqliteLedger(join(folder, "ledger.db"), someFacts());

function aUser(seq: number): PlannedUser {
  // Scattered, so that the claims do not come sorted.
  const claim = shape === "same" ? PADDING : `${Math.imul(seq, 2_654_435_761) >>> 0}-${PADDING}`;
  return {
    seq,
    line: seq + 1,
    sourceId: undefined,
    username: `u${seq}`,
    attributes: [],
    smsMfa: false,
    passwordHash: undefined,
    password: undefined,
    route: "import-job",
    followUps: [],
    notSent: undefined,
    issues: [],
    claims: { username: `u${seq}`, email: claim, phone: undefined, preferredUsername: undefined },
    changedAt: undefined,
    sourceRow: "[]",
  };
}

for (let first = 1; first <= USERS; first += 1_000)
  await ledger.addUsers(Array.from({ length: 1_000 }, (_, index) => aUser(first + index)));

const peakMb = (): number => process.resourceUsage().maxRSS / 1_024;
const before = peakMb();
await ledger.rejectClashes("reject-all");
await ledger.finishPlan(SOME_SOURCE);
const grownMb = Math.round(peakMb() - before);
const { rejected } = (await ledger.counts()).outcomes;
await ledger[Symbol.asyncDispose]();
console.log(JSON.stringify({ grownMb, rejected, files: readdirSync(folder) }));
