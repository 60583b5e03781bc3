import { FerryError } from "../core/ferry-error.ts";
import type { IssueCode } from "../core/issue.ts";
import type { PlannedUser } from "../core/planned-user.ts";

/** What a user's issues call the flags that decide who may sign in, who is verified, and who is sent. */
const FLAGS: ReadonlySet<string | undefined> = new Set([
  "disabled",
  "deleted",
  "service-account",
  "anonymous",
  "email_verified",
  "phone_number_verified",
]);

/** Issues that say that a flag's rule could not make anything of what the row has. */
const MISREAD: ReadonlySet<IssueCode> = new Set(["flag-unreadable", "lookup-missing", "json-unreadable"]);

/** Fewer are a matter of those users, whatever their share. */
const FLOOR = 10;

/** Counts users of whom a flag could not be read. When they are many, it is the rule that is wrong, not they. */
export class MisreadFlags {
  readonly #counts = new Map<string, number>();

  /** Takes note of a batch. */
  count(users: readonly PlannedUser[]): void {
    for (const { issues } of users) {
      for (const { code, attribute } of issues) {
        if (attribute === undefined || !FLAGS.has(attribute) || !MISREAD.has(code)) continue;
        this.#counts.set(attribute, (this.#counts.get(attribute) ?? 0) + 1);
      }
    }
  }

  /** Throws FLAGS_UNREADABLE when a flag could not be read of more than this share of so many rows. */
  requireFew(rows: number, maxShare: number): void {
    for (const [flag, count] of this.#counts) {
      if (count < FLOOR || count / rows <= maxShare) continue;
      throw new FerryError(
        "FLAGS_UNREADABLE",
        `${flag} could not be read of ${count} of ${rows} users: its rule does not fit what the source has`,
        {
          hint: `Say what its words mean, for instance { lookup: FIELD, table: { ja: true, nein: false } }; limits.unreadableRows in the config allows more than ${maxShare * 100} %`,
        },
      );
    }
  }
}
