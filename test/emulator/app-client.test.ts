import {
  DescribeUserPoolClientCommand,
  ListUserPoolClientsCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { describe, expect, test } from "vitest";

import { aClient, aUser, claimsOf, signIn, type Being } from "./support/auth.ts";
import { aPool, type TestPool } from "./support/pool.ts";

type Settings = NonNullable<Parameters<typeof aClient>[1]>;

function flowsOf({ emulator, poolId }: TestPool, clientId: string | undefined): readonly string[] {
  return emulator.state.pools.get(poolId)?.clients.get(clientId ?? "")?.authFlows ?? [];
}

test("client-members: creates a client with AWS's defaults, and shows it again", async () => {
  await using pool = await aPool();
  const client = await aClient(pool, { ExplicitAuthFlows: undefined });
  expect(client).toEqual({
    UserPoolId: pool.poolId,
    ClientId: expect.stringMatching(/^[a-z0-9]{26}$/),
    ClientName: "web",
    CreationDate: expect.any(Date),
    LastModifiedDate: expect.any(Date),
    RefreshTokenValidity: 30,
    AllowedOAuthFlowsUserPoolClient: false,
    EnableTokenRevocation: true,
    EnablePropagateAdditionalUserContextData: false,
    AuthSessionValidity: 3,
  });
  const command = new DescribeUserPoolClientCommand({ UserPoolId: pool.poolId, ClientId: client.ClientId });
  expect((await pool.cognito.send(command)).UserPoolClient).toEqual(client);
  expect(flowsOf(pool, client.ClientId)).toEqual([
    "ALLOW_REFRESH_TOKEN_AUTH",
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_CUSTOM_AUTH",
  ]);
});

test("client-members: makes a secret only when asked for one, and takes one that is given", async () => {
  await using pool = await aPool();
  const made = await aClient(pool, { GenerateSecret: true });
  expect(made.ClientSecret).toMatch(/^[a-z0-9]{51}$/);
  const given = await aClient(pool, { ClientSecret: "abcdefghijklmnopqrstuvwx" });
  expect(given.ClientSecret).toBe("abcdefghijklmnopqrstuvwx");
});

test.each<[string, Settings["ExplicitAuthFlows"], readonly string[]]>([
  ["ADMIN_NO_SRP_AUTH", ["ADMIN_NO_SRP_AUTH"], ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"]],
  ["USER_PASSWORD_AUTH", ["USER_PASSWORD_AUTH"], ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"]],
  ["CUSTOM_AUTH_FLOW_ONLY", ["CUSTOM_AUTH_FLOW_ONLY"], ["ALLOW_CUSTOM_AUTH"]],
])("client-old-flows: reads %s as the flows of today", async (_, flows, expected) => {
  await using pool = await aPool();
  const client = await aClient(pool, { ExplicitAuthFlows: flows });
  expect(flowsOf(pool, client.ClientId)).toEqual(expect.arrayContaining([...expected]));
  expect(client.ExplicitAuthFlows).toEqual(flows);
});

describe("refusals", () => {
  test.each<[string, Settings, string]>([
    [
      "client-old-flows: old and new names together",
      { ExplicitAuthFlows: ["USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"] },
      "ExplicitAuthFlows cannot mix values that begin with ALLOW_ and others.",
    ],
    [
      "client-attributes: an unknown attribute to read",
      { ReadAttributes: ["custom:none"] },
      "Invalid read attributes specified while creating a client",
    ],
    [
      "client-attributes: a verification to write",
      { WriteAttributes: ["email_verified"] },
      "Invalid write attributes specified while creating a client",
    ],
    [
      "client-validity: an access token of four minutes",
      { AccessTokenValidity: 4, TokenValidityUnits: { AccessToken: "minutes" } },
      "Invalid range for token validity.",
    ],
    [
      "client-validity: an id token of 25 hours",
      { IdTokenValidity: 25, TokenValidityUnits: { IdToken: "hours" } },
      "Invalid range for token validity.",
    ],
    [
      "client-validity: a refresh token of 59 minutes",
      { RefreshTokenValidity: 59, TokenValidityUnits: { RefreshToken: "minutes" } },
      "Invalid range for token validity.",
    ],
    [
      "client-validity: a refresh token of eleven years",
      { RefreshTokenValidity: 4015 },
      "Invalid range for token validity.",
    ],
  ])("%s", async (_, settings, message) => {
    await using pool = await aPool();
    await expect(aClient(pool, settings)).rejects.toMatchObject({
      name: "InvalidParameterException",
      message,
    });
  });
});

test("client-attributes: what is written must hold all that the pool requires; what is read need not", async () => {
  await using pool = await aPool({ Schema: [{ Name: "email", Required: true }] });
  await expect(aClient(pool, { WriteAttributes: ["name"] })).rejects.toMatchObject({
    name: "InvalidParameterException",
    message: "Invalid write attributes specified while creating a client",
  });
  const settings = { WriteAttributes: ["email", "name"], ReadAttributes: ["name"] };
  expect(await aClient(pool, settings)).toMatchObject(settings);
});

test("client-validity: gives tokens the life that the client sets", async () => {
  await using pool = await aPool();
  const client = await aClient(pool, {
    AccessTokenValidity: 5,
    IdTokenValidity: 24,
    RefreshTokenValidity: 0,
    TokenValidityUnits: { AccessToken: "minutes", IdToken: "hours" },
  });
  await aUser(pool);
  const { AuthenticationResult: tokens } = await signIn(pool, client.ClientId ?? "");
  expect(tokens?.ExpiresIn).toBe(300);
  const id = claimsOf(tokens?.IdToken);
  expect(Number(id["exp"]) - Number(id["iat"])).toBe(86_400);
  expect(client.RefreshTokenValidity).toBe(30);
});

test("client-attributes: shows in id tokens what the client reads", async () => {
  await using pool = await aPool();
  const { ClientId: clientId = "" } = await aClient(pool, { ReadAttributes: ["name"] });
  const ann: Being = { attributes: { name: "Ann", nickname: "A", email: "a@b.cd", email_verified: "true" } };
  await aUser(pool, ann);
  const { AuthenticationResult: tokens } = await signIn(pool, clientId);
  expect(claimsOf(tokens?.IdToken)).toMatchObject({ name: "Ann" });
  expect(claimsOf(tokens?.IdToken)).not.toHaveProperty("nickname");
});

test("client-list: lists clients page by page in the order of creation", async () => {
  await using pool = await aPool();
  for (const name of ["one", "two", "three"]) await aClient(pool, { ClientName: name });
  const list = async (NextToken?: string) => {
    return pool.cognito.send(
      new ListUserPoolClientsCommand({ UserPoolId: pool.poolId, MaxResults: 2, NextToken }),
    );
  };
  const first = await list();
  const second = await list(first.NextToken);
  expect(first.UserPoolClients?.map(({ ClientName }) => ClientName)).toEqual(["one", "two"]);
  expect(second.UserPoolClients?.map(({ ClientName }) => ClientName)).toEqual(["three"]);
  expect(second.NextToken).toBeUndefined();
  await expect(list("nonsense")).rejects.toMatchObject({ name: "InvalidParameterException" });
});

test("client-unknown: does not know a client, nor one of another pool", async () => {
  await using pool = await aPool();
  await using other = await aPool();
  const { ClientId: clientId = "" } = await aClient(other);
  const command = new DescribeUserPoolClientCommand({ UserPoolId: pool.poolId, ClientId: clientId });
  const refusal = {
    name: "ResourceNotFoundException",
    message: `User pool client ${clientId} does not exist.`,
  };
  await expect(pool.cognito.send(command)).rejects.toMatchObject(refusal);
  await expect(signIn(pool, clientId)).rejects.toMatchObject(refusal);
});
