import { describe, expect, test } from "vitest";
import type { SourceSpec } from "../../src/extract/open-source.ts";
import { largeUsers, openSpec, rowsOf, type KnownUser } from "./source-contract.ts";

/** One kind of database, as the contract fills it and looks at it. */
interface DatabaseHarness {
  /** The server; it is there once the tests run. */
  readonly server: () => {
    run(sql: string): Promise<readonly object[]>;
    /** How many connections of the source are open. */
    connections(): Promise<number>;
    /** Ends them. */
    terminate(): Promise<void>;
  };
  readonly spec: (over: Partial<SourceSpec>) => SourceSpec;
  /** A new table with these users, `number` counting them. */
  aTableOf(users: Iterable<KnownUser>): Promise<string>;
  /** Queries that the server refuses, and its words. */
  readonly refused: readonly (readonly [what: string, query: string, message: RegExp])[];
  /** A query of 9,000 rows that fails in their middle. */
  readonly failing: string;
  /** A query that the server works on for a minute, and one that gives a row for each such. */
  readonly working: string;
  readonly atWork: string;
}

/** What every database promises beside the contract of all sources: one state of it, and no shorter list. */
export function describeDatabaseContract(title: string, harness: DatabaseHarness): void {
  const { server, spec } = harness;

  describe(`a query of ${title}`, () => {
    test("sees one state of the database, whatever is written meanwhile", async () => {
      const table = await harness.aTableOf(largeUsers(5_000));
      await using source = await openSpec(spec({ query: `SELECT id FROM ${table} ORDER BY number` }));
      let rows = 0;
      for await (const batch of source.batches()) {
        if (rows === 0) await server().run(`DELETE FROM ${table}`);
        rows += batch.length;
      }
      expect(rows).toBe(5_000);
    });

    test.each(harness.refused)(
      "that %s is refused with the server's words, and without values",
      async (_, query, message) => {
        await server().run("CREATE TABLE IF NOT EXISTS things (id int)");
        const refused = rowsOf(spec({ query }));
        await expect(refused).rejects.toMatchObject({
          code: "SOURCE_REFUSED",
          exitCode: 2,
          message: expect.stringMatching(message) as string,
        });
        await expect(refused).rejects.not.toThrow("ada@example.com");
        await expect.poll(() => server().connections()).toBe(0);
      },
    );

    test("that gives a column twice is refused, as one of the two would be lost", async () => {
      await expect(rowsOf(spec({ query: "SELECT 1 AS id, 2 AS id" }))).rejects.toMatchObject({
        code: "SOURCE_FORMAT",
      });
    });

    test("that fails in the middle gives no shorter list", async () => {
      await expect(rowsOf(spec({ query: harness.failing }))).rejects.toMatchObject({
        code: "SOURCE_REFUSED",
      });
    });
  });

  describe(`a connection to ${title}`, () => {
    test("that the server ends in the middle is no shorter list", async () => {
      const table = await harness.aTableOf(largeUsers(9_000));
      await using source = await openSpec(spec({ query: `SELECT * FROM ${table} ORDER BY number` }));
      let rows = 0;
      const reading = (async () => {
        for await (const batch of source.batches()) {
          if (batch[0]?.seq === 1) await server().terminate();
          rows += batch.length;
        }
      })();
      const end: unknown = await reading.catch((error: unknown) => error);
      // On a busy machine the server may have sent everything before it was told to end.
      if (rows < 9_000) expect(end).toMatchObject({ code: "SOURCE_UNREACHABLE", exitCode: 4 });
      await expect.poll(() => server().connections()).toBe(0);
    });

    test("ends at once when it is aborted, also where the server is still at work", async () => {
      const controller = new AbortController();
      const opening = openSpec(spec({ query: harness.working }), controller.signal);
      await expect.poll(() => server().connections()).toBe(1);
      await expect.poll(() => server().run(harness.atWork)).toHaveLength(1);
      controller.abort();
      await expect(opening).rejects.toMatchObject({ code: "INTERRUPTED" });
      await expect.poll(() => server().connections()).toBe(0);
      await expect.poll(() => server().run(harness.atWork)).toHaveLength(0);
    });

    test("is not opened for a signal that was aborted already", async () => {
      const opening = openSpec(spec({ query: "SELECT 1 AS id" }), AbortSignal.abort());
      await expect(opening).rejects.toMatchObject({ code: "INTERRUPTED" });
      expect(await server().connections()).toBe(0);
    });
  });
}

/** The ids of all rows, and where they end. */
export async function readIds(spec: SourceSpec): Promise<{ ids: readonly unknown[]; cursor: string }> {
  await using source = await openSpec(spec);
  const ids: unknown[] = [];
  for await (const batch of source.batches())
    ids.push(...batch.map(({ record }) => (record as { id: unknown }).id));
  return { ids, cursor: source.cursor };
}
