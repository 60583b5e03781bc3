import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import { PostgresRate } from "../../src/ledger/postgres-rate.ts";
import { describeSharedRateContract } from "../contract/shared-rate-contract.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { aFreePort } from "../support/server-folder.ts";

const signal = new AbortController().signal;
const KEY = "123456789012/us-east-1/UserCreation";

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server[Symbol.asyncDispose]());

/** A worker's rate, with connections of its own. */
function aRate(connectionString = server.url): PostgresRate {
  const pool = new pg.Pool({ connectionString, application_name: "poolferry", max: 20 });
  pool.on("error", () => undefined);
  onTestFinished(() => pool.end());
  return new PostgresRate(async (text, values) => {
    return (await pool.query<Record<string, unknown>>(text, [...values])).rows;
  });
}

describeSharedRateContract(() => ({ one: aRate(), other: aRate(), wait: sleep }));

describe("its table", () => {
  beforeEach(() => server.run("DROP SCHEMA IF EXISTS poolferry CASCADE"));

  test("is made by whoever comes first, also where all come at the same time", async () => {
    const rates = Array.from({ length: 20 }, () => aRate());
    const reserve = () =>
      Promise.all(rates.map((rate) => rate.reserve(KEY, { count: 1, rps: 0.1, notBeforeMs: 0 }, signal)));
    // Once more when all are connected, so that they do come at the same time.
    for (let round = 0; round < 4; round += 1) {
      await server.run("DROP SCHEMA IF EXISTS poolferry CASCADE");
      const leases = await reserve();
      // Ten seconds each, one after the other.
      expect(new Set(leases.map(({ inMs }) => Math.ceil(inMs / 10_000))).size).toBe(20);
      await expect(server.run("SELECT key FROM poolferry.request_rate")).resolves.toEqual([{ key: KEY }]);
    }
  });

  test("comes to be in a schema that is there already", async () => {
    await server.run("CREATE SCHEMA poolferry");
    expect((await aRate().reserve(KEY, { count: 1, rps: 10, notBeforeMs: 0 }, signal)).inMs).toBeLessThan(1);
  });

  test("is enough for a user who may only read and change it, and nothing else", async () => {
    await aRate().reserve(KEY, { count: 1, rps: 10, notBeforeMs: 0 }, signal);
    await server.run(`
      DROP ROLE IF EXISTS worker;
      CREATE ROLE worker LOGIN PASSWORD 'worker';
      GRANT USAGE ON SCHEMA poolferry TO worker;
      GRANT SELECT, INSERT, UPDATE ON poolferry.request_rate TO worker`);
    const url = new URL(server.url);
    [url.username, url.password] = ["worker", "worker"];
    const rate = aRate(url.href);
    await expect(
      rate.reserve("another key", { count: 1, rps: 10, notBeforeMs: 0 }, signal),
    ).resolves.toBeDefined();
    await server.run("REVOKE ALL ON poolferry.request_rate FROM worker");
    await expect(rate.reserve(KEY, { count: 1, rps: 10, notBeforeMs: 0 }, signal)).rejects.toMatchObject({
      code: "LEDGER_REFUSED",
      message: expect.stringContaining("permission denied for table request_rate"),
    });
    await server.run("DROP OWNED BY worker; DROP ROLE worker");
  });

  test("may lose its lines, as after a crash of the server", async () => {
    const rate = aRate();
    await rate.reserve(KEY, { count: 1, rps: 10, notBeforeMs: 0 }, signal);
    await server.run("TRUNCATE poolferry.request_rate");
    expect((await rate.reserve(KEY, { count: 1, rps: 10, notBeforeMs: 0 }, signal)).inMs).toBeLessThan(1);
  });
});

test("a server's clock that was put back keeps nobody waiting", async () => {
  const rate = aRate();
  await rate.reserve(KEY, { count: 1, rps: 10, notBeforeMs: 0 }, signal);
  await server.run("UPDATE poolferry.request_rate SET due = clock_timestamp() + interval '1 hour'");
  expect((await rate.reserve(KEY, { count: 1, rps: 10, notBeforeMs: 0 }, signal)).inMs).toBeLessThan(1);
});

test("an account's rate is forgotten after some minutes", async () => {
  const rate = aRate();
  await rate.noteAccountRate(KEY, 400, signal);
  await server.run(
    "UPDATE poolferry.request_rate SET account_read_at = clock_timestamp() - interval '11 minutes'",
  );
  expect((await rate.reserve(KEY, { count: 1, rps: 10, notBeforeMs: 0 }, signal)).accountRps).toBeUndefined();
});

describe("a server that is away", () => {
  test("is said, without its address", async () => {
    const rate = aRate(`postgres://ferry:secret-word@127.0.0.1:${await aFreePort()}/postgres`);
    const error: unknown = await rate
      .reserve(KEY, { count: 1, rps: 10, notBeforeMs: 0 }, signal)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "LEDGER_UNREACHABLE",
      message: "The ledger's database cannot be reached: ECONNREFUSED",
    });
  });

  test("is back with the next try when connections were ended", async () => {
    const rate = aRate();
    await rate.reserve(KEY, { count: 1, rps: 10, notBeforeMs: 0 }, signal);
    await server.terminate();
    await expect
      .poll(() =>
        rate.reserve(KEY, { count: 1, rps: 10, notBeforeMs: 0 }, signal).then(
          ({ inMs }) => inMs,
          () => undefined,
        ),
      )
      .toBeTypeOf("number");
  });

  test("is not waited for when the work was interrupted, or for ever", async () => {
    const never = new PostgresRate(() => new Promise(() => undefined));
    const controller = new AbortController();
    const interrupted = expect(
      never.reserve(KEY, { count: 1, rps: 10, notBeforeMs: 0 }, controller.signal),
    ).rejects.toMatchObject({ code: "INTERRUPTED" });
    controller.abort();
    await interrupted;
    await expect(never.reserve(KEY, { count: 1, rps: 10, notBeforeMs: 0 }, signal)).rejects.toMatchObject({
      code: "LEDGER_UNREACHABLE",
      message: "The ledger's database cannot be reached: no answer",
    });
  });
});
