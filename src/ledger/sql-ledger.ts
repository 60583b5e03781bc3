import type { IssueCode } from "../core/issue.ts";
import { rejectClashes } from "./clashes.ts";
import { creationLedger } from "./creations.ts";
import type { Database, Statements } from "./database.ts";
import { UNDIVIDED, type Division } from "./division.ts";
import { eraseFact, readFact, requireFact, requireWholeFacts, writeFact } from "./facts.ts";
import { followUpLedger, requireWholeFollowUps } from "./follow-ups.ts";
import { identityLedger } from "./identities.ts";
import { jobLedger } from "./jobs.ts";
import type { Ledger, LedgerCheck, RunFacts } from "./ledger.ts";
import { outcomeLedger } from "./outcomes.ts";
import { partLedger } from "./parts.ts";
import { planFigures } from "./plan-figures.ts";
import { PlanTally } from "./plan-tally.ts";
import { countsToKeep } from "./purging.ts";
import { reportLedger } from "./reports.ts";
import { reportIndexes, schema, USER_TABLES } from "./schema.ts";
import { beginUndo, noteWritten, undoneUsers } from "./undoing.ts";
import { addUsers, requireWholeUsers, SETTLED } from "./users.ts";
import { beginVerification } from "./verification.ts";
import { wantedUsers } from "./wanted-users.ts";

/** What a kind of database does beside statements. */
export interface Upkeep {
  /** Throws BrokenRow where the database finds its own structures damaged, as far as it can look. */
  readonly requireSound: () => Promise<void>;
  /** What {@link Ledger.checkBeside} promises. */
  readonly checkBeside: () => LedgerCheck | undefined;
  /** Nothing but appending has been done, and now the plan is changed all over. */
  readonly endReading: () => Promise<void>;
  /** Makes the indexes for loading at the end of the plan; or else, with the next one, once the plan is to be carried out. */
  readonly indexPlan: () => Promise<void>;
  readonly indexForLoading: () => Promise<void>;
  /** What was written until now is to be on the disk, and what comes at once. */
  readonly endPlanning: () => Promise<void>;
  /** Secrets were overwritten: they are to leave the files of the database, as far as it can do that. */
  readonly forgetSecrets: () => Promise<void>;
  /** How many processes are at work on the run; undefined where only one can be. */
  readonly countWorkers: () => Promise<number | undefined>;
  /** Writes the run anew with nothing but what is still there. Throws RUN_BUSY. */
  readonly rewrite: () => Promise<void>;
}

/** Makes the tables of a run in an empty place, in state `planning`; within a transaction. */
export async function createTables(statements: Statements, facts: RunFacts): Promise<void> {
  await statements.script(schema(statements.dialect));
  await writeFact(statements, "run", facts);
  await writeFact(statements, "state", "planning");
}

/** What a ledger is opened for. */
export interface LedgerUse {
  /** What of it is this process's; all when undefined. */
  readonly division?: Division | undefined;
  /** Whether the plan is being made, or was made before; that when undefined. */
  readonly use?: "plan" | "load";
}

