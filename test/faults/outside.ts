import { parse } from "csv-parse/sync";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Emulator, OutboxMessage, User } from "../../emulator/index.ts";
import { SECRETS } from "./people.ts";

/** What must be in a pool once a run is over, told without the run. */
export interface Wanted {
  /** Everyone who must be there, by username, as {@link portrayUser} writes a user. */
  readonly users: ReadonlyMap<string, string>;
  /** The usernames of those whom the run creates. */
  readonly created: readonly string[];
  /** The messages to everyone, as `kind username`, sorted. */
  readonly messages: readonly string[];
  /** How many rows of the source the files of the run name as there before, and as rejected; undefined for a run undone. */
  readonly reported: { readonly skipped: number; readonly rejected: number } | undefined;
}

/** What was found wrong, each in a sentence. */
export interface Findings {
  /** Users who are missing in the pool, or in the run's files. */
  readonly lost: readonly string[];
  /** Users who are there twice, were sent again, or should not be there. */
  readonly doubled: readonly string[];
  /** Users who are not as the source has them. */
  readonly changed: readonly string[];
  readonly messaged: readonly string[];
  /** Secrets in files or in what was printed. */
  readonly leaked: readonly string[];
}

/** Where a run took place. */
export interface Scene {
  readonly emulator: Emulator;
  readonly userPoolId: string;
  readonly runDir: string;
  /** All that the run's commands printed. */
  readonly printed: string;
}

/** Holds a pool, as the local Cognito itself has it, and the files of a run that is over against what must be there. */
export function lookFromOutside(scene: Scene, wanted: Wanted): Findings {
  const { emulator, userPoolId } = scene;
  const pool = emulator.state.pools.get(userPoolId);
  if (pool === undefined) throw new Error(`there is no pool ${userPoolId}`);
  const users = [...pool.users];
  const found = new Map(users.map((user) => [user.username, portrayUser(user)]));
  const files = wanted.reported === undefined ? [] : filesAgainst(scene, wanted, wanted.reported, users);
  return {
    lost: [...missing(wanted.users.keys(), found), ...files],
    doubled: [...missing(found.keys(), wanted.users), ...sentAgain(scene, wanted)],
    changed: [...found].flatMap(([username, is]) => {
      const should = wanted.users.get(username);
      return should === undefined || should === is ? [] : [`${username} is ${is}, not ${should}`];
    }),
    messaged: differing(emulator.control.outbox.map(told).toSorted(), wanted.messages),
    leaked: leaks(scene),
  };
}

/** Everything about a user that a migration decides, in one line. */
function portrayUser({ enabled, status, attributes, aliases, credential, extras }: User): string {
  const pairs: string[] = [];
  for (let index = 0; index < attributes.length; index += 2)
    pairs.push(`${attributes[index]}=${attributes[index + 1]}`);
  const groups = [...(extras?.groups ?? [])].map(({ name }) => name).toSorted();
  const identities = (extras?.identities ?? []).map(
    ({ providerName, attributeValue }) => `${providerName}:${attributeValue}`,
  );
  return [
    enabled ? "enabled" : "disabled",
    status,
    pairs
      .filter((pair) => !pair.startsWith("identities="))
      .toSorted()
      .join(" "),
    `groups ${groups.join(" ")}`,
    `mfa ${extras?.mfa?.enabled.join(" ") ?? ""}`,
    `identities ${identities.toSorted().join(" ")}`,
    `aliases ${aliases.join(" ")}`,
    `password ${portrayCredential(credential)}`,
  ].join("; ");
}

function portrayCredential(credential: User["credential"]): string {
  if (credential?.kind === "permanent")
    return SECRETS.some((secret) => credential.password.includes(secret)) ? "own" : "random";
  return credential?.kind === "hash" ? credential.algorithm : (credential?.kind ?? "none");
}

function told({ kind, username }: OutboxMessage): string {
  return `${kind} ${username}`;
}

function missing(names: Iterable<string>, where: ReadonlyMap<string, unknown>): readonly string[] {
  return [...names].filter((name) => !where.has(name));
}

function differing(found: readonly string[], wanted: readonly string[]): readonly string[] {
  const same = found.length === wanted.length && found.every((text, index) => text === wanted[index]);
  return same ? [] : [`messages ${found.join(", ")} in place of ${wanted.join(", ")}`];
}

/** Users who were sent to the pool when they were there already by this run: rows that import jobs skipped. */
function sentAgain({ emulator, userPoolId }: Scene, { created, reported }: Wanted): readonly string[] {
  if (reported === undefined) return [];
  const jobs = [...(emulator.state.pools.get(userPoolId)?.jobs.values() ?? [])];
  const sum = (count: "imported" | "skipped"): number =>
    jobs.reduce((total, { counts }) => total + counts[count], 0);
  const again: string[] = [];
  if (sum("skipped") > reported.skipped) again.push(`${sum("skipped")} rows were skipped by import jobs`);
  if (sum("imported") > created.length) again.push(`${sum("imported")} rows were imported`);
  return again;
}

type Cells = Readonly<Record<string, string>>;

function readRows(runDir: string, name: string): readonly Cells[] {
  const path = join(runDir, name);
  return existsSync(path) ? parse(readFileSync(path), { columns: true }) : [];
}

/** Holds the run's own files against the pool: everyone in one of them, with the sub that is really theirs. */
function filesAgainst(
  { runDir }: Scene,
  { created }: Wanted,
  reported: NonNullable<Wanted["reported"]>,
  users: readonly User[],
): readonly string[] {
  const wrong: string[] = [];
  const subs = new Map(users.map(({ username, sub }) => [username, sub]));
  const identities = readRows(runDir, "identity-map.csv");
  for (const { username = "", sub } of identities)
    if (subs.get(username) !== sub) wrong.push(`identity-map.csv has ${sub} for ${username}`);
  const known = new Map(identities.map((row) => [row["username"] ?? "", row]));
  for (const username of missing(created, known)) wrong.push(`${username} is not in identity-map.csv`);
  if (known.size !== identities.length) wrong.push("somebody is in identity-map.csv twice");
  const expected = { "skipped.csv": reported.skipped, "rejected.csv": reported.rejected, "failed.csv": 0 };
  for (const [name, count] of Object.entries(expected)) {
    const rows = readRows(runDir, name);
    if (rows.length !== count) wrong.push(`${name} has ${rows.length} users in place of ${count}`);
  }
  const failed = readRows(runDir, "follow-ups.csv");
  for (const { username, follow_up } of failed) wrong.push(`${follow_up} of ${username} is not done`);
  return wrong;
}

function leaks({ runDir, printed }: Scene): readonly string[] {
  const leaked = SECRETS.filter((secret) => printed.includes(secret)).map(() => "a secret was printed");
  for (const entry of readdirSync(runDir, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const content = readFileSync(join(entry.parentPath, entry.name));
    if (SECRETS.some((secret) => content.includes(secret))) leaked.push(`a secret is left in ${entry.name}`);
    if (entry.name.startsWith("part-")) leaked.push(`${entry.name} is left`);
  }
  return leaked;
}
