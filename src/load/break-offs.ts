import { FerryError } from "../core/ferry-error.ts";
import { endedJob, type PartEnd } from "./import-part.ts";
import { endingOf } from "./settle-part.ts";

/** Jobs in a row that may break off without an outcome for anybody. */
const MAX_FRUITLESS = 2;

/** Jobs in a row that may break off; each one counts against the 1,000 of a pool, and none can be deleted (documented). */
const MAX_IN_A_ROW = 10;

/** Watches how the import jobs of a session end, so that carrying on after one that broke off has an end. */
export class BreakOffs {
  #inARow = 0;
  #fruitless = 0;

  /**
   * Notes how a part ended. Throws IMPORT_JOB_UNUSABLE when somebody stopped its job and there is more to do, since only the
   * operator knows whether to go on; and after too many jobs in a row that broke off. A resume begins to count anew.
   */
  note({ job, split }: PartEnd, unsettled: number): void {
    if (job.status === "Stopped" && unsettled > 0) {
      const hint = "Find out who stopped it and why. Users whom it did not reach go into another job";
      throw endedJob(job, "by someone's hand", hint);
    }
    this.#inARow = split === undefined ? 0 : this.#inARow + 1;
    this.#fruitless = split?.settled === 0 ? this.#fruitless + 1 : 0;
    if (this.#fruitless === MAX_FRUITLESS)
      throw tooMany(`${MAX_FRUITLESS} import jobs in a row brought nobody forward`, job);
    if (this.#inARow === MAX_IN_A_ROW) throw tooMany(`${MAX_IN_A_ROW} import jobs in a row broke off`, job);
  }
}

function tooMany(what: string, job: PartEnd["job"]): FerryError {
  return new FerryError("IMPORT_JOB_UNUSABLE", `${what}; of the last one, ${job.jobId}: ${endingOf(job)}`, {
    hint: "Mend what its message names; its log tells which rows failed",
  });
}
