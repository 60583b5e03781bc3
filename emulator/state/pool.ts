import type { ImportJob } from "./import-job.ts";
import type { Schema } from "./schema.ts";
import type { AliasName } from "./user.ts";
import { UserDirectory } from "./user-directory.ts";

/** The attribute whose ownership Cognito can verify (API model). */
export type VerifiableName = "email" | "phone_number";

/** How users of a pool name themselves when they sign in. */
export type SignIn =
  | { readonly kind: "username"; readonly aliases: readonly AliasName[] }
  | { readonly kind: "attribute"; readonly attributes: readonly VerifiableName[] };

/** The settings of a pool that the emulator acts on; the rest is only given back by DescribeUserPool. */
export interface PoolSettings {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly createdMs: number;
  readonly schema: Schema;
  readonly signIn: SignIn;
  readonly caseSensitive: boolean;
  readonly autoVerified: readonly VerifiableName[];
  readonly mfa: "OFF" | "ON" | "OPTIONAL";
  readonly passwordPolicy: PasswordPolicy;
  /** Members of CreateUserPool that DescribeUserPool returns as they were given. */
  readonly echoed: Readonly<Record<string, unknown>>;
}

/** What a password must hold. */
export interface PasswordPolicy {
  readonly MinimumLength: number;
  readonly RequireUppercase: boolean;
  readonly RequireLowercase: boolean;
  readonly RequireNumbers: boolean;
  readonly RequireSymbols: boolean;
  readonly TemporaryPasswordValidityDays: number;
}

/** A user pool: its settings, its users and its import jobs. */
export class Pool {
  readonly settings: PoolSettings;
  readonly users: UserDirectory;
  /** In the order of creation. */
  readonly jobs = new Map<string, ImportJob>();

  constructor(settings: PoolSettings) {
    this.settings = settings;
    this.users = new UserDirectory({
      caseSensitive: settings.caseSensitive,
      aliases: aliasesOf(settings.signIn),
    });
  }
}

/** The attributes of a pool by which a user is found as if they were its username. */
export function aliasesOf(signIn: SignIn): readonly AliasName[] {
  return signIn.kind === "username" ? signIn.aliases : signIn.attributes;
}
