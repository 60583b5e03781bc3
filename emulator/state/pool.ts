import type { Client } from "./client.ts";
import { GroupDirectory } from "./group-directory.ts";
import type { ImportJob } from "./import-job.ts";
import type { Schema } from "./schema.ts";
import type { AliasName, User } from "./user.ts";
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
  readonly modifiedMs: number;
  readonly schema: Schema;
  readonly signIn: SignIn;
  readonly caseSensitive: boolean;
  readonly autoVerified: readonly VerifiableName[];
  /** The attributes that keep their value until a new one is verified. */
  readonly verifiedBeforeUpdate: readonly VerifiableName[];
  /** The pool's plan, on which some features depend. */
  readonly tier: "LITE" | "ESSENTIALS" | "PLUS";
  readonly mfa: "OFF" | "ON" | "OPTIONAL";
  /** The further members of SetUserPoolMfaConfig, as GetUserPoolMfaConfig returns them. */
  readonly mfaConfigurations: Readonly<Record<string, unknown>>;
  readonly passwordPolicy: PasswordPolicy;
  /** The ways of proving oneself first that the pool's sign-in policy allows. */
  readonly firstFactors: readonly FirstFactor[];
  /** Whether users may not sign themselves up. */
  readonly adminCreatesOnly: boolean;
  /** Whether DeleteUserPool is refused. */
  readonly isProtected: boolean;
  /** Members of CreateUserPool and UpdateUserPool that DescribeUserPool returns as they were given. */
  readonly echoed: Readonly<Record<string, unknown>>;
  /** Those of CreateUserPool that nothing changes later. */
  readonly echoedForever: Readonly<Record<string, unknown>>;
}

/** A first factor of the sign-in policy (API model). */
export type FirstFactor = "PASSWORD" | "EMAIL_OTP" | "SMS_OTP" | "WEB_AUTHN";

/** What a password must hold. */
export interface PasswordPolicy {
  readonly MinimumLength: number;
  readonly RequireUppercase: boolean;
  readonly RequireLowercase: boolean;
  readonly RequireNumbers: boolean;
  readonly RequireSymbols: boolean;
  readonly TemporaryPasswordValidityDays: number;
}

/** A user pool: its settings, its users and what belongs to it. */
export class Pool {
  /** Replaced as a whole when something changes. */
  settings: PoolSettings;
  readonly users: UserDirectory;
  /** In the order of creation. */
  readonly jobs = new Map<string, ImportJob>();
  readonly groups: GroupDirectory;
  readonly clients = new Map<string, Client>();
  /** How many users counted as active in a month, by year × 12 + month. */
  readonly activeUsers = new Map<number, number>();

  constructor(settings: PoolSettings) {
    this.settings = settings;
    this.users = new UserDirectory({
      caseSensitive: settings.caseSensitive,
      aliases: aliasesOf(settings.signIn),
    });
    // That a group's name ignores case where usernames do is reported, of one such pool.
    this.groups = new GroupDirectory({ caseSensitive: settings.caseSensitive });
  }

  /** Whether a user was created under this name: its username, or what stands in for it. */
  isNameTaken(name: string): boolean {
    const { signIn } = this.settings;
    if (signIn.kind === "username") return this.users.byUsername(name) !== undefined;
    return signIn.attributes.some((attribute) => this.users.aliasOwner(attribute, name) !== undefined);
  }

  /** Counts a user as active in this month, once: what AWS bills (documented which operations do). */
  countActive(user: User, nowMs: number): void {
    const now = new Date(nowMs);
    const month = now.getUTCFullYear() * 12 + now.getUTCMonth();
    if (user.activeMonth === month) return;
    user.activeMonth = month;
    this.activeUsers.set(month, (this.activeUsers.get(month) ?? 0) + 1);
  }
}

/** The attributes of a pool by which a user is found as if they were its username. */
export function aliasesOf(signIn: SignIn): readonly AliasName[] {
  return signIn.kind === "username" ? signIn.aliases : signIn.attributes;
}

/** Whether the pool lets users in by a code that it sends, so that they need no password (documented). */
export function isPasswordless({ firstFactors }: PoolSettings): boolean {
  return firstFactors.includes("EMAIL_OTP") || firstFactors.includes("SMS_OTP");
}
