import {
  AdminDeleteUserCommand,
  AdminLinkProviderForUserCommand,
  ListUsersCommand,
  type ProviderUserIdentifierType,
} from "@aws-sdk/client-cognito-identity-provider";
import { expect, test } from "vitest";

import { DEFAULT_RULES } from "../../emulator/rules.ts";
import { aPool, attributesOf, type TestPool } from "./support/pool.ts";
import { addUser, getAttributes } from "./support/user.ts";

const GOOGLE: ProviderUserIdentifierType = {
  ProviderName: "Google",
  ProviderAttributeName: "Cognito_Subject",
  ProviderAttributeValue: "1077",
};
const OKTA: ProviderUserIdentifierType = {
  ProviderName: "okta",
  ProviderAttributeName: "email",
  ProviderAttributeValue: "ann@example.com",
};

async function link({ cognito, poolId }: TestPool, source: ProviderUserIdentifierType, username = "ann") {
  return cognito.send(
    new AdminLinkProviderForUserCommand({
      UserPoolId: poolId,
      DestinationUser: { ProviderName: "Cognito", ProviderAttributeValue: username },
      SourceUser: source,
    }),
  );
}

test("link-view, link-any: shows linked users of any provider as an attribute of JSON", async () => {
  await using pool = await aPool({}, { clock: () => 1_600_000_000_000 });
  await addUser(pool, "ann", { name: "Ann" });
  await link(pool, GOOGLE);
  await link(pool, OKTA);
  const { identities = "" } = await getAttributes(pool);
  const common = { issuer: null, primary: false, dateCreated: 1_600_000_000_000 };
  expect(JSON.parse(identities)).toEqual([
    { userId: "1077", providerName: "Google", providerType: "Google", ...common },
    { userId: "ann@example.com", providerName: "okta", providerType: "SAML", ...common },
  ]);
  const request = { UserPoolId: pool.poolId, AttributesToGet: ["identities"] };
  const { Users } = await pool.cognito.send(new ListUsersCommand(request));
  expect(attributesOf(Users?.[0])).toEqual({ identities });
});

test.each<[string, ProviderUserIdentifierType, string]>([
  [
    "a social provider's user by another attribute",
    { ...GOOGLE, ProviderAttributeName: "email" },
    "ProviderAttributeName must be Cognito_Subject for Google.",
  ],
  [
    "a user of the pool",
    { ...OKTA, ProviderName: "Cognito" },
    "SourceUser must be a user of an identity provider.",
  ],
  [
    "a user without a value",
    { ...OKTA, ProviderAttributeValue: "" },
    "SourceUser needs a provider name, an attribute name and an attribute value.",
  ],
])("link-source: refuses %s", async (_, source, message) => {
  await using pool = await aPool();
  await addUser(pool);
  await expect(link(pool, source)).rejects.toMatchObject({ name: "InvalidParameterException", message });
});

test("link-source: does not know a destination that is absent, or that a provider has", async () => {
  await using pool = await aPool();
  await addUser(pool);
  await expect(link(pool, OKTA, "bob")).rejects.toMatchObject({ name: "UserNotFoundException" });
  const federated = new AdminLinkProviderForUserCommand({
    UserPoolId: pool.poolId,
    DestinationUser: { ProviderName: "okta", ProviderAttributeValue: "ann" },
    SourceUser: GOOGLE,
  });
  await expect(pool.cognito.send(federated)).rejects.toMatchObject({ name: "UserNotFoundException" });
});

test("link-once: refuses a source that is linked, to this user or to another", async () => {
  await using pool = await aPool();
  await addUser(pool);
  await addUser(pool, "bob");
  await link(pool, OKTA);
  await expect(link(pool, OKTA)).rejects.toMatchObject({
    name: "InvalidParameterException",
    message: "SourceUser is already linked to DestinationUser",
  });
  await expect(link(pool, OKTA, "bob")).rejects.toMatchObject({
    name: "AliasExistsException",
    message: DEFAULT_RULES.texts.identityOfOther,
  });
});

test("user-delete: a deleted user's links are free", async () => {
  await using pool = await aPool();
  await addUser(pool);
  await link(pool, OKTA);
  await pool.cognito.send(new AdminDeleteUserCommand({ UserPoolId: pool.poolId, Username: "ann" }));
  await addUser(pool, "bob");
  await link(pool, OKTA, "bob");
  expect(await getAttributes(pool, "bob")).toHaveProperty("identities");
});

test("link-quota: links five, or as many as the settings say", async () => {
  await using five = await aPool();
  await using one = await aPool({}, { rules: { identitiesOfUser: 1 } });
  for (const [pool, limit] of [
    [five, 5],
    [one, 1],
  ] as const) {
    await addUser(pool);
    for (let number = 0; number < limit; number += 1) {
      await link(pool, { ...GOOGLE, ProviderAttributeValue: `${number}` });
    }
    await expect(link(pool, OKTA)).rejects.toMatchObject({
      name: "LimitExceededException",
      message: DEFAULT_RULES.texts.tooManyIdentities,
    });
  }
});
