import { createHmac, createPublicKey, createVerify, type JsonWebKey } from "node:crypto";

import { ChangePasswordCommand, GetUserCommand } from "@aws-sdk/client-cognito-identity-provider";
import { expect, test } from "vitest";

import type { Group } from "../../emulator/state/group.ts";
import { PlacedSet } from "../../emulator/state/placed-set.ts";
import { extrasOf, type User } from "../../emulator/state/user.ts";
import {
  aClient,
  aClientId,
  aUser,
  begin,
  claimsOf,
  Clock,
  NEW_PASSWORD,
  PASSWORD,
  signIn,
  userNamed,
} from "./support/auth.ts";
import { aPool, type TestPool } from "./support/pool.ts";
import { activeUsers } from "./support/user.ts";

const HOUR_MS = 60 * 60 * 1000;
const UUID = expect.stringMatching(/^[0-9a-f-]{36}$/);

async function keysOf({ emulator, poolId }: TestPool, id = poolId) {
  const answer = await fetch(`${emulator.url}/${id}/.well-known/jwks.json`);
  const content = (await answer.json()) as { readonly keys: readonly (JsonWebKey & { kid: string })[] };
  return { status: answer.status, ...content };
}

async function isGenuine(pool: TestPool, token = ""): Promise<boolean> {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const { kid } = JSON.parse(Buffer.from(header, "base64url").toString()) as { readonly kid: string };
  const key = (await keysOf(pool)).keys.find((candidate) => candidate.kid === kid);
  const verifier = createVerify("RSA-SHA256").update(`${header}.${payload}`);
  const publicKey = createPublicKey({ format: "jwk", key: key ?? {} });
  return verifier.verify(publicKey, signature, "base64url");
}

function join(user: User, name: string, precedence: number | undefined): void {
  const group: Group = {
    name,
    description: undefined,
    roleArn: undefined,
    precedence,
    createdMs: 0,
    modifiedMs: 0,
    members: new PlacedSet(),
  };
  extrasOf(user).groups.add(group);
}

async function refresh(pool: TestPool, clientId: string, REFRESH_TOKEN = "none") {
  return begin(pool, clientId, "REFRESH_TOKEN_AUTH", { REFRESH_TOKEN });
}

test("token-keys: serves the keys that its tokens can be verified with", async () => {
  await using pool = await aPool();
  await aUser(pool);
  const { AuthenticationResult: tokens } = await signIn(pool, await aClientId(pool));
  expect(await isGenuine(pool, tokens?.AccessToken)).toBe(true);
  expect(await isGenuine(pool, tokens?.IdToken)).toBe(true);
  const [header, payload, signature] = (tokens?.IdToken ?? "").split(".");
  const forged = Buffer.from(JSON.stringify({ ...claimsOf(`.${payload}.`), sub: "x" })).toString("base64url");
  expect(await isGenuine(pool, `${header}.${forged}.${signature}`)).toBe(false);
  const { status, keys } = await keysOf(pool);
  expect(status).toBe(200);
  expect(keys).toEqual([
    {
      alg: "RS256",
      e: "AQAB",
      kid: expect.any(String),
      kty: "RSA",
      n: expect.any(String),
      use: "sig",
    },
  ]);
  expect((await keysOf(pool, "us-east-1_nothing")).status).toBe(404);
});

