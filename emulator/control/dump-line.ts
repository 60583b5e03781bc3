import type { Attempts } from "../state/attempts.ts";
import type { ChallengeSession } from "../state/challenge-session.ts";
import type { Client } from "../state/client.ts";
import type { ImportJob } from "../state/import-job.ts";
import type { Line } from "../state/log-store.ts";
import type { OutboxMessage } from "../state/outbox.ts";
import type { PoolSettings } from "../state/pool.ts";
import type { RefreshToken } from "../state/refresh-token.ts";
import type { Role } from "../state/role.ts";
import type { SchemaAttribute } from "../state/schema.ts";
import type { SigningKey } from "../state/signing-key.ts";
import type { Credentials } from "../wire/signature.ts";
import type { User, UserExtras } from "../state/user.ts";

/**
 * One line of a dump: plain data, to be written as one line of JSON. What refers to a pool comes after it, and
 * users come after the groups that they are in.
 */
export type DumpLine =
  | AccountLine
  | PoolLine
  | GroupLine
  | ClientLine
  | UserLine
  | JobLine
  | LogStreamLine
  | MessageLine
  | SessionLine
  | RefreshTokenLine
  | SigningKeyLine
  | AttemptsLine
  | RoleLine
  | EndLine;

/** The first line: what the dump is, and of which account. */
export interface AccountLine {
  readonly kind: "account";
  /** The form of the lines. */
  readonly version: 1;
  readonly accountId: string;
  readonly region: string;
  /** The key that upload URLs are signed with. */
  readonly uploadKey: Credentials;
}

/** A user pool. */
export interface PoolLine {
  readonly kind: "pool";
  readonly settings: Omit<PoolSettings, "schema"> & { readonly schema: readonly SchemaAttribute[] };
  /** How many users counted as active in a month (year × 12 + month). */
  readonly activeUsers: readonly (readonly [month: number, users: number])[];
}

/** A group. Who is in it stands with the users. */
interface GroupLine {
  readonly kind: "group";
  readonly poolId: string;
  /** Its place in the list of groups. */
  readonly place: number;
  readonly name: string;
  readonly description?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly precedence?: number | undefined;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

/** An app client. */
interface ClientLine {
  readonly kind: "client";
  readonly poolId: string;
  readonly client: Client;
}

/** A user, in the order of creation. */
export interface UserLine extends Pick<
  User,
  | "sequence"
  | "username"
  | "sub"
  | "enabled"
  | "status"
  | "createdMs"
  | "modifiedMs"
  | "aliases"
  | "activeMonth"
  | "credential"
> {
  readonly kind: "user";
  readonly poolId: string;
  /** Without sub. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The user's groups in the order of joining, with the user's place among their members. */
  readonly groups: readonly { readonly name: string; readonly place: number }[];
  /** What few users have. */
  readonly extras?: Omit<UserExtras, "groups"> | undefined;
}

/** An import job that does not run. */
interface JobLine {
  readonly kind: "job";
  readonly job: Omit<ImportJob, "csv"> & {
    /** The uploaded file in base64. */
    readonly csv: string | undefined;
  };
}

/** A log stream with its events. */
export interface LogStreamLine {
  readonly kind: "log-stream";
  readonly groupName: string;
  readonly groupCreatedMs: number;
  readonly name: string;
  readonly createdMs: number;
  readonly lines: readonly Line[];
}

/** A message that would have been sent. */
interface MessageLine {
  readonly kind: "message";
  readonly message: OutboxMessage;
}

/** A sign-in on its way. */
interface SessionLine {
  readonly kind: "session";
  readonly id: string;
  readonly session: ChallengeSession;
}

/** A refresh token. */
interface RefreshTokenLine {
  readonly kind: "refresh-token";
  readonly token: string;
  readonly refreshToken: RefreshToken;
}

/** The key that a pool signs its tokens with, the private part too. */
interface SigningKeyLine {
  readonly kind: "signing-key";
  readonly poolId: string;
  readonly signingKey: SigningKey;
}

/** Failed sign-ins, or resets that were asked for. */
interface AttemptsLine {
  readonly kind: "attempts";
  readonly id: string;
  readonly attempts: Attempts;
}

/** An IAM role. */
interface RoleLine {
  readonly kind: "role";
  readonly role: Omit<Role, "policies"> & { readonly policies: Readonly<Record<string, string>> };
}

/** The last line: a dump without it was cut off. */
interface EndLine {
  readonly kind: "end";
}
