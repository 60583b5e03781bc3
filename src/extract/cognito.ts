import { Cognito } from "../cognito/cognito.ts";
import { explainServiceError, isException } from "../cognito/explain-error.ts";
import { listGroupNames, listMembers } from "../cognito/groups.ts";
import { listUserPages, type ListedUser, type UserPage } from "../cognito/list-users.ts";
import { regionOfPool, requirePoolId, requireRegionOfPool } from "../cognito/read-pool.ts";
import { FerryError } from "../core/ferry-error.ts";
import type { Row, RowBatch } from "../core/row.ts";
import { cognitoRecord, isAutomaticGroup } from "./cognito-user.ts";
import { SideTable } from "./side-table.ts";
import type { OpenContext, Source, SourceOptions, SourceType } from "./source.ts";

/**
 * A user pool itself, read by ListUsers and ListUsersInGroup, which make no monthly active user (documented). AdminGetUser,
 * which does, would tell the second factors; it is never called.
 */
export const cognito: SourceType = {
  type: "cognito",
  place: "user-pool",
  options: ["region", "profile", "endpointUrl"],
  open: (userPoolId, options, context = {}) => openPool(userPoolId, options, context),
};

/** How long a change may take to be listed: ListUsers is eventually consistent (documented), by how much is our guess. */
const LIST_LAG_MS = 15 * 60_000;

interface OpenPool {
  readonly cognito: Cognito;
  readonly poolId: string;
  readonly signal: AbortSignal;
  readonly observe: NonNullable<OpenContext["observe"]>;
}

async function openPool(
  poolId: string,
  { region, profile, endpointUrl }: SourceOptions,
  { signal = new AbortController().signal, observe = () => undefined, quotaShare, after }: OpenContext,
): Promise<Source> {
  requirePoolId(poolId);
  requireRegionOfPool(poolId, { region, endpointUrl, isSource: true });
  const from = after === undefined ? undefined : readCursor(after);
  const connection = {
    region: region ?? regionOfPool(poolId),
    profile,
    endpointUrl,
    logsEndpointUrl: undefined,
    isSource: true,
  };
  const pool: OpenPool = {
    cognito: new Cognito(connection, observe, quotaShare),
    poolId,
    signal,
    observe,
  };
  try {
    await requireListable(pool);
  } catch (error) {
    await pool.cognito[Symbol.asyncDispose]();
    throw error;
  }
  const reading = new Reading(pool, from);
  return {
    shape: { kind: "documents" },
    heedsAfter: true,
    get description() {
      return reading.description;
    },
    get cursor() {
      return reading.cursor;
    },
    batches: () => reading.batches(),
    [Symbol.asyncDispose]: () => pool.cognito[Symbol.asyncDispose](),
  };
}

/** Throws, before anything else is done, when there is no such pool or these credentials may not list its users. */
async function requireListable({ cognito: service, poolId, signal }: OpenPool): Promise<void> {
  const pages = listUserPages(service, { poolId }, signal);
  await pages.next().catch(async (error: unknown) => {
    throw await explain(error, service, poolId);
  });
  await pages.return(undefined);
}

async function explain(error: unknown, service: Cognito, poolId: string): Promise<unknown> {
  if (!isException(error, "ResourceNotFoundException")) return explainServiceError(error, { isSource: true });
  return new FerryError(
    "POOL_NOT_FOUND",
    `There is no user pool ${poolId} in ${await service.region()} to read users from`,
    {
      hint: "Check its id, source.region, source.endpointUrl, and the account of the credentials (source.profile)",
      cause: error,
    },
  );
}

/** One reading of a pool: first who is in which groups, then the users. */
class Reading {
  readonly #pool: OpenPool;
  readonly #from: Cursor | undefined;
  /** What changes from now on is to be given by the next reading; by the service's clock. */
  readonly #begunMs: number;
  #cursor: Cursor | undefined;
  #unchanged = 0;

  constructor(pool: OpenPool, from: Cursor | undefined) {
    this.#pool = pool;
    this.#from = from;
    this.#begunMs = from?.begunMs ?? pool.cognito.serviceNow;
  }

  get description(): string {
    const { changedAfterMs } = this.#from ?? {};
    return [
      `user pool ${this.#pool.poolId}`,
      ...(changedAfterMs === undefined ? [] : [`users changed after ${isoTime(changedAfterMs)}`]),
      ...(this.#unchanged === 0 ? [] : [`${this.#unchanged} others passed over`]),
    ].join(", ");
  }

  get cursor(): string | undefined {
    return this.#cursor === undefined ? undefined : writeCursor(this.#cursor);
  }

  async *batches(): AsyncGenerator<RowBatch> {
    const { cognito: service, poolId } = this.#pool;
    try {
      using table = new SideTable();
      await this.#readGroups(table);
      yield* this.#readUsers(table);
    } catch (error) {
      throw await explain(error, service, poolId);
    } finally {
      await service[Symbol.asyncDispose]();
    }
  }

  async #readGroups(table: SideTable): Promise<void> {
    const { cognito: service, poolId, signal, observe } = this.#pool;
    for (const name of await listGroupNames(service, poolId, signal)) {
      if (isAutomaticGroup(name, poolId)) continue;
      let members = 0;
      for await (const page of listMembers(service, { poolId, name }, signal)) {
        table.add(page.map(({ username }) => [username, name]));
        members += page.length;
      }
      observe({ kind: "members-listed", group: name, members });
    }
  }

