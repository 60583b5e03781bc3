import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Aim, Figures, Row } from "../row.ts";
import { runNode } from "../run-node.ts";
import { writeUsers } from "../users.ts";

const SEED = 20_261_122;
const PROGRAM = fileURLToPath(new URL("../decide-users.ts", import.meta.url));

/** The heap as the command has it, which sets it too late for a program that Node strips of its types before. */
const HEAP = ["--max-semi-space-size=4", "--heap-growing-percent=60", "--no-allocation-site-pretenuring"];

/** What deciding adds to the reading of a user, of all threads. */
const CPU_OF_USER: Aim = {
  what: "CPU time more a user",
  unit: "µs",
  value: (work, reference) => ((cpuOf(work) - cpuOf(reference)) / (work.more?.["users"] ?? Number.NaN)) * 1e6,
};

/** Reading users of a table, and deciding what becomes of each, beside the reading alone. */
export const decideCsv: Row = decideRow("csv");

/** The same of documents. */
export const decideNdjson: Row = decideRow("ndjson");

interface Decided {
  readonly users: number;
  readonly routes: Readonly<Record<"none" | "import-job" | "admin-create", number>>;
}

function decideRow(format: "csv" | "ndjson"): Row {
  return {
    name: `decide-${format}`,
    work: `users read from ${format === "csv" ? "CSV" : "NDJSON"} and decided, no ledger`,
    reference: "the same users read",
    aims: [CPU_OF_USER],
    seconds: (size, rounds) => ({ small: 3, medium: 2 + 2 * rounds, full: 12 + 10 * rounds })[size],
    async prepare({ users, folder }) {
      const path = join(folder, `users.${format}`);
      const { rejected } = writeUsers(path, format, { users, seed: SEED });
      const run = async (mode: "read" | "decide"): Promise<Figures> => {
        const measured = await runNode(...HEAP, PROGRAM, format, path, mode);
        requireDecided(JSON.parse(measured.stdout) as Decided, {
          users,
          decided: mode === "read" ? 0 : users,
          rejected,
        });
        return { ...measured, more: { users } };
      };
      return {
        input: `${users.toLocaleString("en")} users`,
        work: () => run("decide"),
        reference: () => run("read"),
        [Symbol.asyncDispose]: async () => {},
      };
    },
  };
}

/** Who clashes is rejected later, by the ledger. */
function requireDecided(
  { users, routes }: Decided,
  meant: { readonly users: number; readonly decided: number; readonly rejected: number },
): void {
  const decided = routes.none + routes["import-job"] + routes["admin-create"];
  if (users === meant.users && decided === meant.decided && routes.none <= meant.rejected) return;
  throw new Error(`read, decided: ${users}, ${decided}, not ${meant.users}, ${meant.decided}`);
}

function cpuOf({ cpuSeconds = Number.NaN }: Figures): number {
  return cpuSeconds;
}
