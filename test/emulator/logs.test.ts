import {
  DescribeLogGroupsCommand,
  type DescribeLogGroupsCommandInput,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
} from "@aws-sdk/client-cloudwatch-logs";
import { describe, expect, test } from "vitest";

import { LogStream } from "../../emulator/state/log-store.ts";
import {
  aPool,
  aRow,
  createJob,
  csvOf,
  importCsv,
  importRows,
  logLines,
  startJob,
  upload,
  type TestPool,
} from "./support/pool.ts";

/** Puts a stream of numbered lines into the emulator, as an import would. */
function publishLines({ emulator }: TestPool, lineCount: number, name = "import-a/move"): string {
  const stream = new LogStream(name, 1000);
  for (let line = 1; line <= lineCount; line += 1) {
    stream.append({ before: "[SUCCEEDED] Line Number ", line, after: " - ok", nowMs: 1000 + line });
  }
  emulator.state.logs.publish("/aws/cognito/group", stream);
  return name;
}

async function readPage({ logs }: TestPool, request: Partial<GetLogEventsCommandInput>) {
  const command = new GetLogEventsCommand({
    logGroupName: "/aws/cognito/group",
    logStreamName: "import-a/move",
    ...request,
  });
  const { events = [], nextForwardToken, nextBackwardToken } = await logs.send(command);
  return {
    numbers: events.map(({ message }) => Number(/\d+/.exec(message ?? "")?.[0])),
    nextForwardToken,
    nextBackwardToken,
  };
}

describe("a job's log", () => {
  test("log-place, log-noise, log-line, log-first: is in the group of the pool and the stream of the job, behind two test lines", async () => {
    await using pool = await aPool({ PoolName: "people" });
    const { job } = await importRows(pool, [aRow(), aRow({ "cognito:username": "bob", email_verified: "" })]);
    const { logGroups } = await pool.logs.send(new DescribeLogGroupsCommand({}));
    const name = `/aws/cognito/userpools/${pool.poolId}/people`;
    expect(logGroups).toEqual([
      expect.objectContaining({
        logGroupName: name,
        arn: `arn:aws:logs:us-east-1:123456789012:log-group:${name}:*`,
      }),
    ]);
    const { logStreams } = await pool.logs.send(new DescribeLogStreamsCommand({ logGroupName: name }));
    expect(logStreams).toEqual([
      expect.objectContaining({
        logStreamName: `${job.JobId}/move`,
        firstEventTimestamp: expect.any(Number),
      }),
    ]);
    expect(await logLines(pool, job)).toEqual([
      "Cognito User Pools Import - Test Log",
      "Cognito User Pools Import - Test Log",
      "[SUCCEEDED] Line Number 2 - The import succeeded.",
      expect.stringMatching(/^\[FAILED\] Line Number 3 - The User Record does not set any/),
    ]);
  });

  test("log-odd-name: has a group name without the characters that no group can hold", async () => {
    await using pool = await aPool({ PoolName: "Our people+=,.@-" });
    await importRows(pool, [aRow()]);
    expect([...pool.emulator.state.logs.groups.keys()]).toEqual([
      `/aws/cognito/userpools/${pool.poolId}/Our_people___._-`,
    ]);
  });

  test("log-delivery: appears at the end alone where the settings say so", async () => {
    await using pool = await aPool({}, { rules: { logDelivery: "at-the-end", jobRowDelayMs: 20 } });
    const job = await createJob(pool);
    await upload(job, await csvOf(pool, [aRow(), aRow({ "cognito:username": "bob" })]));
    await startJob(pool, job.JobId);
    await expect.poll(() => pool.emulator.state.pools.get(pool.poolId)?.users.size).toBeGreaterThan(0);
    const seen = pool.emulator.state.pools.get(pool.poolId)?.jobs.get(job.JobId ?? "")?.status;
    // Read together, without a turn in between: while the job runs there is no log.
    if (seen === "InProgress") expect(pool.emulator.state.logs.groups.size).toBe(0);
    await expect.poll(() => pool.emulator.state.logs.groups.size).toBe(1);
    expect(await logLines(pool, job)).toHaveLength(4);
  });

  test("keeps half a million lines in some megabytes", () => {
    const stream = new LogStream("s", 0);
    for (let line = 2; line < 500_002; line += 1) {
      stream.append({
        before: "[SUCCEEDED] Line Number ",
        line,
        after: " - The import succeeded.",
        nowMs: line,
      });
    }
    expect(stream.length).toBe(500_000);
    expect(stream.at(499_999)).toEqual({
      timestamp: 500_001,
      message: "[SUCCEEDED] Line Number 500001 - The import succeeded.",
      ingestionTime: 500_001,
    });
    expect(() => stream.at(500_000)).toThrow(RangeError);
  });
});

