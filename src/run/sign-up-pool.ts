import { resolve } from "node:path";
import { signUpClosed } from "../cognito/sign-up.ts";
import { describePool, type DescribedPool } from "../cognito/read-pool.ts";
import type { Cognito } from "../cognito/cognito.ts";
import { FerryError } from "../core/ferry-error.ts";
import type { ClientSecretPlace, SignUpFacts } from "../core/sign-up.ts";
import type { PlanOptions } from "./plan.ts";
import { readPoolDescription } from "./pool-description.ts";

/** How users sign up, as an operator says it. */
export interface SignUpOptions {
  /** The app client that users sign up with. */
  readonly clientId: string;
  /** The environment variable with the client's secret; with neither it and the file, the client has none. */
  readonly clientSecretEnv?: string | undefined;
  /** A file with the client's secret, which nobody else can read. */
  readonly clientSecretFile?: string | undefined;
  /** Whether users are confirmed afterwards with AdminConfirmSignUp, which needs AWS credentials; false when undefined. */
  readonly confirm?: boolean | undefined;
  /** Must be `allowed` where the pool sends a code to everyone who signs up. */
  readonly messages?: "allowed" | undefined;
}

/** What of a plan's options concerns signing up. */
type SignUpPlanOptions = Pick<
  PlanOptions,
  "userPoolId" | "profile" | "signUp" | "poolDescription" | "policies" | "logsRoleArn" | "otherJobWaitMs"
>;

/** Policies about import jobs, AdminCreateUser and password hashes: no user of such a run is of their kind. */
const IDLE_POLICIES = [
  "unimportable",
  "unsafeValues",
  "failedRows",
  "passwordAfterCreate",
  "forceAliasCreation",
] as const;

/** A client id (documented in the API model). */
const CLIENT_ID = /^[\w+]{1,128}$/;

/**
 * Throws USAGE where options of a plan contradict each other, or would have no effect: nothing that the operator decided
 * is passed over silently.
 */
export function requireCoherent(options: SignUpPlanOptions): void {
  const { signUp, profile, poolDescription, policies = {}, logsRoleArn, otherJobWaitMs } = options;
  if (signUp === undefined) {
    if (poolDescription === undefined) return;
    throw usage(
      "userPool.description has a meaning only with signUp",
      "Leave it out: the pool is read with credentials",
    );
  }
  if (!CLIENT_ID.test(signUp.clientId))
    throw usage("signUp.clientId is no app client id", "It has letters and digits only");
  if (signUp.clientSecretEnv !== undefined && signUp.clientSecretFile !== undefined)
    throw usage(
      "signUp.clientSecretEnv and signUp.clientSecretFile are two places for one secret",
      "Keep one of the two",
    );
  const idle = IDLE_POLICIES.find((policy) => policies[policy] !== undefined);
  if (idle !== undefined) throw usage(`policies.${idle} has no meaning where users sign up`, "Leave it out");
  if (policies.passwordHashes !== undefined && policies.passwordHashes !== "drop")
    throw usage(
      `policies.passwordHashes is ${policies.passwordHashes}, and SignUp takes no password hashes`,
      "Leave it out",
    );
  if (logsRoleArn !== undefined || otherJobWaitMs !== undefined)
    throw usage("importJob and --logs-role-arn have no meaning where users sign up", "Leave them out");
  if (poolDescription === undefined) return;
  if (profile !== undefined)
    throw usage("userPool.profile has no meaning with userPool.description", "Leave one of the two out");
  const needsRights = [
    ...(signUp.confirm === true ? ["signUp.confirm"] : []),
    ...(policies.socialOnly === "link" ? ["policies.socialOnly: link"] : []),
  ];
  if (needsRights.length === 0) return;
  throw usage(
    `${needsRights.join(" and ")} needs rights on the pool, and with userPool.description nothing but SignUp is called`,
    "Leave one of the two out",
  );
}

/** A pool that users can sign up in, and how they do. */
export interface SignUpPool {
  readonly pool: DescribedPool["pool"];
  readonly signUp: SignUpFacts;
}

/**
 * Reads the pool's settings from its description, or else with DescribeUserPool. Throws POOL_UNREADY where nobody can sign
 * up, and MESSAGES_NOT_ALLOWED where it would send codes and the operator did not say that it may.
 */
export async function readSignUpPool(
  cognito: Cognito,
  { userPoolId, poolDescription, signUp }: SignUpPlanOptions & { readonly signUp: SignUpOptions },
  signal: AbortSignal,
): Promise<SignUpPool> {
  const described =
    poolDescription === undefined
      ? await describePool(cognito, userPoolId, signal)
      : await readPoolDescription(poolDescription, userPoolId);
  const { pool, passwordLength, isClosed } = described;
  if (isClosed) throw signUpClosed();
  if (pool.autoVerified.length > 0 && signUp.messages !== "allowed") {
    throw new FerryError(
      "MESSAGES_NOT_ALLOWED",
      `Cognito would send a code to everyone who signs up in ${pool.id} with ${pool.autoVerified.join(" or ")}, and no request can keep it from that`,
      {
        hint: "If that is wanted, set signUp.messages to allowed; otherwise have the pool's automatic verification turned off for the time of the run",
      },
    );
  }
  return {
    pool,
    signUp: {
      clientId: signUp.clientId,
      secretAt: secretPlace(signUp),
      access: poolDescription === undefined ? "pool" : "client",
      confirm: signUp.confirm ?? false,
      passwordLength,
    },
  };
}

function secretPlace({ clientSecretEnv, clientSecretFile }: SignUpOptions): ClientSecretPlace | undefined {
  if (clientSecretEnv !== undefined) return { kind: "env", name: clientSecretEnv };
  if (clientSecretFile !== undefined) return { kind: "file", path: resolve(clientSecretFile) };
  return undefined;
}

function usage(message: string, hint: string): FerryError {
  return new FerryError("USAGE", message, { hint });
}
