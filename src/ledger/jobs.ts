import type { Database, SqlValue } from "./database.ts";
import type { Job, JobChange, JobLedger, JobState } from "./ledger.ts";

interface JobRecord {
  readonly id: number;
  readonly part: number;
  readonly name: string;
  readonly state: JobState;
  readonly job_id: string | null;
  readonly status: string | null;
  readonly completion_message: string | null;
  readonly imported: number;
  readonly skipped: number;
  readonly failed: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
}

const COLUMNS: Readonly<Record<keyof JobChange, string>> = {
  state: "state",
  jobId: "job_id",
  status: "status",
  completionMessage: "completion_message",
  imported: "imported",
  skipped: "skipped",
  failed: "failed",
  startedAt: "started_at",
  endedAt: "ended_at",
};

/** The import jobs of the run in a database. */
export function jobLedger(database: Database): JobLedger {
  const write = async (sql: string, parameters: readonly SqlValue[]): Promise<Job> => {
    const record = await database.get<JobRecord>(sql, parameters);
    if (record === undefined) throw new Error("there is no such job");
    return toJob(record);
  };
  return {
    addJob: (part, name) =>
      write("INSERT INTO job (part, name, state) VALUES (?, ?, 'creating') RETURNING *", [part, name]),
    changeJob(id, change) {
      const entries = Object.entries(change) as [keyof JobChange, string | number | undefined][];
      const assignments = entries.map(([key]) => `${COLUMNS[key]} = ?`).join(", ");
      const values = entries.map(([, value]) => value ?? null);
      return write(`UPDATE job SET ${assignments} WHERE id = ? RETURNING *`, [...values, id]);
    },
    async jobsOf(part) {
      const records = await database.all<JobRecord>("SELECT * FROM job WHERE part = ? ORDER BY id", [part]);
      return records.map(toJob);
    },
  };
}

function toJob({ job_id, completion_message, started_at, ended_at, status, ...rest }: JobRecord): Job {
  return {
    ...rest,
    jobId: job_id ?? undefined,
    status: status ?? undefined,
    completionMessage: completion_message ?? undefined,
    startedAt: started_at ?? undefined,
    endedAt: ended_at ?? undefined,
  };
}
