import { createSign, createVerify, randomBytes, randomUUID } from "node:crypto";

import type { Account, UserOfPool } from "../state/account.ts";
import type { Client } from "../state/client.ts";
import type { RefreshToken } from "../state/refresh-token.ts";
import type { User } from "../state/user.ts";
import { ApiError } from "../wire/error.ts";
import type { Caller } from "./caller.ts";
import { idClaims } from "./claims.ts";
import { disabledUser, notAuthorized } from "./refusals.ts";
import { privateKeyOf, publicKeyOf, signingKeyOf } from "./signing-key.ts";

/** Tokens as RespondToAuthChallenge and its like return them. */
export interface Tokens {
  readonly AccessToken: string;
  readonly IdToken: string;
  readonly RefreshToken?: string;
  readonly ExpiresIn: number;
  readonly TokenType: "Bearer";
}

/** Signs a user in: that counts the user as active (documented). */
export function issueTokens(caller: Caller, user: User): Tokens {
  const { account, pool, client } = caller;
  const signedInMs = account.clock();
  const grant: RefreshToken = {
    poolId: pool.settings.id,
    clientId: client.id,
    sub: user.sub,
    signedInMs,
    expiresMs: signedInMs + client.refreshTokenMs,
    originId: randomUUID(),
  };
  const token = randomBytes(96).toString("base64url");
  account.refreshTokens.set(token, grant);
  return { ...renewTokens(caller, user, grant), RefreshToken: token };
}

/** Makes an access and an id token; the refresh token stays the one that the user has (documented). */
export function renewTokens(caller: Caller, user: User, grant: RefreshToken): Tokens {
  const { account, pool, client } = caller;
  const nowMs = account.clock();
  pool.countActive(user, nowMs);
  const access = {
    ...commonClaims(caller, user, grant),
    client_id: client.id,
    token_use: "access",
    scope: "aws.cognito.signin.user.admin",
    exp: seconds(nowMs + client.accessTokenMs),
    username: user.username,
  };
  const id = {
    ...commonClaims(caller, user, grant),
    ...idClaims(user, client),
    "cognito:username": user.username,
    aud: client.id,
    token_use: "id",
    exp: seconds(nowMs + client.idTokenMs),
  };
  return {
    AccessToken: signToken(account, pool.settings.id, access),
    IdToken: signToken(account, pool.settings.id, id),
    ExpiresIn: client.accessTokenMs / 1000,
    TokenType: "Bearer",
  };
}

function commonClaims({ account, pool }: Caller, user: User, grant: RefreshToken): object {
  const groups = groupsOf(user);
  return {
    sub: user.sub,
    ...(groups.length === 0 ? {} : { "cognito:groups": groups }),
    iss: issuerOf(account, pool.settings.id),
    origin_jti: grant.originId,
    event_id: randomUUID(),
    auth_time: seconds(grant.signedInMs),
    iat: seconds(account.clock()),
    jti: randomUUID(),
  };
}

/** The user whom an access token stands for, or AWS's error (wording reported). */
export function userOfAccessToken(
  account: Account,
  token: string,
): UserOfPool & { readonly client: Client | undefined } {
  const claims = readToken(account, token);
  const pool = account.pools.get(claims?.poolId ?? "");
  if (claims === undefined || pool === undefined) throw notAuthorized("Invalid Access Token");
  if (account.clock() >= claims.expiresMs) throw notAuthorized("Access Token has expired");
  const user = pool.users.bySub(claims.sub);
  if (user === undefined) throw new ApiError("UserNotFoundException", "User does not exist.");
  if (!user.enabled) throw disabledUser();
  return { pool, user, client: pool.clients.get(claims.clientId) };
}

function signToken(account: Account, poolId: string, claims: object): string {
  const key = signingKeyOf(account, poolId);
  const content = `${encode({ kid: key.id, alg: "RS256" })}.${encode(claims)}`;
  return `${content}.${createSign("RSA-SHA256").update(content).sign(privateKeyOf(key), "base64url")}`;
}

interface AccessClaims {
  readonly poolId: string;
  readonly clientId: string;
  readonly sub: string;
  readonly expiresMs: number;
}

function readToken(account: Account, token: string): AccessClaims | undefined {
  const [header = "", payload = "", signature = "", ...rest] = token.split(".");
  const claims = rest.length > 0 ? {} : decode(payload);
  const { iss, sub, exp, client_id: clientId, token_use: use } = claims;
  if (typeof iss !== "string" || typeof sub !== "string" || typeof exp !== "number" || use !== "access") {
    return undefined;
  }
  if (typeof clientId !== "string") return undefined;
  const poolId = iss.slice(iss.lastIndexOf("/") + 1);
  const key = account.signingKeys.get(poolId);
  if (key === undefined) return undefined;
  const verifier = createVerify("RSA-SHA256").update(`${header}.${payload}`);
  const isGenuine = verifier.verify(publicKeyOf(key), signature, "base64url");
  return isGenuine ? { poolId, clientId, sub, expiresMs: exp * 1000 } : undefined;
}

// By precedence, the lowest first, groups without one last (documented).
function groupsOf({ extras }: User): readonly string[] {
  const groups = [...(extras?.groups ?? [])];
  const place = (precedence: number | undefined) => precedence ?? Number.MAX_SAFE_INTEGER;
  return groups
    .toSorted((left, right) => place(left.precedence) - place(right.precedence))
    .map(({ name }) => name);
}

function issuerOf({ region }: Account, poolId: string): string {
  return `https://cognito-idp.${region}.amazonaws.com/${poolId}`;
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

function encode(content: object): string {
  return Buffer.from(JSON.stringify(content)).toString("base64url");
}

function decode(part: string): Readonly<Record<string, unknown>> {
  try {
    const content: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    // A JSON object is a record of unknown values.
    return typeof content === "object" && content !== null ? (content as Record<string, unknown>) : {};
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return {};
  }
}