test("token-claims: says in its tokens who signed in, and where", async () => {
  await using pool = await aPool({
    Schema: [{ Name: "team" }, { Name: "rank", DeveloperOnlyAttribute: true }],
  });
  const clientId = await aClientId(pool);
  const email = { email: "ann@example.com", email_verified: "true" };
  const user = await aUser(pool, {
    attributes: { ...email, address: "1 Way", updated_at: "12", "custom:team": "a", "dev:custom:rank": "1" },
  });
  const { AuthenticationResult: tokens } = await signIn(pool, clientId);
  const access = claimsOf(tokens?.AccessToken);
  const common = {
    sub: user.sub,
    iss: `https://cognito-idp.us-east-1.amazonaws.com/${pool.poolId}`,
    origin_jti: access["origin_jti"],
    event_id: UUID,
    auth_time: access["iat"],
    iat: access["iat"],
    exp: Number(access["iat"]) + 3600,
    jti: UUID,
  };
  expect(access).toEqual({
    ...common,
    token_use: "access",
    client_id: clientId,
    scope: "aws.cognito.signin.user.admin",
    username: "ann",
  });
  expect(claimsOf(tokens?.IdToken)).toEqual({
    ...common,
    token_use: "id",
    aud: clientId,
    "cognito:username": "ann",
    email: "ann@example.com",
    email_verified: true,
    address: { formatted: "1 Way" },
    updated_at: 12,
    "custom:team": "a",
  });
});

test("token-groups: lists groups by precedence, those without one last", async () => {
  await using pool = await aPool();
  const user = await aUser(pool);
  join(user, "last", undefined);
  join(user, "second", 2);
  join(user, "first", 1);
  const { AuthenticationResult: tokens } = await signIn(pool, await aClientId(pool));
  const groups = ["first", "second", "last"];
  expect(claimsOf(tokens?.AccessToken)["cognito:groups"]).toEqual(groups);
  expect(claimsOf(tokens?.IdToken)["cognito:groups"]).toEqual(groups);
});

test("token-refresh: makes new tokens of the same sign-in, and keeps the refresh token", async () => {
  const clock = new Clock();
  await using pool = await aPool({}, { clock: clock.now });
  const clientId = await aClientId(pool);
  await aUser(pool);
  const { AuthenticationResult: first } = await signIn(pool, clientId);
  clock.pass(HOUR_MS);
  const { AuthenticationResult: second } = await refresh(pool, clientId, first?.RefreshToken);
  expect(second).not.toHaveProperty("RefreshToken");
  const { auth_time: signedIn, origin_jti: origin } = claimsOf(first?.AccessToken);
  const renewed = claimsOf(second?.AccessToken);
  expect(renewed).toMatchObject({
    auth_time: signedIn,
    origin_jti: origin,
    iat: Number(signedIn) + 3600,
  });
});

test("secret-hash: a refresh takes the hash of the username or of the sub, and no other", async () => {
  await using pool = await aPool();
  const { ClientId = "", ClientSecret = "" } = await aClient(pool, { GenerateSecret: true });
  const { sub } = await aUser(pool);
  const hashOf = (name: string) =>
    createHmac("sha256", ClientSecret).update(`${name}${ClientId}`).digest("base64");
  const { AuthenticationResult: tokens } = await begin(pool, ClientId, "USER_PASSWORD_AUTH", {
    USERNAME: "ann",
    PASSWORD,
    SECRET_HASH: hashOf("ann"),
  });
  const refreshAs = (name: string) => {
    const parameters = { REFRESH_TOKEN: tokens?.RefreshToken ?? "", SECRET_HASH: hashOf(name) };
    return begin(pool, ClientId, "REFRESH_TOKEN_AUTH", parameters);
  };
  for (const name of ["ann", sub]) expect((await refreshAs(name)).AuthenticationResult).toBeDefined();
  await expect(refreshAs("ann@example.com")).rejects.toMatchObject({ name: "NotAuthorizedException" });
});

test("token-refresh: counts the user as active in the month of the refresh", async () => {
  const clock = new Clock();
  await using pool = await aPool({}, { clock: clock.now });
  const clientId = await aClientId(pool, { RefreshTokenValidity: 90 });
  await aUser(pool);
  const { AuthenticationResult: tokens } = await signIn(pool, clientId);
  clock.pass(40 * 24 * HOUR_MS);
  await refresh(pool, clientId, tokens?.RefreshToken);
  expect(activeUsers(pool)).toBe(2);
});

