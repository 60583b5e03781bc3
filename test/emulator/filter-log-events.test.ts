import { spawnSync } from "node:child_process";

import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
  type FilterLogEventsCommandInput,
} from "@aws-sdk/client-cloudwatch-logs";
import { describe, expect, test } from "vitest";

import { LogStream } from "../../emulator/state/log-store.ts";
import { startMoto } from "../support/moto.ts";
import { aPool, CREDENTIALS, type TestPool } from "./support/pool.ts";

const GROUP = "/aws/cognito/group";
const NOW = Date.now();

/** Lines of a stream, each a second after the one before, unless it says when. */
type Lines = readonly (string | readonly [second: number, message: string])[];

function publish({ emulator }: TestPool, name: string, lines: Lines): void {
  const stream = new LogStream(name, NOW);
  for (const [second, before] of timed(lines))
    stream.append({ before, after: "", nowMs: NOW + second * 1000 });
  emulator.state.logs.publish(GROUP, stream);
}

function timed(lines: Lines): readonly (readonly [number, string])[] {
  return lines.map((line, place) => (typeof line === "string" ? ([place, line] as const) : line));
}

async function filter(logs: CloudWatchLogsClient, request: Partial<FilterLogEventsCommandInput> = {}) {
  const { events = [], ...rest } = await logs.send(
    new FilterLogEventsCommand({ logGroupName: GROUP, ...request }),
  );
  return { ...rest, events, messages: events.map(({ message }) => message) };
}

const RESULTS = [
  "Cognito User Pools Import - Test Log",
  "[SUCCEEDED] Line Number 2 - The import succeeded.",
  "[SKIPPED] Line Number 3 - The user already exists.",
  "[FAILED] Line Number 4 - email: The attribute is required",
  "[FAILED] Line Number 44 - Invalid email address format.",
];

/** Patterns, and the places of the lines that pass. */
const PATTERNS: readonly (readonly [string, readonly number[]])[] = [
  ["", [0, 1, 2, 3, 4]],
  ["FAILED", [3, 4]],
  ["failed", []],
  ["Line The", [1, 2, 3]],
  ['"Line Number 3"', [2]],
  ['"[FAILED]"', [3, 4]],
  ["?FAILED ?SKIPPED", [2, 3, 4]],
  ["-Line", [0]],
  ['Line -FAILED -"already exists"', [1]],
];

describe("filter-pattern", () => {
  test.each(PATTERNS)("filter-pattern: %s", async (filterPattern, places) => {
    await using pool = await aPool();
    publish(pool, "import-a/move", RESULTS);
    const { messages } = await filter(pool.logs, { filterPattern });
    expect(messages).toEqual(places.map((place) => RESULTS[place]));
  });

  test("filter-pattern: optional terms beside others count for nothing", async () => {
    await using pool = await aPool();
    publish(pool, "a", ["x y", "x", "y"]);
    expect((await filter(pool.logs, { filterPattern: "x ?z" })).messages).toEqual(["x y", "x"]);
  });

  test.each([
    ["words", ["4"]],
    ["parts", ["4", "44"]],
  ] as const)("filter-term: a term matches %s", async (filterTermsMatch, expected) => {
    await using pool = await aPool({}, { rules: { filterTermsMatch } });
    publish(pool, "a", ["4", "44"]);
    expect((await filter(pool.logs, { filterPattern: "4" })).messages).toEqual(expected);
  });

  test.each(['{ $.status = "FAILED" }', "[status, line]", "%FAIL%"])(
    "filter-undone: says that it does not know patterns like %s",
    async (filterPattern) => {
      await using pool = await aPool();
      publish(pool, "a", ["x"]);
      await expect(filter(pool.logs, { filterPattern })).rejects.toMatchObject({
        name: "NotImplementedByEmulator",
        $metadata: { httpStatusCode: 501 },
      });
    },
  );

  test.each([
    ["import-a/move", "Invalid character(s) in term 'import-a/move'"],
    ['"open', /Invalid/],
  ])("filter-pattern: refuses %s", async (filterPattern, message) => {
    await using pool = await aPool();
    publish(pool, "a", ["x"]);
    const expected = typeof message === "string" ? message : expect.stringMatching(message);
    const refused = filter(pool.logs, { filterPattern });
    await expect(refused).rejects.toMatchObject({ name: "InvalidParameterException", message: expected });
  });
});

