import type { Account } from "../state/account.ts";
import { isActive, type ImportJob } from "../state/import-job.ts";
import type { Pool } from "../state/pool.ts";
import type { User, UserExtras } from "../state/user.ts";
import type { DumpLine, UserLine } from "./dump-line.ts";

/** Everything an account holds, line by line, as it is when a line is read. Throws while an import job runs: what is half done cannot be kept. */
export function* dumpAccount(account: Account): Generator<DumpLine> {
  const pools = [...account.pools.values()];
  for (const { jobs } of pools) for (const job of jobs.values()) checkEnded(account, job);
  yield {
    kind: "account",
    version: 1,
    accountId: account.id,
    region: account.region,
    uploadKey: account.uploadKey,
  };
  for (const { policies, ...role } of account.roles) {
    yield { kind: "role", role: { ...role, policies: Object.fromEntries(policies) } };
  }
  for (const pool of pools) yield* dumpPool(account, pool);
  for (const { name: groupName, createdMs: groupCreatedMs, streams } of account.logs.groups.values()) {
    for (const stream of streams.values()) {
      const { name, createdMs } = stream;
      yield { kind: "log-stream", groupName, groupCreatedMs, name, createdMs, lines: [...stream.lines()] };
    }
  }
  for (const message of account.outbox) yield { kind: "message", message };
  for (const [id, session] of account.sessions) yield { kind: "session", id, session };
  for (const [token, refreshToken] of account.refreshTokens) {
    yield { kind: "refresh-token", token, refreshToken };
  }
  for (const [poolId, signingKey] of account.signingKeys) yield { kind: "signing-key", poolId, signingKey };
  for (const [id, attempts] of account.attempts) yield { kind: "attempts", id, attempts };
  yield { kind: "end" };
}

function checkEnded(account: Account, job: ImportJob): void {
  account.moveOn(job);
  if (isActive(job)) throw new Error(`import job ${job.id} is running: dump when it has ended`);
}

function* dumpPool(account: Account, pool: Pool): Generator<DumpLine> {
  const poolId = pool.settings.id;
  const schema = [...pool.settings.schema.values()];
  yield { kind: "pool", settings: { ...pool.settings, schema }, activeUsers: [...pool.activeUsers] };
  for (const group of pool.groups) {
    const { members: _, ...rest } = group;
    yield { kind: "group", poolId, place: pool.groups.placeOf(group), ...rest };
  }
  for (const client of pool.clients.values()) yield { kind: "client", poolId, client };
  for (const user of pool.users) yield dumpUser(poolId, user);
  for (const running of pool.jobs.values()) {
    // It may have begun while the lines before this one were read.
    checkEnded(account, running);
    const { csv, ...job } = running;
    const text = csv === undefined ? undefined : Buffer.from(csv).toString("base64");
    yield { kind: "job", job: structuredClone({ ...job, csv: text }) };
  }
}

function dumpUser(poolId: string, user: User): UserLine {
  const { attributes, extras, ...rest } = user;
  const pairs = attributes.flatMap((name, index) => {
    return index % 2 === 0 ? [[name, attributes[index + 1] ?? ""]] : [];
  });
  const { groups, ...others } = extras ?? NO_EXTRAS;
  return {
    kind: "user",
    poolId,
    ...rest,
    attributes: Object.fromEntries(pairs),
    groups: [...groups].map(({ name, members }) => ({ name, place: members.placeOf(user) ?? members.end })),
    extras: extras === undefined ? undefined : structuredClone(others),
  };
}

const NO_EXTRAS: UserExtras = { groups: new Set(), mfa: undefined, identities: [], code: undefined };
