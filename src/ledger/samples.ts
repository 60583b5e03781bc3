import type { RequestRate } from "../core/progress.ts";
import type { Statements } from "./database.ts";
import type { Sample, SampleLedger, Timeline, UnderWay } from "./ledger.ts";
import { pagesBehind, PAGE_ROWS } from "./reading.ts";
import { readProgress } from "./run-progress.ts";

/** What a timeline has at the most, however long the run was: more than that no chart can show. */
const MOST_SAMPLES = 300;

/** Samples of several sessions are put together that are less than so long apart: workers take theirs this often. */
const TOGETHER_MS = 5_000;

/** The samples of the run in a database. They hold numbers and names of quotas, so a purge keeps them. */
export function sampleLedger(statements: Statements): SampleLedger & { timeline(): Promise<Timeline> } {
  return {
    progress: () => readProgress(statements),
    async addSample({ session, at, intervalMs, settled, underWay, rates }) {
      await statements.run(
        `INSERT INTO sample (session, taken_at, interval_ms, settled, in_jobs, sent, rates)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        [session, at, intervalMs, settled, underWay.inJobs, underWay.sent, JSON.stringify(rates)],
      );
    },
    async samplesSince(at) {
      const rows = await statements.all<SampleRecord>(
        `SELECT ${COLUMNS} FROM sample WHERE taken_at >= ? ORDER BY id DESC LIMIT ${PAGE_ROWS}`,
        [at],
      );
      return rows.map(toSample).toReversed();
    },
    async lastSampleAt() {
      const last = await statements.get<{ readonly at: number }>(
        `SELECT taken_at AS "at" FROM sample ORDER BY id DESC LIMIT 1`,
      );
      return last?.at;
    },
    timeline: () => timeline(statements),
  };
}

const COLUMNS = `id, session, taken_at AS "at", interval_ms AS "intervalMs", settled, in_jobs AS "inJobs", sent, rates`;

interface SampleRecord extends Omit<Sample, "rates" | "underWay">, UnderWay {
  readonly id: number;
  readonly rates: string;
}

function toSample({ id: _id, inJobs, sent, rates, ...sample }: SampleRecord): Sample {
  return { ...sample, underWay: { inJobs, sent }, rates: JSON.parse(rates) as Sample["rates"] };
}

interface Extent {
  readonly count: number;
  readonly sessions: number;
  readonly first: number | null;
  readonly last: number | null;
}

async function timeline(statements: Statements): Promise<Timeline> {
  const extent = await statements.get<Extent>(
    `SELECT count(*) AS count, count(DISTINCT session) AS sessions, min(taken_at) AS first, max(taken_at) AS last
       FROM sample`,
  );
  if (extent === undefined || extent.first === null || extent.last === null) return { samples: [] };
  const { first, last } = extent;
  const widthMs = widthOf(extent, last - first);
  const spans = new Map<number, Span>();
  const read = pagesBehind(
    0,
    (id) =>
      statements.all<SampleRecord>(`SELECT ${COLUMNS} FROM sample WHERE id > ? ORDER BY id LIMIT ?`, [
        id,
        PAGE_ROWS,
      ]),
    ({ id }) => id,
  );
  for await (const page of read) {
    for (const record of page) {
      // Since the extent was asked for.
      if (record.at < first || record.at > last) continue;
      const place = Math.floor((record.at - first) / widthMs);
      const span = spans.get(place) ?? new Span();
      spans.set(place, span);
      span.add(toSample(record));
    }
  }
  return { samples: inOrder(spans) };
}

/** How long the spans are in which samples are put together, in milliseconds. */
function widthOf({ count, sessions }: Extent, lengthMs: number): number {
  const least = sessions > 1 ? TOGETHER_MS : 1;
  return count <= MOST_SAMPLES && sessions === 1
    ? least
    : Math.max(least, Math.floor(lengthMs / MOST_SAMPLES) + 1);
}

/** The spans as samples. Computers whose clocks differ may have counted users in another order: none is taken back. */
function inOrder(spans: ReadonlyMap<number, Span>): Timeline["samples"] {
  let settled = 0;
  return [...spans]
    .toSorted(([one], [other]) => one - other)
    .map(([, span]) => {
      settled = Math.max(settled, span.settled);
      return { at: span.at, settled, rates: span.rates() };
    });
}

/** What samples of one span of time say together. */
class Span {
  at = 0;
  settled = 0;
  readonly #msBySession = new Map<string, number>();
  readonly #byCategory = new Map<string, { readonly requests: number; readonly limit: number }>();

  add({ session, at, intervalMs, settled, rates }: Sample): void {
    this.at = Math.max(this.at, at);
    this.settled = Math.max(this.settled, settled);
    this.#msBySession.set(session, (this.#msBySession.get(session) ?? 0) + intervalMs);
    for (const { category, requests, limit } of rates) {
      const before = this.#byCategory.get(category)?.requests ?? 0;
      // Where workers share a rate, the limit is that of all together, as each of them knows it.
      this.#byCategory.set(category, { requests: before + requests, limit });
    }
  }

  /** Requests a second, over the time that the session which was longest at work in it has measured. */
  rates(): readonly RequestRate[] {
    const seconds = Math.max(...this.#msBySession.values()) / 1000;
    if (seconds === 0) return [];
    return [...this.#byCategory].map(([category, { requests, limit }]) => ({
      category,
      taken: requests / seconds,
      limit,
    }));
  }
}
