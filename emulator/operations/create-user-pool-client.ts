import type { Rules } from "../rules.ts";
import type { Client } from "../state/client.ts";
import type { Pool } from "../state/pool.ts";
import { randomId, SMALL_LETTERS_AND_DIGITS } from "../state/random-id.ts";
import { viewClient } from "../view/client.ts";
import { invalidParameter } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly ClientName: string;
  readonly GenerateSecret?: boolean;
  readonly ClientSecret?: string;
  readonly ExplicitAuthFlows?: readonly string[];
  readonly PreventUserExistenceErrors?: "LEGACY" | "ENABLED";
  readonly ReadAttributes?: readonly string[];
  readonly WriteAttributes?: readonly string[];
  readonly AuthSessionValidity?: number;
  readonly AccessTokenValidity?: number;
  readonly IdTokenValidity?: number;
  readonly RefreshTokenValidity?: number;
  readonly TokenValidityUnits?: TokenUnits;
  readonly [member: string]: unknown;
}

interface TokenUnits {
  readonly AccessToken?: TimeUnit;
  readonly IdToken?: TimeUnit;
  readonly RefreshToken?: TimeUnit;
}

type TimeUnit = keyof typeof UNIT_MS;

const UNIT_MS = { seconds: 1000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const;

/** Creates an app client with AWS's defaults (sample and documentation) for what the request leaves out. */
export function createUserPoolClient({ account }: Context, request: Request): object {
  const pool = account.pool(request.UserPoolId);
  checkAttributes(pool, "read", request.ReadAttributes);
  checkAttributes(pool, "write", request.WriteAttributes);
  const { UserPoolId: _, ClientName: name, GenerateSecret: generates, ClientSecret, ...echoed } = request;
  const nowMs = account.clock();
  const client: Client = {
    id: randomId(26, SMALL_LETTERS_AND_DIGITS),
    name,
    secret: ClientSecret ?? (generates === true ? randomId(51, SMALL_LETTERS_AND_DIGITS) : undefined),
    createdMs: nowMs,
    modifiedMs: nowMs,
    authFlows: readAuthFlows(request.ExplicitAuthFlows ?? [], account.rules),
    preventUserExistenceErrors: request.PreventUserExistenceErrors ?? "LEGACY",
    readAttributes: request.ReadAttributes,
    writeAttributes: request.WriteAttributes,
    sessionMs: (request.AuthSessionValidity ?? DEFAULTS.AuthSessionValidity) * UNIT_MS.minutes,
    ...readValidity(request, account.rules),
    echoed: { ...DEFAULTS, ...echoed, RefreshTokenValidity: refreshValidity(request) },
  };
  pool.clients.set(client.id, client);
  return { UserPoolClient: viewClient(pool, client) };
}

const DEFAULTS = {
  AllowedOAuthFlowsUserPoolClient: false,
  AuthSessionValidity: 3,
  EnablePropagateAdditionalUserContextData: false,
  EnableTokenRevocation: true,
};

const DEFAULT_REFRESH_DAYS = 30;

// The older names allow a flow beside those that were always there (documented).
const OLD_FLOWS: Readonly<Record<string, readonly string[]>> = {
  ADMIN_NO_SRP_AUTH: ["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
  USER_PASSWORD_AUTH: ["ALLOW_USER_PASSWORD_AUTH"],
  CUSTOM_AUTH_FLOW_ONLY: [],
};
const USUAL_FLOWS = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"];

function readAuthFlows(given: readonly string[], { texts }: Rules): readonly string[] {
  const old = given.filter((name) => !name.startsWith("ALLOW_"));
  // Documented; the words are a guess.
  if (old.length > 0 && old.length < given.length) throw invalidParameter(texts.mixedAuthFlows);
  if (old.length === 0 && given.length > 0) return given;
  if (old.includes("CUSTOM_AUTH_FLOW_ONLY")) return ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_CUSTOM_AUTH"];
  return [...USUAL_FLOWS, ...old.flatMap((name) => OLD_FLOWS[name] ?? [])];
}

// Wording reported, and that a list of what is written has to hold all that the pool requires, too.
function checkAttributes({ settings }: Pool, kind: "read" | "write", names?: readonly string[]): void {
  if (names === undefined || names.length === 0) return;
  const isAllowed = (name: string) => {
    if (!settings.schema.has(name) || name.startsWith("dev:")) return false;
    return kind === "read" || !(name === "sub" || name.endsWith("_verified"));
  };
  const required = [...settings.schema.values()].filter(({ Name, Required }) => Required && Name !== "sub");
  const isWhole = kind === "read" || required.every(({ Name }) => names.includes(Name));
  if (isWhole && names.every(isAllowed)) return;
  throw invalidParameter(`Invalid ${kind} attributes specified while creating a client`);
}

function readValidity(request: Request, { texts }: Rules) {
  const {
    AccessToken = "hours",
    IdToken = "hours",
    RefreshToken = "days",
  } = request.TokenValidityUnits ?? {};
  const accessTokenMs = (request.AccessTokenValidity ?? HOUR / UNIT_MS[AccessToken]) * UNIT_MS[AccessToken];
  const idTokenMs = (request.IdTokenValidity ?? HOUR / UNIT_MS[IdToken]) * UNIT_MS[IdToken];
  const refreshTokenMs = refreshValidity(request) * UNIT_MS[RefreshToken];
  const isShortLived = (ms: number) => ms >= 5 * UNIT_MS.minutes && ms <= UNIT_MS.days;
  const isLongLived = refreshTokenMs >= HOUR && refreshTokenMs <= 3650 * UNIT_MS.days;
  // The ranges are documented.
  if (!isShortLived(accessTokenMs) || !isShortLived(idTokenMs) || !isLongLived) {
    throw invalidParameter(texts.tokenValidityRange);
  }
  return { accessTokenMs, idTokenMs, refreshTokenMs };
}

const HOUR = UNIT_MS.hours;

// 0 is the default, thirty days (documented); in another unit they stay thirty days (guess).
function refreshValidity({ RefreshTokenValidity: given = 0, TokenValidityUnits: units }: Request): number {
  if (given > 0) return given;
  return (DEFAULT_REFRESH_DAYS * UNIT_MS.days) / UNIT_MS[units?.RefreshToken ?? "days"];
}
