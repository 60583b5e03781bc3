import { once } from "node:events";
import { createServer, connect, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { EXIT_CODES, FerryError } from "../../src/core/ferry-error.ts";
import type { Ledger, RunFacts } from "../../src/ledger/ledger.ts";
import { createPostgresLedger, openPostgresLedger } from "../../src/ledger/postgres-ledger.ts";
import { aPlannedUser, describeLedger } from "../contract/ledger-contract.ts";
import { someFacts, SOME_SOURCE } from "../support/builders.ts";
import { listOf } from "../support/list-of.ts";
import { PASSWORD, startPostgres, type TestPostgres } from "../support/postgres.ts";

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server[Symbol.asyncDispose]());

const addressOf = (url: string) => ({ place: "LEDGER_URL", url, signal: undefined });

function closedWithTest(ledger: Ledger): Ledger {
  onTestFinished(() => ledger[Symbol.asyncDispose]());
  return ledger;
}

const SCHEMA = "poolferry_run_20260101_000000_abc123";

/** The database as it is before the first run. */
async function forgetRuns(): Promise<void> {
  await server.run(`DROP SCHEMA IF EXISTS poolferry CASCADE; DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
}

async function aLedger(facts: RunFacts = someFacts()): Promise<Ledger> {
  await forgetRuns();
  return closedWithTest(await createPostgresLedger(addressOf(server.url), facts));
}

const { runId: RUN_ID } = someFacts();

describeLedger("the ledger in PostgreSQL", () => ({
  create: aLedger,
  reopen: async () => closedWithTest(await openPostgresLedger(addressOf(server.url), RUN_ID)),
}));

/** An address of the same server with something else in it. */
function changed(change: (url: URL) => void): string {
  const url = new URL(server.url);
  change(url);
  return url.href;
}

/** The error that opening a run at an address ends with; it shows neither the address nor the password. */
async function errorAt(
  url: string,
  work: typeof openPostgresLedger = openPostgresLedger,
): Promise<FerryError> {
  const error: unknown = await work(addressOf(url), RUN_ID).catch((thrown: unknown) => thrown);
  if (!(error instanceof FerryError)) throw new Error("it was to fail", { cause: error });
  const told = `${error.message} ${error.hint}`;
  for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), "127.0.0.1"])
    expect(told).not.toContain(secret);
  return error;
}

const create: typeof openPostgresLedger = (address) => createPostgresLedger(address, someFacts());

describe("a ledger that cannot be had says why:", () => {
  test("no such run", async () => {
    await forgetRuns();
    expect((await errorAt(server.url)).code).toBe("RUN_NOT_FOUND");
    await aLedger();
    const other = openPostgresLedger(addressOf(server.url), "20260101-000000-ffffff");
    await expect(other).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  });

  test("a run of this id is there", async () => {
    await aLedger();
    expect((await errorAt(server.url, create)).code).toBe("RUN_EXISTS");
  });

  test("another layout", async () => {
    await aLedger();
    await server.run("UPDATE poolferry.run SET layout = 99");
    expect(await errorAt(server.url)).toMatchObject({
      code: "LEDGER_UNREADABLE",
      message: expect.stringContaining("layout 99") as string,
    });
  });

  test("a run whose facts are not as they were written", async () => {
    await aLedger();
    await server.run(`UPDATE ${SCHEMA}.fact SET value = replace(value, 'pool', 'loop')`);
    expect((await errorAt(server.url)).code).toBe("LEDGER_UNREADABLE");
  });

  test.each<[string, (url: URL) => void, object]>([
    [
      "nobody listens",
      (url) => (url.port = "1"),
      { code: "LEDGER_UNREACHABLE", exitCode: EXIT_CODES.stopped },
    ],
    ["the password is wrong", (url) => (url.password = "other"), { code: "LEDGER_REFUSED" }],
    ["there is no password", (url) => (url.password = ""), { code: "LEDGER_REFUSED" }],
    [
      "nobody is let into the database",
      (url) => (url.pathname = "/template0"),
      { code: "LEDGER_UNREACHABLE" },
    ],
    ["there is no such database", (url) => (url.pathname = "/nowhere"), { code: "LEDGER_REFUSED" }],
    [
      "the server has no TLS",
      (url) => url.searchParams.set("sslmode", "require"),
      { code: "LEDGER_UNREACHABLE" },
    ],
    ["the address is none", (url) => (url.port = ""), {}],
  ])("%s", async (_what, change, expected) => {
    const url = changed(change);
    if (Object.keys(expected).length > 0) expect(await errorAt(url)).toMatchObject(expected);
    else expect((await errorAt("http://ferry@127.0.0.1/x")).code).toBe("USAGE");
  });

  test("its user may not make schemas", async () => {
    await forgetRuns();
    await server.run("DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN PASSWORD 'guest-secret'");
    const url = changed((address) => {
      address.username = "guest";
      address.password = "guest-secret";
    });
    const error = await errorAt(url, create);
    expect(error).toMatchObject({ code: "LEDGER_REFUSED", exitCode: EXIT_CODES.usage });
    expect(error.message).toContain("permission denied");
    expect(error.hint).toContain("GRANT CREATE");
    // Nothing is left of the attempt.
    await server.run(`GRANT CREATE ON DATABASE postgres TO guest`);
    const ledger = closedWithTest(await createPostgresLedger(addressOf(url), someFacts()));
    expect(await ledger.state()).toBe("planning");
    await ledger[Symbol.asyncDispose]();
    await server.run("DROP OWNED BY guest CASCADE; DROP ROLE guest");
  });
});

/** A server in between that can cut off whoever speaks through it. */
async function aDoor(): Promise<{ readonly url: string; shut(): void; open(): void }> {
  const sockets = new Set<Socket>();
  let isOpen = true;
  const door = createServer((from) => {
    if (!isOpen) {
      from.destroy();
      return;
    }
    const to = connect(server.port, "127.0.0.1");
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  door.listen(0, "127.0.0.1");
  await once(door, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    door.close();
  });
  return {
    url: changed((url) => (url.port = String((door.address() as AddressInfo).port))),
    shut: () => {
      isOpen = false;
      for (const socket of sockets) socket.destroy();
    },
    open: () => (isOpen = true),
  };
}

describe("a ledger whose server is lost in the middle", () => {
  test("ends the work as a run that can be resumed, and goes on when the server is back", async () => {
    await forgetRuns();
    const door = await aDoor();
    const ledger = closedWithTest(await createPostgresLedger(addressOf(door.url), someFacts()));
    await ledger.addUsers([aPlannedUser(1)]);
    door.shut();
    const lost: unknown = await ledger.addUsers([aPlannedUser(2)]).catch((thrown: unknown) => thrown);
    expect(lost).toMatchObject({ code: "LEDGER_UNREACHABLE", exitCode: EXIT_CODES.stopped });
    expect((lost as Error).message).not.toContain(PASSWORD);
    door.open();
    expect((await ledger.counts()).rows).toBe(1);
    await ledger.addUsers([aPlannedUser(2)]);
    expect((await ledger.counts()).rows).toBe(2);
  });

  test("loses no transaction by half, whenever its connections are ended", async () => {
    const ledger = await aLedger();
    let told = 0;
    let ends = 0;
    for (let first = 1; first <= 4_000; first += 100) {
      const users = Array.from({ length: 100 }, (_, index) =>
        aPlannedUser(first + index, { followUps: [{ kind: "set-mfa" }] }),
      );
      const adding = Promise.allSettled([ledger.addUsers(users)]);
      if (first % 500 === 1) await server.terminate();
      const [added] = await adding;
      if (added.status === "fulfilled") told += 100;
      else {
        expect(added.reason).toMatchObject({ code: "LEDGER_UNREACHABLE" });
        ends += 1;
      }
    }
    expect(ends).toBeGreaterThan(0);
    const { rows } = await ledger.counts();
    // What was told is there; of what was not told, all or nothing.
    expect(rows % 100).toBe(0);
    expect(rows).toBeGreaterThanOrEqual(told);
    expect((await ledger.followUpCounts())["set-mfa"].planned).toBe(rows);
  });

  test("says so where there are too many connections already", async () => {
    await aLedger();
    await server.run(
      "DROP ROLE IF EXISTS narrow; CREATE ROLE narrow LOGIN PASSWORD 'narrow' CONNECTION LIMIT 0",
    );
    const url = changed((address) => {
      address.username = "narrow";
      address.password = "narrow";
    });
    expect(await errorAt(url)).toMatchObject({ code: "LEDGER_UNREACHABLE" });
    await server.run("DROP ROLE narrow");
  });
});

test("several runs lie in one database beside each other, and each is its own", async () => {
  await aLedger();
  const facts = { ...someFacts(), runId: "20260101-000000-other0" };
  await server.run("DROP SCHEMA IF EXISTS poolferry_run_20260101_000000_other0 CASCADE");
  const other = closedWithTest(await createPostgresLedger(addressOf(server.url), facts));
  await other.addUsers([aPlannedUser(1), aPlannedUser(2)]);
  const first = closedWithTest(await openPostgresLedger(addressOf(server.url), RUN_ID));
  expect((await first.counts()).rows).toBe(0);
  const again = closedWithTest(await openPostgresLedger(addressOf(server.url), facts.runId, "read"));
  expect((await again.counts()).rows).toBe(2);
});

test("two processes that make their runs at the same time both get theirs", async () => {
  await forgetRuns();
  const ids = Array.from({ length: 6 }, (_, index) => `20260101-000000-many${index}`);
  for (const id of ids)
    await server.run(`DROP SCHEMA IF EXISTS poolferry_run_${id.replaceAll("-", "_")} CASCADE`);
  const ledgers = await Promise.all(
    ids.map((runId) => createPostgresLedger(addressOf(server.url), { ...someFacts(), runId })),
  );
  expect(ledgers.map(({ facts }) => facts.runId)).toEqual(ids);
  for (const ledger of ledgers) await ledger[Symbol.asyncDispose]();
});

test("a ledger that is opened to be read writes nothing", async () => {
  await aLedger();
  const reader = closedWithTest(await openPostgresLedger(addressOf(server.url), RUN_ID, "read"));
  await expect(reader.setState("applying")).rejects.toMatchObject({ code: "LEDGER_REFUSED" });
  expect(await reader.state()).toBe("planning");
});

test("what a purge erases is in no table of the run any more, and the numbers stay", async () => {
  const ledger = await aLedger();
  const passwordHash = { algorithm: "BCRYPT", value: "$2b$10$secret" } as const;
  await ledger.addUsers([aPlannedUser(1, { passwordHash, followUps: [{ kind: "set-mfa" }] })]);
  await ledger.rejectClashes("reject-all");
  await ledger.finishPlan(SOME_SOURCE);
  const counts = await ledger.counts();
  await ledger.eraseUsers("2026-01-01T00:00:00Z");
  await ledger.rewrite();
  const tables = await server.run(
    `SELECT c.oid::regclass::text AS name FROM pg_class AS c WHERE relnamespace = '${SCHEMA}'::regnamespace AND relkind = 'r'`,
  );
  for (const { name } of tables) {
    if (String(name).endsWith(".fact")) continue;
    expect(await server.run(`SELECT * FROM ${String(name)}`), String(name)).toEqual([]);
  }
  expect(await ledger.counts()).toEqual(counts);
  expect(await ledger.purged()).toEqual({ was: "planned", at: "2026-01-01T00:00:00Z" });
});

test("a verification notes what it finds beside the run, and leaves nothing there", async () => {
  const ledger = await aLedger();
  await ledger.addUsers([
    aPlannedUser(1, { followUps: [{ kind: "add-to-group", group: "crew" }, { kind: "disable" }] }),
    aPlannedUser(2),
    aPlannedUser(3, { route: "none", notSent: { kind: "rejected", causes: [] }, claims: undefined }),
  ]);
  await ledger.finishPlan(SOME_SOURCE);
  await ledger.settle([
    { seq: 1, kind: "imported", reason: undefined, message: undefined, sub: "s-1" },
    { seq: 2, kind: "imported", reason: undefined, message: undefined, sub: "s-2" },
  ]);
  {
    await using verification = await ledger.beginVerification();
    expect(await verification.userWithSub("s-1")).toMatchObject({ seq: 1, isDisabled: true });
    expect(await verification.usersNamed("u3")).toMatchObject([{ seq: 3 }]);
    await verification.noteFound(1, { by: "name", differences: [], modifiedAt: 1 });
    await verification.noteFound(1, { by: "sub", differences: ["email", "name"], modifiedAt: 2 });
    await verification.noteFound(1, { by: "name", differences: ["phone"], modifiedAt: 3 });
    await verification.noteFound(3, { by: "name", differences: ["present"], modifiedAt: 4 });
    await verification.noteMember(1, "staff");
    await verification.noteMember(1, "staff");
    await verification.compareGroups();
    expect(await verification.countMissing()).toBe(1);
    expect(await verification.missingSubs()).toEqual(["s-2"]);
    expect(await verification.counts()).toEqual({
      agreeing: 0,
      notCreated: 0,
      differing: 1,
      missing: 1,
      unexpected: 1,
      differences: ["email", "groups", "name"].map((what) => ({ what, count: 1 })),
    });
    expect(await listOf(verification.findings())).toMatchObject([
      {
        seq: 1,
        result: "differs",
        differences: ["email", "name"],
        lackingGroups: ["crew"],
        extraGroups: ["staff"],
        modifiedAt: 2,
      },
      { seq: 2, result: "missing", differences: [] },
      { seq: 3, result: "unexpected", differences: ["present"] },
    ]);
  }
  const left = await server.run(`SELECT relname FROM pg_class WHERE relname LIKE 'verified%'`);
  expect(left).toEqual([]);
});
