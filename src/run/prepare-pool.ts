import { addCustomAttributes } from "../cognito/add-custom-attributes.ts";
import { AwsAccount, type AccountConnection, type CallerIdentity } from "../cognito/aws-account.ts";
import type { Cognito } from "../cognito/cognito.ts";
import { explainServiceError } from "../cognito/explain-error.ts";
import { createGroup, listGroupNames } from "../cognito/groups.ts";
import { describePool, regionOfPool, requireRegionOfPool } from "../cognito/read-pool.ts";
import {
  attributeTypeText,
  isAsWanted,
  MAX_CUSTOM_ATTRIBUTES,
  type CustomAttribute,
} from "../core/custom-attribute.ts";
import { EXIT_CODES, FerryError, type ExitCode } from "../core/ferry-error.ts";
import type { Pool } from "../core/pool.ts";
import { prepareLogRole, type LogRoleStep } from "./prepare-log-role.ts";
import { openCognito, type PoolAddress } from "./pool-address.ts";
import { requireAccount } from "./require-account.ts";
import type { RunObserver } from "./run-event.ts";
import { withoutRun } from "./without-run.ts";

/** What a pool is to have before users come. */
export interface PrepareOptions
  extends PoolAddress, Pick<AccountConnection, "iamEndpointUrl" | "stsEndpointUrl"> {
  /** The AWS account in which the pool must be; any when undefined. */
  readonly expectAccount?: string | undefined;
  readonly attributes?: readonly CustomAttribute[] | undefined;
  readonly groups?: readonly string[] | undefined;
  /** The name of the role that lets import jobs write their log; none is looked at when undefined. */
  readonly logsRole?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly observe?: RunObserver | undefined;
}

/** Whether something was there, is missing still, or was made just now. */
export type PreparedState = "present" | "missing" | "created";

/** One thing that a pool is to have, and what became of it. */
export type PrepareStep =
  | (CustomAttribute & { readonly kind: "attribute"; readonly state: PreparedState })
  | { readonly kind: "group"; readonly name: string; readonly state: PreparedState }
  | LogRoleStep;

/** What a pool has of what it is to have, as `--json` prints it. */
export interface PrepareSummary {
  readonly userPoolId: string;
  readonly userPoolName: string;
  readonly region: string;
  /** Undefined where the service does not say. */
  readonly account: string | undefined;
  readonly steps: readonly PrepareStep[];
  /** What goes to `--logs-role-arn`; undefined where no role was asked for, or there is none yet. */
  readonly logsRoleArn: string | undefined;
  readonly exitCode: ExitCode;
}

/** Says what a pool lacks, and changes nothing. Throws what {@link preparePool} throws before it changes anything. */
export async function previewPreparation(options: PrepareOptions): Promise<PrepareSummary> {
  return withPool(options, look);
}

/**
 * Makes what a pool lacks: custom attributes, groups, the role for the log of import jobs. What is there stays as it is, so that
 * repeating this does nothing more. Throws FerryError: ATTRIBUTE_FIXED and LOGS_ROLE_FOREIGN for what is there and is not as
 * wanted, before anything was changed.
 */
export async function preparePool(options: PrepareOptions): Promise<PrepareSummary> {
  return withPool(options, async (work) => carryOut(await look(work), work));
}

interface PrepareWork {
  readonly options: PrepareOptions;
  readonly cognito: Cognito;
  readonly pool: Pool;
  readonly region: string;
  readonly signal: AbortSignal;
}

async function withPool(
  options: PrepareOptions,
  work: (given: PrepareWork) => Promise<PrepareSummary>,
): Promise<PrepareSummary> {
  const { userPoolId, observe = () => undefined, signal = new AbortController().signal } = options;
  try {
    await using cognito = openCognito(options, observe);
    requireRegionOfPool(userPoolId, options);
    const { pool } = await describePool(cognito, userPoolId, signal);
    requireAccount(pool, { expected: options.expectAccount });
    return await work({ options, cognito, pool, region: await cognito.region(), signal });
  } catch (error) {
    throw withoutRun(
      explainServiceError(error),
      "Interrupted; what was made so far stays, and repeating the command makes the rest",
    );
  }
}

