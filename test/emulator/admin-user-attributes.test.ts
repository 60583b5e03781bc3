import {
  AdminDeleteUserAttributesCommand,
  ListUsersCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { describe, expect, test } from "vitest";

import { DEFAULT_RULES } from "../../emulator/rules.ts";
import { aPool, usersOf, type TestPool } from "./support/pool.ts";
import { addUser, change, getAttributes, getUser, type Attributes } from "./support/user.ts";

type Settings = Parameters<typeof aPool>[0];

const EMAIL_ALIAS: Settings = { AliasAttributes: ["email", "preferred_username"] };
const EMAIL_NAME: Settings = { UsernameAttributes: ["email"] };
const ANN: Attributes = { email: "ann@example.com", email_verified: "true" };

async function remove({ cognito, poolId }: TestPool, names: string[], username = "ann") {
  return cognito.send(
    new AdminDeleteUserAttributesCommand({
      UserPoolId: poolId,
      Username: username,
      UserAttributeNames: names,
    }),
  );
}

test("change-all: sets, replaces and takes away attributes in one request", async () => {
  let now = Date.now();
  const schema = ["plan", "x"].map((Name) => ({ Name, Mutable: true }));
  await using pool = await aPool({ Schema: schema }, { clock: () => now });
  await addUser(pool, "ann", { ...ANN, name: "Ann", "custom:plan": "free" });
  now += 5000;
  await change(pool, { name: "", "custom:plan": "paid", "custom:x": "1" });
  expect(await getAttributes(pool)).toEqual({ ...ANN, "custom:plan": "paid", "custom:x": "1" });
  expect((await getUser(pool)).UserLastModifiedDate).toEqual(new Date(now));
});

test("change-all: takes away what AdminDeleteUserAttributes names, and what is not there", async () => {
  await using pool = await aPool();
  await addUser(pool, "ann", { ...ANN, name: "Ann", nickname: "A" });
  await remove(pool, ["name", "birthdate"]);
  expect(await getAttributes(pool)).toEqual({ ...ANN, nickname: "A" });
});

test("change-all: writes developer attributes too", async () => {
  const schema = [{ Name: "y", DeveloperOnlyAttribute: true, Mutable: true }];
  await using pool = await aPool({ Schema: schema });
  await addUser(pool);
  await change(pool, { "dev:custom:y": "1" });
  expect(await getAttributes(pool)).toEqual({ "dev:custom:y": "1" });
});

describe("refusals", () => {
  const schema: Settings = {
    Schema: [
      { Name: "tenant" },
      { Name: "name", Required: true, Mutable: true },
      { Name: "email", Mutable: false },
    ],
  };

  test.each<[string, Attributes, string]>([
    [
      "change-immutable: an attribute that may not change",
      { email: "b@example.com" },
      "user.email: Attribute cannot be updated.",
    ],
    [
      "change-immutable: one that was never set, and another",
      { "custom:tenant": "1", email: "" },
      "user.custom:tenant: Attribute cannot be updated.\nuser.email: Attribute cannot be updated.",
    ],
    ["change-required: taking away what is required", { name: "" }, "user.name: The attribute is required"],
    ["change-all: a sub", { sub: "1" }, "Cannot modify the non-mutable attribute sub"],
    [
      "change-all: identities",
      { identities: "[]" },
      "user.identities: Attribute does not exist in the schema.",
    ],
    ["change-all: a value that is wrong", { phone_number: "0170" }, "Invalid phone number format."],
    [
      "change-all: verifying what is not there",
      { phone_number_verified: "true" },
      DEFAULT_RULES.texts.phoneMissing,
    ],
  ])("refuses %s, and changes nothing", async (_, attributes, message) => {
    await using pool = await aPool(schema);
    await addUser(pool, "ann", { ...ANN, name: "Ann" });
    const refused = change(pool, { nickname: "A", ...attributes });
    await expect(refused).rejects.toMatchObject({ name: "InvalidParameterException", message });
    expect(await getAttributes(pool)).toEqual({ ...ANN, name: "Ann" });
  });

  test("change-immutable, change-required: refuses the same from AdminDeleteUserAttributes", async () => {
    await using pool = await aPool(schema);
    await addUser(pool, "ann", { ...ANN, name: "Ann" });
    await expect(remove(pool, ["email"])).rejects.toMatchObject({
      message: "user.email: Attribute cannot be updated.",
    });
    await expect(remove(pool, ["name"])).rejects.toMatchObject({
      message: "user.name: The attribute is required",
    });
  });

  test("change-all: does not know an absent user", async () => {
    await using pool = await aPool();
    for (const refused of [change(pool, { name: "Ann" }), remove(pool, ["name"])]) {
      await expect(refused).rejects.toMatchObject({ name: "UserNotFoundException" });
    }
  });
});

describe("verification", () => {
  const both: Attributes = { ...ANN, phone_number: "+4917", phone_number_verified: "true" };

  test.each<[string, Attributes, Attributes]>([
    [
      "a changed e-mail alone is unverified",
      { email: "b@x.de" },
      { email: "b@x.de", email_verified: "false" },
    ],
    [
      "a changed phone alone is unverified",
      { phone_number: "+4918" },
      { phone_number: "+4918", phone_number_verified: "false" },
    ],
    ["the same e-mail stays verified", { email: "ann@example.com" }, {}],
    [
      "a changed e-mail with a flag has that flag",
      { email: "b@x.de", email_verified: "true" },
      { email: "b@x.de" },
    ],
  ])("change-unverified: %s", async (_, attributes, changed) => {
    await using pool = await aPool();
    await addUser(pool, "ann", both);
    await change(pool, attributes);
    expect(await getAttributes(pool)).toEqual({ ...both, ...changed });
  });

  test("change-unverified: a changed e-mail stays verified where the settings say so", async () => {
    await using pool = await aPool({}, { rules: { changedContactBecomesUnverified: false } });
    await addUser(pool, "ann", ANN);
    await change(pool, { email: "b@x.de" });
    expect(await getAttributes(pool)).toEqual({ email: "b@x.de", email_verified: "true" });
  });

  test("change-unverified: an e-mail that is taken away takes its flag along", async () => {
    await using pool = await aPool();
    await addUser(pool, "ann", both);
    await remove(pool, ["email"]);
    expect(await getAttributes(pool)).toEqual({ phone_number: "+4917", phone_number_verified: "true" });
  });

  test("change-waits: the old e-mail stays until the new one is verified, in the request or later", async () => {
    const waits = { AttributesRequireVerificationBeforeUpdate: ["email" as const] };
    await using pool = await aPool({ UserAttributeUpdateSettings: waits });
    await addUser(pool, "ann", both);
    await change(pool, { email: "b@x.de", phone_number: "+4918" });
    expect(await getAttributes(pool)).toEqual({
      ...both,
      phone_number: "+4918",
      phone_number_verified: "false",
    });
    await change(pool, { email: "b@x.de", email_verified: "true" });
    expect(await getAttributes(pool)).toMatchObject({ email: "b@x.de", email_verified: "true" });
  });
});

describe("codes", () => {
  const both: Attributes = { ...ANN, phone_number: "+4917", phone_number_verified: "true" };
  const waits = { AttributesRequireVerificationBeforeUpdate: ["email" as const] };

  test.each<[string, Settings, Attributes, string[]]>([
    ["a changed e-mail is sent one", {}, { email: "b@x.de" }, ["EMAIL b@x.de"]],
    ["one that is called unverified", {}, { email: "b@x.de", email_verified: "false" }, ["EMAIL b@x.de"]],
    ["not one that is called verified", {}, { email: "b@x.de", email_verified: "true" }, []],
    ["not the one that is there", {}, { email: "ann@example.com", name: "Ann" }, []],
    ["not one that is taken away", {}, { email: "" }, []],
    ["not where the flag alone changes", {}, { email_verified: "false" }, []],
    ["not a phone that the pool does not verify", {}, { phone_number: "+4918" }, []],
    [
      "both",
      { AutoVerifiedAttributes: ["email", "phone_number"] },
      { email: "b@x.de", phone_number: "+4918" },
      ["EMAIL b@x.de", "SMS +4918"],
    ],
    ["one that waits", { UserAttributeUpdateSettings: waits }, { email: "b@x.de" }, ["EMAIL b@x.de"]],
    [
      "not one that waits and is called verified",
      { UserAttributeUpdateSettings: waits },
      { email: "b@x.de", email_verified: "true" },
      [],
    ],
  ])("change-code: %s", async (_, settings, attributes, sent) => {
    await using pool = await aPool(settings);
    await addUser(pool, "ann", both);
    await change(pool, attributes);
    const { outbox } = pool.emulator.control;
    expect(outbox.map(({ medium, destination }) => `${medium} ${destination}`)).toEqual(sent);
    for (const { kind, secret } of outbox)
      expect({ kind, secret }).toEqual({
        kind: "verify-attribute",
        secret: expect.stringMatching(/^\d{6}$/) as string,
      });
  });

  test("change-code: none is sent when the request is refused", async () => {
    await using pool = await aPool();
    await addUser(pool, "ann", both);
    await expect(change(pool, { email: "b@x.de", "custom:none": "1" })).rejects.toThrow();
    expect(pool.emulator.control.outbox).toEqual([]);
  });
});

describe("aliases", () => {
  test("change-alias: a verified alias moves silently, and leaves its former owner unverified", async () => {
    await using pool = await aPool(EMAIL_ALIAS);
    await addUser(pool, "ann", ANN);
    await addUser(pool, "bob");
    await change(pool, ANN, "bob");
    expect((await getUser(pool, "ann@example.com")).Username).toBe("bob");
    expect(await getAttributes(pool, "ann")).toEqual({ ...ANN, email_verified: "false" });
  });

  test("change-alias: is refused where the settings say so, and nothing moves", async () => {
    await using pool = await aPool(EMAIL_ALIAS, { rules: { aliasOnUpdate: "refuse" } });
    await addUser(pool, "ann", ANN);
    await addUser(pool, "bob");
    await expect(change(pool, ANN, "bob")).rejects.toMatchObject({
      name: "AliasExistsException",
      message: "An account with the given email already exists.",
    });
    expect((await getUser(pool, "ann@example.com")).Username).toBe("ann");
    expect(await getAttributes(pool, "ann")).toEqual(ANN);
  });

  test("create-force, change-alias: a preferred username never moves", async () => {
    await using pool = await aPool(EMAIL_ALIAS);
    await addUser(pool, "ann", { preferred_username: "annie" });
    await addUser(pool, "bob");
    const refused = change(pool, { preferred_username: "annie" }, "bob");
    await expect(refused).rejects.toMatchObject({
      name: "AliasExistsException",
      message: "Already found an entry for the provided username.",
    });
  });

  test("change-alias: follows its user's e-mail, which may be claimed again", async () => {
    await using pool = await aPool(EMAIL_ALIAS);
    await addUser(pool, "ann", ANN);
    await change(pool, { email: "new@example.com", email_verified: "true" });
    expect((await getUser(pool, "new@example.com")).Username).toBe("ann");
    await expect(getUser(pool, "ann@example.com")).rejects.toMatchObject({ name: "UserNotFoundException" });
    await change(pool, { email_verified: "false" });
    await expect(getUser(pool, "new@example.com")).rejects.toMatchObject({ name: "UserNotFoundException" });
    await change(pool, { email_verified: "true" });
    expect((await getUser(pool, "new@example.com")).Username).toBe("ann");
  });

  test("change-name: with UsernameAttributes the sign-in name changes, not the username", async () => {
    await using pool = await aPool({ ...EMAIL_NAME, UsernameConfiguration: { CaseSensitive: false } });
    const username = await addUser(pool, "ann@example.com");
    await change(pool, { email: "new@example.com" }, "ANN@example.com");
    expect((await getUser(pool, "New@Example.com")).Username).toBe(username);
    await expect(getUser(pool, "ann@example.com")).rejects.toMatchObject({ name: "UserNotFoundException" });
    await addUser(pool, "ann@example.com");
  });

  test("change-name: a name that another user has is refused, in any case", async () => {
    await using pool = await aPool({ ...EMAIL_NAME, UsernameConfiguration: { CaseSensitive: false } });
    await addUser(pool, "ann@example.com");
    await addUser(pool, "bob@example.com");
    const taken = change(pool, { email: "ANN@example.com", email_verified: "true" }, "bob@example.com");
    await expect(taken).rejects.toMatchObject({ name: "AliasExistsException" });
    await change(pool, { email: "BOB@example.com" }, "bob@example.com");
    expect(await getAttributes(pool, "bob@example.com")).toMatchObject({ email: "BOB@example.com" });
  });
});

test("change-name: a user whose sign-in name is taken away is found by its username", async () => {
  await using pool = await aPool(EMAIL_NAME);
  const username = await addUser(pool, "ann@example.com");
  await remove(pool, ["email"], "ann@example.com");
  expect(await getAttributes(pool, username)).toEqual({});
  await addUser(pool, "ann@example.com");
});

test("list-filter: finds users by what they are now called, each once and in order", async () => {
  await using pool = await aPool();
  for (const name of ["ann", "bob", "cleo"]) await addUser(pool, name, { email: "shared@example.com" });
  await change(pool, { email: "other@example.com" });
  await change(pool, { email: "last@example.com" }, "cleo");
  const named = async (email: string) => {
    return (await usersOf(pool, `email = "${email}"`)).map(({ Username }) => Username);
  };
  expect(await named("shared@example.com")).toEqual(["bob"]);
  expect(await named("other@example.com")).toEqual(["ann"]);
  for (const name of ["ann", "cleo"]) await change(pool, { email: "shared@example.com" }, name);
  expect(await named("shared@example.com")).toEqual(["ann", "bob", "cleo"]);
  expect(await named("last@example.com")).toEqual([]);
  await addUser(pool, "dan", { email: "late@example.com" });
  await addUser(pool, "eve", { email: "shared@example.com" });
  await change(pool, { email: "late@example.com" }, "bob");
  expect(await named("late@example.com")).toEqual(["bob", "dan"]);
  const request = { UserPoolId: pool.poolId, Filter: 'email = "shared@example.com"', Limit: 2 };
  const { PaginationToken } = await pool.cognito.send(new ListUsersCommand(request));
  const { Users } = await pool.cognito.send(new ListUsersCommand({ ...request, PaginationToken }));
  expect(Users?.map(({ Username }) => Username)).toEqual(["eve"]);
});
