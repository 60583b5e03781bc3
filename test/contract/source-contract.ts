import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import type { Row } from "../../src/core/row.ts";
import { findSource, openSource, type OpenedSource, type SourceSpec } from "../../src/extract/open-source.ts";
import { BATCH_ROWS } from "../../src/extract/source.ts";

/** A user of the contract; any source can hold one. */
export interface KnownUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** One source, as the contract fills it and looks at it. */
export interface SourceHarness {
  /** Puts these users where the source reads them, in this order. */
  put(users: Iterable<KnownUser>): Promise<SourceSpec> | SourceSpec;
  /** What must be read of them. */
  expectedRows(users: readonly KnownUser[]): readonly Row[];
  /** Puts users of whom the second one cannot be read; undefined for a source whose every row can. */
  putBroken?: ((users: readonly KnownUser[]) => Promise<SourceSpec> | SourceSpec) | undefined;
  /** What the message about the second user must name: its line, element or key. */
  readonly brokenPlace?: string | RegExp | undefined;
  /** How many files or connections of it are open now. */
  openHandles(spec: SourceSpec): Promise<number> | number;
  /** How many users are put to see that memory does not grow, a tenth of them before; 70,000 when left out. */
  readonly manyUsers?: number | undefined;
}

/** Opens a source as a plan does. */
export async function openSpec(spec: SourceSpec, signal?: AbortSignal): Promise<OpenedSource> {
  return openSource(await findSource(spec), spec, { signal: signal ?? new AbortController().signal });
}

/**
 * What every source promises, be it a file, a database or a service: every user once and in order, with seq from 1; full
 * batches; exactly the rest behind a cursor; an end, with everything closed, when it is aborted, left early or never read;
 * a broken record as a row that names its place; and memory that does not grow.
 */
export function describeSourceContract(title: string, harness: SourceHarness): void {
  describe(`the contract of sources, ${title}`, () => {
    const many = knownUsers(2 * BATCH_ROWS + 1);

    test("gives every user exactly once, in order, with seq from 1", async () => {
      expect(await rowsOf(await harness.put(many))).toEqual(harness.expectedRows(many));
    });

    test("gives batches that are not larger than the limit, and few of them", async () => {
      await using source = await openSpec(await harness.put(many));
      const sizes: number[] = [];
      for await (const batch of source.batches()) sizes.push(batch.length);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(BATCH_ROWS);
      expect(sizes.length).toBeLessThanOrEqual(8);
      expect(sizes).not.toContain(0);
    });

    test("goes on behind a cursor with exactly the rest", async () => {
      const spec = await harness.put(many);
      await using source = await openSpec(spec);
      const users = (rows: readonly Row[]) => rows.map(({ record }) => record);
      const before: Row[] = [];
      let cursor = "";
      for await (const batch of source.batches()) {
        before.push(...batch);
        ({ cursor } = source);
        if (before.length >= BATCH_ROWS) break;
      }
      expect(before.length).toBeLessThan(many.length);
      const rest = await rowsOf({ ...spec, after: cursor });
      expect([...users(before), ...users(rest)]).toEqual(users(harness.expectedRows(many)));
    });

    test("has nothing behind the cursor of a whole reading", async () => {
      const spec = await harness.put(many);
      await using source = await openSpec(spec);
      for await (const batch of source.batches()) expect(batch.length).toBeGreaterThan(0);
      expect(await rowsOf({ ...spec, after: source.cursor })).toEqual([]);
    });

    test("ends when it is aborted, and closes what it had open", async () => {
      const spec = await harness.put(largeUsers(5_000));
      const controller = new AbortController();
      const reading = (async () => {
        await using source = await openSpec(spec, controller.signal);
        for await (const batch of source.batches()) {
          expect(batch[0]?.seq).toBe(1);
          controller.abort();
        }
      })();
      await expect(reading).rejects.toMatchObject({ name: "FerryError", code: "INTERRUPTED" });
      await expect.poll(() => harness.openHandles(spec)).toBe(0);
    });

    test("closes what it had open when its reader stops early", async () => {
      const spec = await harness.put(largeUsers(5_000));
      const source = await openSpec(spec);
      for await (const batch of source.batches()) {
        expect(batch[0]?.seq).toBe(1);
        expect(await harness.openHandles(spec)).toBeGreaterThan(0);
        break;
      }
      await expect.poll(() => harness.openHandles(spec)).toBe(0);
    });

    test("closes what it had open when it is disposed unread", async () => {
      const spec = await harness.put(largeUsers(5_000));
      {
        await using source = await openSpec(spec);
        expect(source.description).not.toBe("");
      }
      await expect.poll(() => harness.openHandles(spec)).toBe(0);
    });

    test("needs no more memory for ten times as many users", async () => {
      const count = harness.manyUsers ?? 70_000;
      const few = await peakBytes(await harness.put(largeUsers(count / 10)));
      const more = await peakBytes(await harness.put(largeUsers(count)));
      expect(more.rows).toBe(10 * few.rows);
      expect(more.bytes).toBeLessThan(few.bytes + 10_000_000);
    }, 120_000);

    const { putBroken } = harness;
    if (putBroken === undefined) return;
    test("rejects a broken record alone, naming its place", async () => {
      const users = knownUsers(3);
      const spec = await putBroken(users);
      const rows = await rowsOf(spec);
      const [first, , third] = harness.expectedRows(users);
      expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect(rows.map(({ record }) => record)).toEqual([first?.record, undefined, third?.record]);
      expect(rows[1]).toMatchObject({
        issue: {
          code: expect.stringMatching(/^row-/) as string,
          message: expect.stringMatching(harness.brokenPlace ?? "") as string,
        },
      });
    });
  });
}

/** All rows of a source. */
export async function rowsOf(spec: SourceSpec): Promise<readonly Row[]> {
  await using source = await openSpec(spec);
  const rows: Row[] = [];
  for await (const batch of source.batches()) rows.push(...batch);
  return rows;
}

/** Users with the characters that formats get wrong: quotes, separators, other scripts, an emoji. */
export function knownUsers(count: number): readonly KnownUser[] {
  const names = ["Ada, Nowak", 'Bjørn "Bo" Åås', "陈丽; 🦀", "O'Neill | \\ {x: [1]}"];
  return Array.from({ length: count }, (_, index) => ({
    id: `u-${index + 1}`,
    name: `${names[index % names.length]} ${index + 1}`,
    email: `user${index + 1}@example.com`,
  }));
}

/** So many users of some 700 bytes each, which hardly compress; made one by one. */
export function* largeUsers(count: number): Generator<KnownUser> {
  for (let index = 0; index < count; index += 1) {
    const digests = [0, 1, 2, 3, 4].map((part) =>
      createHash("sha512").update(`${index}.${part}`).digest("hex"),
    );
    yield { id: `u-${index + 1}`, name: digests.join(""), email: `user${index + 1}@example.com` };
  }
}

/** The most memory in use, garbage aside, while a source is read, above what was in use before. */
async function peakBytes(spec: SourceSpec): Promise<{ readonly bytes: number; readonly rows: number }> {
  const before = bytesInUse();
  await using source = await openSpec(spec);
  let peak = 0;
  let batches = 0;
  let rows = 0;
  for await (const batch of source.batches()) {
    rows += batch.length;
    batches += 1;
    if (batches % 20 === 1) peak = Math.max(peak, bytesInUse() - before);
  }
  return { bytes: peak, rows };
}

function bytesInUse(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // Buffers are freed beside the program; a second collection waits until the first one's are.
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
