import {
  GetCSVHeaderCommand,
  type LambdaConfigType,
  type SchemaAttributeType,
  type UserPoolType,
} from "@aws-sdk/client-cognito-identity-provider";
import type { Connection } from "../core/connection.ts";
import { FerryError } from "../core/ferry-error.ts";
import { CONTACTS, type Contact, type Pool, type PoolAttribute, type PoolSetup } from "../core/pool.ts";
import { accountOf } from "./account-of.ts";
import type { Cognito } from "./cognito.ts";
import { describeUserPool } from "./describe-user-pool.ts";
import { isException, settingsOf } from "./explain-error.ts";
import { minimumPasswordLengthOf } from "./password-policy.ts";

/** A pool id: the region, an underscore, letters and digits (documented in the API model). */
const POOL_ID = /^[\w-]+_[0-9a-zA-Z]+$/;
const REGION = /^[a-z]{2}(-[a-z]+)+-\d+$/;

/** The region that a pool id names, or undefined when it names none (some local servers). */
export function regionOfPool(poolId: string): string | undefined {
  const region = poolId.slice(0, poolId.lastIndexOf("_"));
  return REGION.test(region) ? region : undefined;
}

/** Throws USAGE unless the text is shaped like a user pool id. */
export function requirePoolId(poolId: string): void {
  if (POOL_ID.test(poolId)) return;
  throw new FerryError("USAGE", `${poolId} is not a user pool id`, {
    hint: "It looks like eu-central-1_AbCd12345",
  });
}

/** Hosts of Cognito name their region: `cognito-idp.eu-central-1.amazonaws.com`, and so do its FIPS and VPC endpoints (documented). */
const COGNITO_HOST = /(?:^|\.)cognito-idp(?:-fips)?\.([^.]+)\./;

/**
 * Throws REGION_MISMATCH when the region, or the one that an endpoint's host names, is not that of the pool's id. A replica of
 * a pool in another region creates no users (documented).
 */
export function requireRegionOfPool(poolId: string, connection: Partial<Connection>): void {
  const { region, endpointUrl } = connection;
  const own = regionOfPool(poolId);
  if (own === undefined) return;
  const [, named] = COGNITO_HOST.exec(hostOf(endpointUrl)) ?? [];
  const other = [region, named].find((each) => each !== undefined && each !== own);
  if (other === undefined) return;
  const says = settingsOf(connection);
  throw new FerryError("REGION_MISMATCH", `The user pool ${poolId} is in ${own}, and not in ${other}`, {
    hint: `Check ${says.userPoolId}, ${says.region} and ${says.endpointUrl}; without ${says.region} the one that the id names is taken`,
  });
}

function hostOf(url: string | undefined): string {
  return url !== undefined && URL.canParse(url) ? new URL(url).hostname : "";
}

/**
 * Reads the settings of a pool that decide how its users must look. Two calls, DescribeUserPool and GetCSVHeader.
 * Throws POOL_NOT_FOUND.
 */
export async function readPool(cognito: Cognito, poolId: string, signal: AbortSignal): Promise<Pool> {
  try {
    const described = await describe(cognito, poolId, signal);
    const { CSVHeader } = await cognito.call(
      "GetCSVHeader",
      (client, abort) => client.send(new GetCSVHeaderCommand({ UserPoolId: poolId }), abort),
      { repeat: "safe", signal },
    );
    if (CSVHeader === undefined || CSVHeader.length === 0) throw withoutSettings(poolId);
    return toPool(poolId, described, CSVHeader);
  } catch (error) {
    throw await explainAbsence(error, cognito, poolId);
  }
}

/** A pool as SignUp sees it. */
export interface DescribedPool {
  readonly pool: Pool;
  /** The least length that it asks of passwords. */
  readonly passwordLength: number;
  /** Whether only administrators create users. */
  readonly isClosed: boolean;
}

/** Reads what SignUp depends on, by DescribeUserPool alone. Throws POOL_NOT_FOUND. */
export async function describePool(
  cognito: Cognito,
  poolId: string,
  signal: AbortSignal,
): Promise<DescribedPool> {
  try {
    return toDescribedPool(poolId, await describe(cognito, poolId, signal));
  } catch (error) {
    throw await explainAbsence(error, cognito, poolId);
  }
}

