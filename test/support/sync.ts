import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sync, type SyncOptions } from "../../src/run/sync.ts";
import type { SyncSummary } from "../../src/run/sync-summary.ts";
import type { StatedSyncPolicies } from "../../src/sync/sync-policies.ts";
import { aFolder } from "./files.ts";
import { LOGS_ROLE_ARN, type Target } from "./target.ts";

/** A person of the source of these tests. */
export interface Person {
  readonly id: string;
  readonly username: string;
  readonly email?: string | undefined;
  readonly email_verified?: boolean | undefined;
  readonly name?: string | undefined;
  readonly nickname?: string | undefined;
  readonly disabled?: boolean | undefined;
  readonly teams?: readonly string[] | undefined;
}

/** People p1 to pN with a verified address, who can come by an import job; `change` makes some others. */
export function people(
  count: number,
  change: (number: number) => Partial<Person> = () => ({}),
): readonly Person[] {
  return Array.from({ length: count }, (_, index) => {
    const username = `p${index + 1}`;
    return {
      id: `id-${index + 1}`,
      username,
      email: `${username}@example.com`,
      email_verified: true,
      name: `Person ${index + 1}`,
      ...change(index + 1),
    };
  });
}

/** A source of people that a sync of one pool follows. */
export class Following {
  readonly target: Target;
  readonly path: string;
  readonly syncDir: string;
  readonly #policies: StatedSyncPolicies;
  readonly #more: Partial<SyncOptions>;
  readonly #type: "ndjson" | "json";

  constructor(
    target: Target,
    policies: StatedSyncPolicies = {},
    { type = "ndjson", ...more }: Partial<SyncOptions> & { readonly type?: "ndjson" | "json" } = {},
  ) {
    const folder = aFolder();
    this.target = target;
    this.#type = type;
    this.path = join(folder, `people.${type}`);
    this.syncDir = join(folder, "sync");
    this.#policies = policies;
    this.#more = more;
  }

  /** Writes the source anew. */
  write(list: readonly Person[]): void {
    const blank = { nickname: null, disabled: false, teams: [] };
    const records = list.map((person) => JSON.stringify({ ...blank, ...person }));
    writeFileSync(this.path, this.#type === "json" ? `[${records.join(",\n")}]` : `${records.join("\n")}\n`);
  }

  /** One sync of what the source has. */
  async sync(over: Partial<SyncOptions> = {}): Promise<SyncSummary> {
    const { emulator, userPoolId } = this.target;
    return sync({
      source: { type: this.#type, path: this.path },
      userPoolId,
      endpointUrl: emulator.url,
      logsRoleArn: LOGS_ROLE_ARN,
      syncDir: this.syncDir,
      mapping: {
        sourceId: "id",
        disabled: "disabled",
        groups: "teams",
        attributes: { email: "email", email_verified: "email_verified", name: "name", nickname: "nickname" },
      },
      sync: this.#policies,
      quotaShare: 1,
      ...this.#more,
      ...over,
    });
  }

  /** Writes the source anew, and follows it. */
  async follow(list: readonly Person[], over: Partial<SyncOptions> = {}): Promise<SyncSummary> {
    this.write(list);
    return this.sync(over);
  }
}

/** A user of the pool, as these tests look at it. */
export interface Seen {
  readonly attributes: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  readonly groups: readonly string[];
}

/** The users of a pool by their usernames. */
export function seenIn({ emulator, userPoolId }: Target): ReadonlyMap<string, Seen> {
  const users = [...(emulator.state.pools.get(userPoolId)?.users ?? [])];
  return new Map(
    users.map((user) => {
      const flat = user.attributes;
      const pairs = Array.from({ length: flat.length / 2 }, (_, index) => [
        String(flat[2 * index]),
        String(flat[2 * index + 1]),
      ]);
      const groups = [...(user.extras?.groups ?? [])].map(({ name }) => name).toSorted();
      return [
        user.username,
        { attributes: Object.fromEntries(pairs), enabled: user.enabled, groups },
      ] as const;
    }),
  );
}
