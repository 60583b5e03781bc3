import { createGroup, listGroupNames } from "../cognito/groups.ts";
import type { Loading } from "./loading.ts";

/** The groups of the pool, made when the first user is to join them. Those that are there stay as they are. */
export class PoolGroups {
  readonly #loading: Loading;
  #present: Promise<ReadonlySet<string>> | undefined;
  readonly #made = new Map<string, Promise<void>>();

  constructor(loading: Loading) {
    this.#loading = loading;
  }

  /** How many were missing and have been asked for. */
  get made(): number {
    return this.#made.size;
  }

  /** Makes sure that a group is there, unless the policy is that none is made: who is to join it is then refused. */
  async ensure(name: string): Promise<void> {
    const { cognito, ledger, signal } = this.#loading;
    if (ledger.facts.policies.missingGroups === "leave-out") return;
    const poolId = ledger.facts.pool.id;
    this.#present ??= listGroupNames(cognito, poolId, signal);
    if ((await this.#present).has(name)) return;
    const making = this.#made.get(name) ?? createGroup(cognito, { poolId, name }, signal);
    this.#made.set(name, making);
    await making;
  }
}