describe("GetLogEvents", () => {
  test("log-pages: pages forward to the end, where the token stays the same", async () => {
    await using pool = await aPool();
    publishLines(pool, 25);
    const first = await readPage(pool, { startFromHead: true, limit: 10 });
    expect(first.numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(first.nextForwardToken).toMatch(/^f\/\d{56}$/);
    expect(first.nextBackwardToken).toMatch(/^b\/\d{56}$/);
    const second = await readPage(pool, { nextToken: first.nextForwardToken, limit: 10 });
    const third = await readPage(pool, { nextToken: second.nextForwardToken, limit: 10 });
    expect(third.numbers).toEqual([21, 22, 23, 24, 25]);
    expect(third.nextForwardToken).not.toBe(second.nextForwardToken);
    const end = await readPage(pool, { nextToken: third.nextForwardToken, limit: 10 });
    expect(end).toMatchObject({ numbers: [], nextForwardToken: third.nextForwardToken });
  });

  test("sees lines that come after the end was reached", async () => {
    await using pool = await aPool();
    publishLines(pool, 2);
    const { nextForwardToken } = await readPage(pool, { startFromHead: true });
    publishLines(pool, 3);
    expect((await readPage(pool, { nextToken: nextForwardToken })).numbers).toEqual([3]);
  });

  test("begins with the newest lines unless told otherwise, and pages backward to the head", async () => {
    await using pool = await aPool();
    publishLines(pool, 5);
    const newest = await readPage(pool, { limit: 2 });
    expect(newest.numbers).toEqual([4, 5]);
    const older = await readPage(pool, { nextToken: newest.nextBackwardToken, limit: 3 });
    expect(older.numbers).toEqual([1, 2, 3]);
    const head = await readPage(pool, { nextToken: older.nextBackwardToken });
    expect(head).toMatchObject({ numbers: [], nextBackwardToken: older.nextBackwardToken });
    const forward = await readPage(pool, { nextToken: newest.nextForwardToken });
    expect(forward.numbers).toEqual([]);
  });

  test("log-pages: holds 10,000 events a page", async () => {
    await using pool = await aPool();
    publishLines(pool, 10_001);
    expect((await readPage(pool, { startFromHead: true })).numbers).toHaveLength(10_000);
  });

  test("log-pages: holds a megabyte a page", async () => {
    await using pool = await aPool();
    const stream = new LogStream("import-a/move", 0);
    const after = " ".repeat(1000);
    for (let line = 1; line <= 2000; line += 1) stream.append({ before: "", line, after, nowMs: line });
    pool.emulator.state.logs.publish("/aws/cognito/group", stream);
    const first = await readPage(pool, { startFromHead: true });
    expect(first.numbers.length).toBeGreaterThan(1000);
    expect(first.numbers.length).toBeLessThan(1_048_576 / 1026);
    const second = await readPage(pool, { nextToken: first.nextForwardToken });
    expect([...first.numbers, ...second.numbers]).toEqual(
      Array.from({ length: 2000 }, (_, place) => place + 1),
    );
  });

  test("keeps to a span of time, its end excluded", async () => {
    await using pool = await aPool();
    publishLines(pool, 5);
    expect((await readPage(pool, { startTime: 1002, endTime: 1004 })).numbers).toEqual([2, 3]);
  });

  test.each([
    [
      "an unknown group",
      { logGroupName: "/nothing" },
      "ResourceNotFoundException",
      "The specified log group does not exist.",
    ],
    [
      "an unknown stream",
      { logStreamName: "nothing" },
      "ResourceNotFoundException",
      "The specified log stream does not exist.",
    ],
    [
      "a token that it never gave",
      { nextToken: "f/1" },
      "InvalidParameterException",
      "The specified nextToken is invalid.",
    ],
    [
      "more than 10,000 events",
      { limit: 10_001 },
      "InvalidParameterException",
      /less than or equal to 10000/,
    ],
    ["no group", { logGroupName: undefined }, "InvalidParameterException", /logGroupName/],
  ])("refuses %s", async (_, request, name, message) => {
    await using pool = await aPool();
    publishLines(pool, 1);
    const refused = readPage(pool, request);
    const expected = typeof message === "string" ? message : expect.stringMatching(message);
    await expect(refused).rejects.toMatchObject({ name, message: expected });
  });

  test("takes a group's ARN for its name", async () => {
    await using pool = await aPool();
    publishLines(pool, 1);
    const logGroupIdentifier = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/cognito/group";
    expect((await readPage(pool, { logGroupName: undefined, logGroupIdentifier })).numbers).toEqual([1]);
  });
});

describe("listing", () => {
  test("finds groups by prefix, in pages", async () => {
    await using pool = await aPool();
    for (const name of ["/c", "/a/2", "/a/1", "/b"])
      pool.emulator.state.logs.publish(name, new LogStream("s", 0));
    const list = async (request: DescribeLogGroupsCommandInput) => {
      const { logGroups = [], nextToken } = await pool.logs.send(new DescribeLogGroupsCommand(request));
      return { names: logGroups.map(({ logGroupName }) => logGroupName), nextToken };
    };
    expect(await list({ logGroupNamePrefix: "/a/" })).toEqual({
      names: ["/a/1", "/a/2"],
      nextToken: undefined,
    });
    expect((await list({ logGroupNamePattern: "2" })).names).toEqual(["/a/2"]);
    const first = await list({ limit: 3 });
    expect(first.names).toEqual(["/a/1", "/a/2", "/b"]);
    expect((await list({ limit: 3, nextToken: first.nextToken })).names).toEqual(["/c"]);
    const both = list({ logGroupNamePrefix: "/a", logGroupNamePattern: "2" });
    await expect(both).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  test("finds streams by prefix, by name or by last event, in pages", async () => {
    await using pool = await aPool();
    publishLines(pool, 3, "import-b/move");
    publishLines(pool, 1, "import-a/move");
    publishLines(pool, 2, "import-c/other");
    const list = async (request: object) => {
      const command = new DescribeLogStreamsCommand({ logGroupName: "/aws/cognito/group", ...request });
      const { logStreams = [], nextToken } = await pool.logs.send(command);
      return { names: logStreams.map(({ logStreamName }) => logStreamName), nextToken };
    };
    expect((await list({ logStreamNamePrefix: "import-b/" })).names).toEqual(["import-b/move"]);
    expect((await list({})).names).toEqual(["import-a/move", "import-b/move", "import-c/other"]);
    expect((await list({ orderBy: "LastEventTime", descending: true })).names).toEqual([
      "import-b/move",
      "import-c/other",
      "import-a/move",
    ]);
    const first = await list({ limit: 2 });
    expect((await list({ limit: 2, nextToken: first.nextToken })).names).toEqual(["import-c/other"]);
    const ordered = list({ orderBy: "LastEventTime", logStreamNamePrefix: "import" });
    await expect(ordered).rejects.toMatchObject({ name: "InvalidParameterException" });
    await expect(list({ nextToken: "nothing" })).rejects.toMatchObject({ name: "InvalidParameterException" });
    await expect(list({ logGroupName: "/nothing" })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });
});

test("a second job writes into a stream of its own", async () => {
  await using pool = await aPool();
  const first = await importCsv(pool, await csvOf(pool, [aRow()]));
  const second = await importCsv(pool, await csvOf(pool, [aRow()]));
  expect((await logLines(pool, first)).at(-1)).toContain("[SUCCEEDED]");
  expect((await logLines(pool, second)).at(-1)).toContain("[SKIPPED]");
});