describe("filter-streams", () => {
  test("filter-streams: reads all streams together by time, or those named", async () => {
    await using pool = await aPool();
    publish(pool, "import-a/move", [
      [0, "a0"],
      [2, "a2"],
    ]);
    publish(pool, "import-b/move", [
      [1, "b1"],
      [3, "b3"],
    ]);
    publish(pool, "other", [[4, "o4"]]);
    const all = await filter(pool.logs);
    expect(all.messages).toEqual(["a0", "b1", "a2", "b3", "o4"]);
    expect(all.nextToken).toBeUndefined();
    expect(all.searchedLogStreams).toEqual([]);
    expect(all.events[1]).toEqual({
      logStreamName: "import-b/move",
      timestamp: NOW + 1000,
      message: "b1",
      ingestionTime: NOW + 1000,
      eventId: expect.stringMatching(/^\d{56}$/),
    });
    expect(new Set(all.events.map(({ eventId }) => eventId)).size).toBe(5);
    expect((await filter(pool.logs, { logStreamNamePrefix: "import-" })).messages).toHaveLength(4);
    expect((await filter(pool.logs, { logStreamNames: ["other", "import-a/move"] })).messages).toEqual([
      "a0",
      "a2",
      "o4",
    ]);
    const both = filter(pool.logs, { logStreamNames: ["other"], logStreamNamePrefix: "o" });
    await expect(both).rejects.toMatchObject({ name: "InvalidParameterException" });
    const unknown = filter(pool.logs, { logStreamNames: ["nothing"] });
    await expect(unknown).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    const nowhere = filter(pool.logs, { logGroupName: "/nothing" });
    await expect(nowhere).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  test("filter-streams: keeps to a span of time, both ends included", async () => {
    await using pool = await aPool();
    publish(pool, "a", ["0", "1", "2", "3"]);
    const span = { startTime: NOW + 1000, endTime: NOW + 2000 };
    expect((await filter(pool.logs, span)).messages).toEqual(["1", "2"]);
  });
});

describe("filter-pages", () => {
  /** All messages, page by page. */
  async function pages(pool: TestPool, request: Partial<FilterLogEventsCommandInput>) {
    const found: (readonly (string | undefined)[])[] = [];
    let nextToken: string | undefined;
    do {
      const page = await filter(pool.logs, { ...request, nextToken });
      found.push(page.messages);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return found;
  }

  test("filter-pages: goes on where the page before ended, in every stream", async () => {
    await using pool = await aPool();
    publish(pool, "a", [
      [0, "a0"],
      [2, "a2"],
      [4, "a4"],
    ]);
    publish(pool, "b", [
      [1, "b1"],
      [3, "b3"],
    ]);
    expect(await pages(pool, { limit: 2 })).toEqual([["a0", "b1"], ["a2", "b3"], ["a4"]]);
    const forged = [{}, null, [["a", -1]], [["a", "x"]], [["a", 0.5]], [5]].map((places) => {
      return Buffer.from(JSON.stringify(places)).toString("base64url");
    });
    for (const nextToken of ["nothing", ...forged]) {
      await expect(filter(pool.logs, { nextToken })).rejects.toMatchObject({
        name: "InvalidParameterException",
        message: "The specified nextToken is invalid.",
      });
    }
  });

  test("filter-pages: pages may be short or empty with a token left", async () => {
    await using pool = await aPool({}, { rules: { eventsSearchedInPage: 2 } });
    publish(pool, "a", ["x", "y", "y", "y", "x"]);
    expect(await pages(pool, { filterPattern: "x" })).toEqual([["x"], [], ["x"]]);
  });

  test("filter-pages: a page holds 10,000 events or a megabyte", async () => {
    await using pool = await aPool();
    publish(
      pool,
      "a",
      Array.from({ length: 10_001 }, () => "x"),
    );
    expect((await pages(pool, {})).map(({ length }) => length)).toEqual([10_000, 1]);
    publish(
      pool,
      "a",
      Array.from({ length: 1500 }, () => "x".repeat(1000)),
    );
    const sizes = (await pages(pool, {})).map(({ length }) => length);
    expect(sizes).toEqual([1022, 478]);
  });
});

const hasMoto = spawnSync("moto_server", ["--help"]).status === 0;
if (!hasMoto) console.warn("skipped: the comparison of filters with moto needs moto_server");

test.skipIf(!hasMoto)("filter-pattern: finds what moto finds", { timeout: 60_000 }, async () => {
  await using pool = await aPool();
  publish(pool, "import-a/move", RESULTS);
  const endpoint = await startMoto();
  const moto = new CloudWatchLogsClient({ endpoint, region: "us-east-1", credentials: CREDENTIALS });
  const place = { logGroupName: GROUP, logStreamName: "import-a/move" };
  await moto.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
  await moto.send(new CreateLogStreamCommand(place));
  const logEvents = timed(RESULTS).map(([second, message]) => ({ message, timestamp: NOW + second * 1000 }));
  await moto.send(new PutLogEventsCommand({ ...place, logEvents }));
  for (const request of [
    // Moto takes ? and - for part of a term.
    ...PATTERNS.filter(([pattern]) => !/[?-]/.test(pattern)).map(([filterPattern]) => ({ filterPattern })),
    { logStreamNamePrefix: "import-" },
    { startTime: NOW + 1000, endTime: NOW + 2000 },
  ]) {
    const theirs = await filter(moto, request);
    const ours = await filter(pool.logs, request);
    expect([request, theirs.messages]).toEqual([request, ours.messages]);
    expect(ours.events.map((event) => Object.keys(event).sort())).toEqual(
      theirs.events.map((event) => Object.keys(event).sort()),
    );
  }
  moto.destroy();
});
