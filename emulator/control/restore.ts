import { Account } from "../state/account.ts";
import { LogStream } from "../state/log-store.ts";
import { Pool } from "../state/pool.ts";
import { PlacedSet } from "../state/placed-set.ts";
import { extrasOf } from "../state/user.ts";
import type { AccountLine, DumpLine, LogStreamLine, PoolLine, UserLine } from "./dump-line.ts";

/**
 * Puts the contents of a dump in place of everything an account holds; all or, if the dump is broken, nothing.
 * Users, groups and members come back to their places, so that page tokens go on.
 */
export async function restoreAccount(
  account: Account,
  lines: Iterable<DumpLine> | AsyncIterable<DumpLine>,
): Promise<void> {
  const fresh = new Account(account);
  let last: DumpLine["kind"] | undefined;
  for await (const line of lines) {
    const isFirst = last === undefined;
    if (isFirst !== (line.kind === "account")) throw new TypeError("a dump begins with its account line");
    restoreLine(fresh, line);
    last = line.kind;
  }
  if (last === undefined) throw new TypeError("the dump is empty");
  if (last !== "end") throw new TypeError("the dump is cut off: its end is missing");
  account.adopt(fresh);
}

function restoreLine(account: Account, line: DumpLine): void {
  switch (line.kind) {
    case "end":
      return;
    case "account":
      return restoreOwner(account, line);
    case "role":
      account.roles.put({ ...line.role, policies: new Map(Object.entries(line.role.policies)) });
      return;
    case "pool":
      account.addPool(restorePool(line));
      return;
    case "group": {
      const { poolId, place, name, description, roleArn, precedence, createdMs, modifiedMs } = line;
      const members = new PlacedSet<never>();
      const group = { name, description, roleArn, precedence, createdMs, modifiedMs, members };
      poolOf(account, poolId).groups.add(group, place);
      return;
    }
    case "client":
      poolOf(account, line.poolId).clients.set(line.client.id, line.client);
      return;
    case "user":
      return restoreUser(poolOf(account, line.poolId), line);
    case "job": {
      const csv = line.job.csv === undefined ? undefined : Buffer.from(line.job.csv, "base64");
      poolOf(account, line.job.poolId).jobs.set(line.job.id, { ...line.job, csv });
      return;
    }
    case "log-stream":
      return restoreLogStream(account, line);
    case "message":
      account.outbox.push(line.message);
      return;
    case "session":
      account.sessions.set(line.id, line.session);
      return;
    case "refresh-token":
      account.refreshTokens.set(line.token, line.refreshToken);
      return;
    case "signing-key":
      account.signingKeys.set(line.poolId, line.signingKey);
      return;
    case "attempts":
      account.attempts.set(line.id, line.attempts);
      return;
    default:
      throw new TypeError(`a dump has no lines of kind ${(line as DumpLine).kind}`);
  }
}

function restoreOwner(account: Account, { version, accountId, region, uploadKey }: AccountLine): void {
  if (version !== 1) throw new TypeError(`this is a dump of version ${String(version)}, not 1`);
  if (accountId !== account.id || region !== account.region) {
    // Ids of pools and roles name both, and clients sign for the region.
    const owner = `account ${accountId} in ${region}`;
    throw new TypeError(`this is a dump of ${owner}, not of ${account.id} in ${account.region}`);
  }
  account.uploadKey = uploadKey;
}

function restorePool({ settings, activeUsers }: PoolLine): Pool {
  const schema = new Map(settings.schema.map((attribute) => [attribute.Name, attribute]));
  const pool = new Pool({ ...settings, schema });
  for (const [month, users] of activeUsers) pool.activeUsers.set(month, users);
  return pool;
}

function restoreUser(pool: Pool, line: UserLine): void {
  const { createdMs: nowMs, modifiedMs, enabled, activeMonth, ...rest } = line;
  const attributes = Object.entries(line.attributes).flat();
  const user = pool.users.add({ ...rest, attributes, nowMs });
  Object.assign(user, { modifiedMs, enabled, activeMonth });
  if (line.extras !== undefined) {
    const { identities, ...extras } = line.extras;
    Object.assign(extrasOf(user), extras);
    for (const identity of identities) pool.users.link(user, identity);
  }
  for (const { name, place } of line.groups) {
    const group = pool.groups.get(name);
    if (group === undefined)
      throw new TypeError(`user ${line.username} is in group ${name}, which the dump does not have`);
    group.members.add(user, place);
    extrasOf(user).groups.add(group);
  }
}

function restoreLogStream(account: Account, line: LogStreamLine): void {
  const stream = new LogStream(line.name, line.createdMs);
  for (const entry of line.lines) stream.append(entry);
  account.logs.publish(line.groupName, stream, line.groupCreatedMs);
}

function poolOf(account: Account, poolId: string): Pool {
  const pool = account.pools.get(poolId);
  if (pool === undefined) throw new TypeError(`the dump has no pool ${poolId} before what belongs to it`);
  return pool;
}