async function look(work: PrepareWork): Promise<PrepareSummary> {
  const { options, pool, region } = work;
  const attributes = (options.attributes ?? []).map((wanted) => judgeAttribute(wanted, pool));
  requireRoom(attributes, pool);
  const [groups, logRole] = await Promise.all([judgeGroups(work), judgeLogRole(work)]);
  return {
    userPoolId: pool.id,
    userPoolName: pool.name,
    region,
    account: pool.account,
    steps: [...attributes, ...groups, ...logRole],
    logsRoleArn: logRole[0]?.arn,
    exitCode: EXIT_CODES.ok,
  };
}

type AttributeStep = Extract<PrepareStep, { readonly kind: "attribute" }>;

function judgeAttribute(wanted: CustomAttribute, pool: Pool): AttributeStep {
  const present = pool.attributes.find(({ name }) => name === wanted.name);
  if (present === undefined) return { kind: "attribute", ...wanted, state: "missing" };
  if (!isAsWanted(wanted, present)) {
    const is = attributeTypeText(present);
    throw new FerryError(
      "ATTRIBUTE_FIXED",
      `The user pool ${pool.id} has ${wanted.name} as ${is}, and not as ${attributeTypeText(wanted)}`,
      {
        hint: "Cognito changes no attribute, and takes none away: choose another name, or have the mapping fit this one. Nothing was changed",
      },
    );
  }
  const { type, min, max } = present;
  return { kind: "attribute", name: wanted.name, type, min, max, state: "present" };
}

function requireRoom(attributes: readonly AttributeStep[], pool: Pool): void {
  const present = pool.attributes.filter(({ name }) => name.includes("custom:")).length;
  const missing = attributes.filter(({ state }) => state === "missing").length;
  if (present + missing <= MAX_CUSTOM_ATTRIBUTES) return;
  throw new FerryError(
    "ATTRIBUTE_FIXED",
    `The user pool ${pool.id} has ${present} custom attributes, and with ${missing} more it would have more than ${MAX_CUSTOM_ATTRIBUTES}`,
    { hint: "Cognito takes none away: ask for fewer. Nothing was changed" },
  );
}

async function judgeGroups({ options, cognito, pool, signal }: PrepareWork): Promise<readonly PrepareStep[]> {
  const { groups = [] } = options;
  if (groups.length === 0) return [];
  const present = await listGroupNames(cognito, pool.id, signal);
  return groups.map((name) => ({ kind: "group", name, state: present.has(name) ? "present" : "missing" }));
}

async function judgeLogRole(work: PrepareWork): Promise<readonly LogRoleStep[]> {
  return withLogRole(work, (account, identity) => prepareLogRole(account, aboutRole(work, identity), "look"));
}

async function carryOut(seen: PrepareSummary, work: PrepareWork): Promise<PrepareSummary> {
  const { cognito, pool, signal } = work;
  const missing = seen.steps.filter(({ state }) => state === "missing");
  const attributes = missing.filter((step) => step.kind === "attribute");
  await addCustomAttributes(cognito, { poolId: pool.id, attributes }, signal);
  for (const { kind, name } of missing) {
    if (kind === "group") await createGroup(cognito, { poolId: pool.id, name }, signal);
  }
  const [logRole] = await withLogRole(work, (account, identity) =>
    prepareLogRole(account, aboutRole(work, identity), "make"),
  );
  const steps = seen.steps.map((step) => {
    if (step.kind === "logs-role") return logRole ?? step;
    return step.state === "missing" ? { ...step, state: "created" as const } : step;
  });
  return { ...seen, steps, logsRoleArn: logRole?.arn };
}

/** Works on the role where one was asked for. */
async function withLogRole(
  { options, pool, signal }: PrepareWork,
  work: (account: AwsAccount, identity: CallerIdentity) => Promise<LogRoleStep>,
): Promise<readonly LogRoleStep[]> {
  if (options.logsRole === undefined) return [];
  const region = options.region ?? regionOfPool(options.userPoolId);
  await using account = await AwsAccount.open({ ...options, region });
  const identity = await account.identity(signal);
  // A role of another account is none that these import jobs could use.
  if (pool.account !== undefined) requireAccount(pool, { expected: identity.account });
  return [await work(account, identity)];
}

function aboutRole(
  { options, pool, region, signal }: PrepareWork,
  { arn, account }: CallerIdentity,
): Parameters<typeof prepareLogRole>[1] {
  return {
    name: options.logsRole ?? "",
    place: { partition: arn.split(":")[1] ?? "aws", region, account, poolId: pool.id, poolName: pool.name },
    signal,
  };
}
