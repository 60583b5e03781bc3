import type { ForecastCause, ForecastExample } from "../core/forecast.ts";
import { ISSUES, type IssueCode } from "../core/issue.ts";
import type { PlannedUser } from "../core/planned-user.ts";
import { mask } from "../core/mask.ts";

/** Examples that are kept of each kind of trouble. */
const MAX_EXAMPLES = 3;

/** Attributes that are told apart in one kind of trouble; a hook may name any. */
const MAX_ATTRIBUTES = 50;

/** What was noted of one kind of trouble. */
interface Noted {
  readonly attributes: Map<string, number>;
  readonly examples: ForecastExample[];
}

/** Where a user with a trouble stands. */
type Place = Pick<PlannedUser, "seq" | "line" | "username">;

/**
 * Learns from users, as they are decided, which attributes their troubles are about, and keeps the first few as examples. Memory
 * does not grow with the source, and nothing in it names a person.
 */
export class IssueCensus {
  readonly #noted = new Map<IssueCode, Noted>();

  /** Takes note of a batch. */
  count(users: readonly PlannedUser[]): void {
    for (const user of users)
      for (const { code, attribute } of user.issues) this.#note(code, attribute, user);
  }

  /** Takes note of one user's trouble. */
  add(code: IssueCode, user: Place): void {
    this.#note(code, undefined, user);
  }

  #note(code: IssueCode, attribute: string | undefined, user: Place): void {
    const noted = this.#noted.get(code) ?? { attributes: new Map<string, number>(), examples: [] };
    this.#noted.set(code, noted);
    const { attributes, examples } = noted;
    if (attribute !== undefined && (attributes.has(attribute) || attributes.size < MAX_ATTRIBUTES))
      attributes.set(attribute, (attributes.get(attribute) ?? 0) + 1);
    if (examples.length < MAX_EXAMPLES && examples.at(-1)?.row !== user.seq)
      examples.push(exampleOf(user, attribute));
  }

  /** What was learnt, given how many users have each trouble in the end. */
  causes(counts: readonly { readonly code: IssueCode; readonly count: number }[]): readonly ForecastCause[] {
    return counts.map(({ code, count }) => {
      const { attributes, examples } = this.#noted.get(code) ?? { attributes: [], examples: [] };
      const { severity, fix } = ISSUES[code];
      return {
        code,
        severity,
        users: count,
        attributes: [...attributes]
          .map(([name, users]) => ({ name, users }))
          .toSorted((one, other) => other.users - one.users),
        fix,
        examples,
      };
    });
  }
}

function exampleOf({ seq, line, username }: Place, attribute: string | undefined): ForecastExample {
  return {
    row: seq,
    ...(line === undefined ? {} : { line }),
    ...(username === undefined ? {} : { user: mask(username) }),
    ...(attribute === undefined ? {} : { attribute }),
  };
}