test("token-refresh-refused: refuses tokens of nobody, of others, and old ones", async () => {
  const clock = new Clock();
  await using pool = await aPool({}, { clock: clock.now });
  const clientId = await aClientId(pool);
  await aUser(pool);
  const { AuthenticationResult: tokens } = await signIn(pool, clientId);
  const invalid = { name: "NotAuthorizedException", message: "Invalid Refresh Token" };
  await expect(refresh(pool, clientId)).rejects.toMatchObject(invalid);
  const byAnother = refresh(pool, await aClientId(pool), tokens?.RefreshToken);
  await expect(byAnother).rejects.toMatchObject(invalid);
  clock.pass(30 * 24 * HOUR_MS);
  await expect(refresh(pool, clientId, tokens?.RefreshToken)).rejects.toMatchObject({
    name: "NotAuthorizedException",
    message: "Refresh Token has expired",
  });
});

test("token-refresh-refused: refuses users who were disabled or deleted, even if made again", async () => {
  await using pool = await aPool();
  const clientId = await aClientId(pool);
  const user = await aUser(pool);
  const { AuthenticationResult: tokens } = await signIn(pool, clientId);
  user.enabled = false;
  await expect(refresh(pool, clientId, tokens?.RefreshToken)).rejects.toMatchObject({
    name: "NotAuthorizedException",
    message: "User is disabled.",
  });
  pool.emulator.state.pools.get(pool.poolId)?.users.remove(user);
  await aUser(pool);
  await expect(refresh(pool, clientId, tokens?.RefreshToken)).rejects.toMatchObject({
    name: "NotAuthorizedException",
    message: "Refresh Token has been revoked",
  });
});

test("token-access: takes access tokens that are genuine, fresh, and of an enabled user", async () => {
  const clock = new Clock();
  await using pool = await aPool({}, { clock: clock.now });
  await using other = await aPool({}, { clock: clock.now });
  const clientId = await aClientId(pool);
  await aUser(pool);
  await aUser(other);
  const { AuthenticationResult: tokens } = await signIn(pool, clientId);
  const change = async (AccessToken = "") => {
    const request = { AccessToken, PreviousPassword: PASSWORD, ProposedPassword: NEW_PASSWORD };
    return pool.cognito.send(new ChangePasswordCommand(request));
  };
  const [header, payload, signature = ""] = (tokens?.AccessToken ?? "").split(".");
  const changed = signature.startsWith("A") ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
  const elsewhere = (await signIn(other, await aClientId(other))).AuthenticationResult?.AccessToken;
  const wrong = ["nonsense", "a.b.c", tokens?.IdToken, `${header}.${payload}.${changed}`, elsewhere];
  for (const token of wrong) {
    await expect(change(token)).rejects.toMatchObject({
      name: "NotAuthorizedException",
      message: "Invalid Access Token",
    });
  }
  const user = userNamed(pool);
  user.enabled = false;
  await expect(change(tokens?.AccessToken)).rejects.toMatchObject({ message: "User is disabled." });
  user.enabled = true;
  clock.pass(HOUR_MS);
  await expect(change(tokens?.AccessToken)).rejects.toMatchObject({ message: "Access Token has expired" });
  pool.emulator.state.pools.get(pool.poolId)?.users.remove(user);
  clock.pass(-HOUR_MS);
  await expect(change(tokens?.AccessToken)).rejects.toMatchObject({ name: "UserNotFoundException" });
});

test("token-user: shows users to themselves, as far as their client reads, and counts them as active", async () => {
  await using pool = await aPool();
  await aUser(pool);
  const clientId = await aClientId(pool, { ReadAttributes: ["email"] });
  const { AuthenticationResult: tokens } = await signIn(pool, clientId);
  const user = userNamed(pool);
  user.activeMonth = 0;
  const shown = await pool.cognito.send(new GetUserCommand({ AccessToken: tokens?.AccessToken }));
  expect(shown.Username).toBe(user.username);
  expect(shown.UserAttributes?.map(({ Name }) => Name)).toEqual(["sub", "email"]);
  expect(user.activeMonth).toBeGreaterThan(0);
});
