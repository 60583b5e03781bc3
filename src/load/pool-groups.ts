import type { Cognito } from "../cognito/cognito.ts";
import { createGroup, listGroupNames } from "../cognito/groups.ts";
import type { LoadPolicies } from "../core/load-policies.ts";
import type { Pool } from "../core/pool.ts";

/** What making groups needs of its surroundings. */
export interface GroupWork {
  readonly cognito: Cognito;
  readonly pool: Pool;
  readonly policies: Pick<LoadPolicies, "missingGroups">;
  readonly signal: AbortSignal;
}

/** The groups of the pool, made when the first user is to join them. Those that are there stay as they are. */
export class PoolGroups {
  readonly #work: GroupWork;
  #present: Promise<ReadonlySet<string>> | undefined;
  readonly #made = new Map<string, Promise<void>>();

  constructor(work: GroupWork) {
    this.#work = work;
  }

  /** How many were missing and have been asked for. */
  get made(): number {
    return this.#made.size;
  }

  /** Makes sure that a group is there, unless the policy is that none is made: who is to join it is then refused. */
  async ensure(name: string): Promise<void> {
    const { cognito, pool, policies, signal } = this.#work;
    if (policies.missingGroups === "leave-out") return;
    const poolId = pool.id;
    this.#present ??= listGroupNames(cognito, poolId, signal);
    if ((await this.#present).has(name)) return;
    const making = this.#made.get(name) ?? createGroup(cognito, { poolId, name }, signal);
    this.#made.set(name, making);
    await making;
  }
}
