import { listUsers, type ListedUser } from "../cognito/list-users.ts";
import type { Cognito } from "../cognito/cognito.ts";
import { hasAlias, newAliases, type AliasAttribute } from "../core/alias.ts";
import type { Attributes } from "../core/planned-user.ts";
import { comparedName, type Pool } from "../core/pool.ts";
import { firstListed } from "./look-up.ts";

/** What looking for the owners of aliases needs of its surroundings. */
export interface AliasSearch {
  readonly cognito: Cognito;
  readonly pool: Pool;
  readonly signal: AbortSignal;
}

/** Aliases that are remembered after they were given: the list of users may not show them yet (documented). */
const REMEMBERED = 10_000;

/**
 * Keeps updates from taking an alias from the user who has it: AdminUpdateUserAttributes moves a verified address or number
 * silently (reported). The pool is searched right before, and what this session gives others is remembered for a while.
 *
 * A search heeds case. Where the pool does not, it is done as written and in lower case; an owner in another spelling is not
 * found, and whoever has listed the whole pool knows better. That of two processes only one gives an alias is not held.
 */
export class AliasGuard {
  readonly #search: AliasSearch;
  /** Who was given which alias, the oldest first. */
  readonly #given = new Map<string, string>();

  constructor(search: AliasSearch) {
    this.#search = search;
  }

  /** The first alias of an update that another user of the pool has; undefined when nobody loses any. */
  async takenBy(update: Attributes, sub: string): Promise<AliasAttribute | undefined> {
    const { pool } = this.#search;
    for (const { attribute, value: stated } of newAliases(update, pool)) {
      const value = stated ?? (await this.#valueOf(attribute, sub));
      if (value === undefined) continue;
      const key = JSON.stringify([attribute, comparedName(value, pool)]);
      const givenTo = this.#given.get(key);
      if (givenTo !== undefined && givenTo !== sub) return attribute;
      // Before the search, so that of two users at the same time one is first.
      this.#remember(key, sub);
      if (!(await this.#isAnothers(attribute, value, sub))) continue;
      this.#given.delete(key);
      return attribute;
    }
    return undefined;
  }

  #remember(key: string, sub: string): void {
    this.#given.set(key, sub);
    const [oldest] = this.#given.keys();
    if (this.#given.size > REMEMBERED && oldest !== undefined) this.#given.delete(oldest);
  }

  async #valueOf(attribute: AliasAttribute, sub: string): Promise<string | undefined> {
    const { cognito, pool, signal } = this.#search;
    const own = await firstListed(
      cognito,
      { poolId: pool.id, filter: { attribute: "sub", equals: sub } },
      signal,
    );
    return new Map(own?.attributes).get(attribute);
  }

  async #isAnothers(attribute: AliasAttribute, value: string, sub: string): Promise<boolean> {
    const { cognito, pool, signal } = this.#search;
    const isOwner = (listed: ListedUser): boolean =>
      listed.sub !== sub && hasAlias(listed.attributes, attribute);
    for (const equals of new Set([value, comparedName(value, pool)])) {
      const search = { poolId: pool.id, filter: { attribute, equals } };
      for await (const page of listUsers(cognito, search, signal)) if (page.some(isOwner)) return true;
    }
    return false;
  }
}