  async *#readUsers(table: SideTable): AsyncGenerator<RowBatch> {
    let seq = 0;
    for await (const { users, next } of this.#pages()) {
      const rows: Row[] = [];
      for (const user of users) {
        if (!this.#isWanted(user)) continue;
        seq += 1;
        rows.push(toRow(user, table.valuesOf(user.username), seq));
      }
      this.#cursor = this.#behind(next);
      if (rows.length > 0) yield rows;
    }
  }

  async *#pages(): AsyncGenerator<UserPage> {
    const { cognito: service, poolId, signal } = this.#pool;
    const token = this.#from?.token;
    try {
      yield* listUserPages(service, { poolId, token }, signal);
    } catch (error) {
      if (token === undefined || !isException(error, "InvalidParameterException")) throw error;
      throw new FerryError("USAGE", `Cognito no longer knows the place in the user pool ${poolId}`, {
        hint: "Leave source.after out, and read the pool from its beginning",
        cause: error,
      });
    }
  }

  #isWanted({ modifiedAt }: ListedUser): boolean {
    const { changedAfterMs } = this.#from ?? {};
    if (changedAfterMs === undefined || modifiedAt === undefined || modifiedAt > changedAfterMs) return true;
    this.#unchanged += 1;
    return false;
  }

  /** Where a later reading goes on behind this page: at the next one, or behind the last one with what changed since. */
  #behind(token: string | undefined): Cursor {
    if (token === undefined) return { changedAfterMs: this.#begunMs - LIST_LAG_MS };
    return { changedAfterMs: this.#from?.changedAfterMs, begunMs: this.#begunMs, token };
  }
}

function toRow(user: ListedUser, groups: readonly string[], seq: number): Row {
  const { username, enabled, status, createdAt, modifiedAt, attributes, hasSmsOption } = user;
  const record = cognitoRecord(
    {
      Username: username,
      Enabled: enabled ?? null,
      ...(status === undefined ? {} : { UserStatus: status }),
      ...(createdAt === undefined ? {} : { UserCreateDate: isoTime(createdAt) }),
      ...(modifiedAt === undefined ? {} : { UserLastModifiedDate: isoTime(modifiedAt) }),
      ...(hasSmsOption === true ? { MFAOptions: [{ DeliveryMedium: "SMS" }] } : {}),
      Groups: groups,
    },
    attributes,
  );
  if (typeof record === "object") return { seq, line: undefined, record };
  const message = `user ${seq} of the list: ${record}`;
  return {
    seq,
    line: undefined,
    record: undefined,
    issue: { code: "row-unreadable", attribute: undefined, message },
  };
}

function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/**
 * A place in a user pool. Within a list, Cognito's token of its next page. Behind the last one there is no token, and no
 * order of users is documented in which new ones come last: so the users that were changed after a moment, which new ones
 * are too.
 */
interface Cursor {
  readonly changedAfterMs?: number | undefined;
  /** When the reading began that the token is of. */
  readonly begunMs?: number | undefined;
  readonly token?: string | undefined;
}

function writeCursor({ changedAfterMs, begunMs, token }: Cursor): string {
  const parts = new URLSearchParams();
  if (changedAfterMs !== undefined) parts.set("changedAfter", isoTime(changedAfterMs));
  if (begunMs !== undefined) parts.set("begun", isoTime(begunMs));
  if (token !== undefined) parts.set("token", token);
  return String(parts);
}

function readCursor(text: string): Cursor {
  const parts = new URLSearchParams(text);
  const [changedAfterMs, begunMs] = ["changedAfter", "begun"].map((name) => {
    const value = parts.get(name);
    return value === null ? undefined : Date.parse(value);
  });
  const token = parts.get("token") ?? undefined;
  const isPlace = changedAfterMs !== undefined || (token !== undefined && begunMs !== undefined);
  if (isPlace && ![changedAfterMs, begunMs].some(Number.isNaN)) return { changedAfterMs, begunMs, token };
  throw new FerryError("USAGE", `source.after is not a place in a user pool: ${text}`, {
    hint: "It is what the plan before said (source.cursor in its report.json), or changedAfter=2026-01-31T12:00:00Z",
  });
}