/** What SignUp depends on, from a description as DescribeUserPool gives it. */
export function toDescribedPool(poolId: string, described: UserPoolType): DescribedPool {
  const names = (described.SchemaAttributes ?? []).map(({ Name }) => Name ?? "");
  return {
    pool: toPool(
      poolId,
      described,
      names.filter((name) => !COGNITOS_OWN.has(name)),
    ),
    passwordLength: minimumPasswordLengthOf(described),
    isClosed: described.AdminCreateUserConfig?.AllowAdminCreateUserOnly ?? false,
  };
}

/** Attributes that nobody can set. */
const COGNITOS_OWN: ReadonlySet<string> = new Set(["sub", "identities"]);

async function describe(cognito: Cognito, poolId: string, signal: AbortSignal): Promise<UserPoolType> {
  const described = await describeUserPool(cognito, poolId, signal);
  if (described === undefined) throw withoutSettings(poolId);
  return described;
}

function withoutSettings(poolId: string): FerryError {
  return new FerryError(
    "ENDPOINT_UNSUPPORTED",
    `The service describes the user pool ${poolId} without its settings`,
    { hint: "Check --endpoint-url: it must be a Cognito-compatible service with import jobs" },
  );
}

async function explainAbsence(error: unknown, cognito: Cognito, poolId: string): Promise<unknown> {
  if (!isException(error, "ResourceNotFoundException")) return error;
  return new FerryError("POOL_NOT_FOUND", `There is no user pool ${poolId} in ${await cognito.region()}`, {
    hint: "Check --user-pool-id, --region and the account of the credentials",
    cause: error,
  });
}

function toPool(poolId: string, described: UserPoolType, csvHeader: readonly string[]): Pool {
  return {
    id: poolId,
    name: described.Name ?? "",
    account: accountOf(described.Arn),
    attributes: (described.SchemaAttributes ?? []).map(toAttribute),
    csvHeader,
    autoVerified: contacts(described.AutoVerifiedAttributes),
    verifiedBeforeUpdate: contacts(
      described.UserAttributeUpdateSettings?.AttributesRequireVerificationBeforeUpdate,
    ),
    usernameAttributes: contacts(described.UsernameAttributes),
    aliasAttributes: described.AliasAttributes ?? [],
    // Absent means case sensitive (documented); the console's default is insensitive and then says so.
    caseSensitive: described.UsernameConfiguration?.CaseSensitive ?? true,
    mfa: described.MfaConfiguration ?? "OFF",
    setup: toSetup(described),
  };
}

function toSetup({ LambdaConfig = {}, ...described }: UserPoolType): PoolSetup {
  return {
    triggers: TRIGGERS.filter((name) => LambdaConfig[name] !== undefined),
    // Absent, it is Cognito's own (documented).
    emailSender: described.EmailConfiguration?.EmailSendingAccount === "DEVELOPER" ? "ses" : "cognito",
    sendsSms: described.SmsConfiguration?.SnsCallerArn !== undefined,
    estimatedUsers: described.EstimatedNumberOfUsers ?? 0,
  };
}

/** The triggers that can be set (API model); the settings of two stand beside them under other names. */
const TRIGGERS = [
  "PreSignUp",
  "CustomMessage",
  "PostConfirmation",
  "PreAuthentication",
  "PostAuthentication",
  "PreTokenGeneration",
  "UserMigration",
  "DefineAuthChallenge",
  "CreateAuthChallenge",
  "VerifyAuthChallengeResponse",
  "CustomSMSSender",
  "CustomEmailSender",
] as const satisfies readonly (keyof LambdaConfigType)[];

function toAttribute(described: SchemaAttributeType): PoolAttribute {
  const isNumber = described.AttributeDataType === "Number";
  const { MinValue, MaxValue } = described.NumberAttributeConstraints ?? {};
  const { MinLength, MaxLength } = described.StringAttributeConstraints ?? {};
  return {
    name: described.Name ?? "",
    type: described.AttributeDataType ?? "String",
    required: described.Required ?? false,
    mutable: described.Mutable ?? true,
    min: toBound(isNumber ? MinValue : MinLength),
    max: toBound(isNumber ? MaxValue : MaxLength),
  };
}

// The API writes bounds as strings.
function toBound(bound: string | undefined): number | undefined {
  return bound === undefined || bound === "" || Number.isNaN(Number(bound)) ? undefined : Number(bound);
}

function contacts(names: readonly string[] | undefined): readonly Contact[] {
  return CONTACTS.filter((contact) => names?.includes(contact));
}
