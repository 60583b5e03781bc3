import {
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import type { UserImportJobType } from "@aws-sdk/client-cognito-identity-provider";
import { describe, expect, test } from "vitest";

import type { RuleSettings } from "../../emulator/index.ts";
import { aPool, aRow, csvOf, importCsv, logLines, resultLines, type TestPool } from "./support/pool.ts";

const ROWS = 200;

/** Imports users that do not meet. */
async function importMany(pool: TestPool): Promise<UserImportJobType> {
  const rows = Array.from({ length: ROWS }, (_, place) =>
    aRow({ "cognito:username": `user${place}`, email: `user${place}@example.com` }),
  );
  return importCsv(pool, await csvOf(pool, rows));
}

/** The line numbers in the log of an import under these settings. */
async function numbersUnder(rules: RuleSettings): Promise<readonly number[]> {
  await using pool = await aPool({}, { rules });
  const job = await importMany(pool);
  expect(job).toMatchObject({ Status: "Succeeded", ImportedUsers: ROWS });
  return (await resultLines(pool, job)).map((line) => Number(/\d+/.exec(line)?.[0]));
}

const ALL = Array.from({ length: ROWS }, (_, place) => place + 2);

function inOrder(numbers: readonly number[]): readonly number[] {
  return [...numbers].sort((left, right) => left - right);
}

describe("log-faults", () => {
  test("log-faults: without faults every line is there, once and in order", async () => {
    expect(await numbersUnder({})).toEqual(ALL);
  });

  test("log-faults: loses a share of the lines, the same ones for the same seed", async () => {
    const first = await numbersUnder({ logLostShare: 0.2 });
    expect(first.length).toBeGreaterThan(ROWS * 0.65);
    expect(first.length).toBeLessThan(ROWS * 0.95);
    expect(first).toEqual(ALL.filter((number) => first.includes(number)));
    expect(await numbersUnder({ logLostShare: 0.2 })).toEqual(first);
    expect(await numbersUnder({ logLostShare: 0.2, logFaultSeed: 2 })).not.toEqual(first);
    expect(await numbersUnder({ logLostShare: 1 })).toEqual([]);
  });

  test("log-faults: doubles a share of the lines", async () => {
    const numbers = await numbersUnder({ logDoubledShare: 0.3 });
    expect([...new Set(numbers)]).toEqual(ALL);
    expect(numbers.length).toBeGreaterThan(ROWS * 1.15);
    expect(numbers.length).toBeLessThan(ROWS * 1.45);
    expect(await numbersUnder({ logDoubledShare: 1 })).toHaveLength(ROWS * 2);
  });

  test("log-faults: what is not lost is doubled no less", async () => {
    const numbers = await numbersUnder({ logLostShare: 0.5, logDoubledShare: 0.5 });
    const kept = new Set(numbers).size;
    expect(numbers.length - kept).toBeGreaterThan(kept * 0.3);
    expect(numbers.length - kept).toBeLessThan(kept * 0.7);
  });

  test("log-faults: mixes the order of the lines among some, and loses none", async () => {
    const numbers = await numbersUnder({ logShuffledLines: 10 });
    expect(numbers).not.toEqual(ALL);
    expect(inOrder(numbers)).toEqual(ALL);
    expect(numbers[0]).toBeLessThanOrEqual(11);
    expect(await numbersUnder({ logShuffledLines: 10 })).toEqual(numbers);
    expect(inOrder(await numbersUnder({ logShuffledLines: 10_000 }))).toEqual(ALL);
  });
});

test("log-delivery: a job's lines never appear where the settings say so", async () => {
  await using pool = await aPool({}, { rules: { logDelivery: "never" } });
  expect(await importMany(pool)).toMatchObject({ Status: "Succeeded" });
  expect(pool.emulator.state.logs.groups.size).toBe(0);
});

test("log-lag: lines can be read a while after they were written", async () => {
  const now = { ms: Date.now() };
  await using pool = await aPool({}, { clock: () => now.ms, rules: { logLagMs: 5000 } });
  const job = await importMany(pool);
  const [logGroupName] = pool.emulator.state.logs.groups.keys();
  expect(await logLines(pool, job)).toEqual([]);
  const streams = () => pool.logs.send(new DescribeLogStreamsCommand({ logGroupName }));
  expect((await streams()).logStreams?.[0]).not.toHaveProperty("lastEventTimestamp");
  const filter = () => pool.logs.send(new FilterLogEventsCommand({ logGroupName, limit: 3 }));
  expect(await filter()).toMatchObject({ events: [] });
  now.ms += 4999;
  expect(await logLines(pool, job)).toEqual([]);
  now.ms += 1;
  expect(await logLines(pool, job)).toHaveLength(ROWS + 2);
  expect((await filter()).events).toHaveLength(3);
  expect((await streams()).logStreams?.[0]?.lastEventTimestamp).toBe(now.ms - 5000);
});

describe("log-empty-pages", () => {
  /** The sizes of a stream's pages, read to the end. */
  async function pageSizes(pool: TestPool, job: UserImportJobType, startFromHead: boolean) {
    const [logGroupName] = pool.emulator.state.logs.groups.keys();
    const sizes: number[] = [];
    let nextToken: string | undefined;
    for (;;) {
      const page = await pool.logs.send(
        new GetLogEventsCommand({
          logGroupName,
          logStreamName: `${job.JobId}/${job.JobName}`,
          startFromHead,
          nextToken,
        }),
      );
      const next = startFromHead ? page.nextForwardToken : page.nextBackwardToken;
      sizes.push(page.events?.length ?? 0);
      if (next === nextToken) return sizes;
      nextToken = next;
    }
  }

  test.each([true, false])(
    "log-empty-pages: empty pages come before full ones, and only a token that stays is the end (forward: %s)",
    async (startFromHead) => {
      await using pool = await aPool({}, { rules: { emptyLogPages: 2, eventsInLogPage: 150 } });
      const job = await importMany(pool);
      expect(await pageSizes(pool, job, startFromHead)).toEqual([0, 0, 150, 0, 0, 52, 0]);
    },
  );

  test("log-empty-pages: there are none unless the settings say so", async () => {
    await using pool = await aPool();
    expect(await pageSizes(pool, await importMany(pool), true)).toEqual([ROWS + 2, 0]);
  });
});

test("log-faults: among no lines at all, the order stays", async () => {
  await using pool = await aPool({}, { rules: { logShuffledLines: 0 } });
  const job = await importMany(pool);
  expect(await logLines(pool, job)).toHaveLength(ROWS + 2);
});