/** The ledger of the run in a database, which it takes over, for the process of a division. Throws BrokenRow. */
export async function openTables(
  database: Database,
  upkeep: Upkeep,
  { division = UNDIVIDED, use = "load" }: LedgerUse = {},
): Promise<Ledger> {
  const facts = await requireFact(database, "run");
  // Nobody else changes a run while it is planned, so the users are as they were counted until something else is done.
  let tally = use === "plan" ? new PlanTally(facts.pool) : undefined;
  const requireTally = (): PlanTally => {
    if (tally === undefined)
      throw new Error("a plan is made by the process that began it, and before all else");
    return tally;
  };
  const loading = beforeWriting(database, () => {
    tally = undefined;
  });
  return {
    ...reportLedger(loading, facts, () => tally?.userCounts()),
    ...partLedger(loading),
    ...jobLedger(loading),
    ...outcomeLedger(loading, facts),
    ...creationLedger(loading, division),
    ...followUpLedger(loading, { facts, division }),
    ...identityLedger(loading),

    ...division.workers,
    countWorkers: upkeep.countWorkers,

    setState: (state) => writeFact(database, "state", state),
    async addUsers(users) {
      try {
        await addUsers(database, users);
        tally?.add(users);
      } catch (error) {
        // Whether they were added, the database alone knows.
        tally = undefined;
        throw error;
      }
    },
    async rejectClashes(policy) {
      await upkeep.endReading();
      await database.script(database.dialect.analyse("users"));
      await rejectClashes(database, policy, requireTally());
      // Nobody writes to a user who is not sent after all, and the plan says how many are written to.
      const ofRejected = "seq IN (SELECT seq FROM users WHERE outcome = 'rejected')";
      const code: IssueCode = "code-sent";
      await database.run(`DELETE FROM issue WHERE code = ? AND ${ofRejected}`, [code]);
    },
    planFigures: () => planFigures(database, facts.pool, requireTally().figures()),
    noteForecast: (forecast) => writeFact(database, "forecast", forecast),
    async finishPlan(source) {
      const { dialect } = database;
      await database.script(reportIndexes);
      await upkeep.indexPlan();
      await database.script(["users", "issue", "follow_up"].map(dialect.analyse).join("\n"));
      await upkeep.endPlanning();
      await database.transaction(async (statements) => {
        await writeFact(statements, "source", source);
        await writeFact(statements, "state", "planned");
      });
    },

    prepareLoading: upkeep.indexForLoading,
    checkBeside: upkeep.checkBeside,
    async requireWhole() {
      await upkeep.requireSound();
      await requireWholeFacts(database);
      await requireWholeUsers(database);
      await requireWholeFollowUps(database);
    },
    async eraseSecrets() {
      await loading.run(
        "UPDATE users SET password_hash = NULL, password = NULL WHERE password_hash IS NOT NULL OR password IS NOT NULL",
      );
      await upkeep.forgetSecrets();
    },

    wantedUsers: () => wantedUsers(database),
    async passOverUnsent({ kind, reason, message }) {
      await loading.run(
        `UPDATE users SET ${SETTLED} WHERE outcome IS NULL AND part IS NULL AND sent_at IS NULL AND refusal IS NULL`,
        [kind, reason ?? null, message ?? null, kind],
      );
    },
    beginVerification: () => beginVerification(database, facts.pool),
    beginUndo: () => beginUndo(loading),
    noteWritten: (at) => noteWritten(database, at),
    undoneUsers: () => undoneUsers(database),

    eraseUsers: (at) => loading.transaction((statements) => eraseUsers(statements, facts, at)),
    rewrite: upkeep.rewrite,
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** A database that says so before anything but a query is carried out. */
function beforeWriting(database: Database, tell: () => void): Database {
  const told = <Result>(work: () => Promise<Result>): Promise<Result> => {
    tell();
    return work();
  };
  return {
    dialect: database.dialect,
    all: (sql, parameters) => database.all(sql, parameters),
    get: (sql, parameters) => database.get(sql, parameters),
    run: (sql, parameters) => told(() => database.run(sql, parameters)),
    runMany: (sql, rows) => told(() => database.runMany(sql, rows)),
    script: (sql) => told(() => database.script(sql)),
    transaction: (work) => told(() => database.transaction(work)),
    append: (inserts) => told(() => database.append(inserts)),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

async function eraseUsers(statements: Statements, facts: RunFacts, at: string): Promise<void> {
  if ((await readFact(statements, "kept")) !== undefined) return;
  const was = await requireFact(statements, "state");
  const counts = await countsToKeep(reportLedger(statements, facts));
  await writeFact(statements, "kept", { was, at, ...counts });
  await writeFact(statements, "state", "purging");
  // Where lines above a header were not skipped, the fields are a user's; so can a cursor be; checksums are of everybody.
  const withoutData = { files: [], starts: [], cursor: "", fields: [], unusedFields: [] };
  const source = await readFact(statements, "source");
  if (source !== undefined) await writeFact(statements, "source", { ...source, ...withoutData });
  // Its examples are of users, and its numbers of what was to come.
  await eraseFact(statements, "forecast");
  for (const table of USER_TABLES) await statements.run(`DELETE FROM ${table}`);
}
