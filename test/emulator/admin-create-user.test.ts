import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  type AdminCreateUserCommandInput,
} from "@aws-sdk/client-cognito-identity-provider";
import { describe, expect, test } from "vitest";

import { DEFAULT_RULES } from "../../emulator/rules.ts";
import { aPool, aRow, attributesOf, importRows, type TestPool } from "./support/pool.ts";

type Request = Partial<AdminCreateUserCommandInput>;
type Settings = Parameters<typeof aPool>[0];

async function create({ cognito, poolId }: TestPool, request: Request = {}) {
  const command = new AdminCreateUserCommand({
    UserPoolId: poolId,
    Username: "ann",
    MessageAction: "SUPPRESS",
    ...request,
  });
  return (await cognito.send(command)).User;
}

async function get({ cognito, poolId }: TestPool, Username: string) {
  return cognito.send(new AdminGetUserCommand({ UserPoolId: poolId, Username }));
}

function named(attributes: Record<string, string>): Request {
  return { UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })) };
}

const verifiedEmail = named({ email: "ann@example.com", email_verified: "true" });

test("creates a user who must change the password, and shows it again", async () => {
  await using pool = await aPool();
  const user = await create(pool, named({ phone_number: "+15555551212", email: "diego@example.com" }));
  expect(user).toEqual({
    Username: "ann",
    Attributes: [
      { Name: "sub", Value: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      { Name: "phone_number", Value: "+15555551212" },
      { Name: "email", Value: "diego@example.com" },
    ],
    UserCreateDate: expect.any(Date),
    UserLastModifiedDate: expect.any(Date),
    Enabled: true,
    UserStatus: "FORCE_CHANGE_PASSWORD",
  });
  const { $metadata: _, ...shown } = await get(pool, "ann");
  const { Attributes, ...rest } = user ?? {};
  expect(shown).toEqual({ ...rest, UserAttributes: Attributes });
});

describe("attributes", () => {
  const short: Settings = { Schema: [{ Name: "x", StringAttributeConstraints: { MaxLength: "3" } }] };
  const prefix = "Attributes did not conform to the schema: ";

  test.each<[string, Settings, Record<string, string>, string]>([
    ["an e-mail that is none", {}, { email: "ann" }, "Invalid email address format."],
    ["a phone that is none", {}, { phone_number: "0170" }, "Invalid phone number format."],
    [
      "the CSV's form of a birthdate",
      {},
      { birthdate: "02/01/1985" },
      `${prefix}birthdate: The value must be a date in the form YYYY-MM-DD`,
    ],
    [
      "a custom attribute that is none",
      {},
      { "custom:y": "1" },
      `${prefix}custom:y: Attribute does not exist in the schema.`,
    ],
    [
      "a text above its length",
      short,
      { "custom:x": "1234" },
      `${prefix}custom:x: String must be no longer than 3 characters`,
    ],
    [
      "two troubles",
      short,
      { "custom:x": "1234", no: "1" },
      `${prefix}custom:x: String must be no longer than 3 characters\nno: Attribute does not exist in the schema.`,
    ],
    ["a sub", {}, { sub: "1" }, "Cannot modify the non-mutable attribute sub"],
    ["a verified e-mail that is not there", {}, { email_verified: "true" }, DEFAULT_RULES.texts.emailMissing],
    [
      "a verified phone that is not there",
      {},
      { phone_number_verified: "true" },
      DEFAULT_RULES.texts.phoneMissing,
    ],
  ])(
    "user-values, user-email, user-phone, user-value-words: refuses %s",
    async (_, settings, attributes, message) => {
      await using pool = await aPool(settings);
      const refused = create(pool, named(attributes));
      await expect(refused).rejects.toMatchObject({ name: "InvalidParameterException", message });
      await expect(get(pool, "ann")).rejects.toMatchObject({ name: "UserNotFoundException" });
    },
  );

  test("create-required: takes the API's form of a birthdate, and users without required attributes", async () => {
    await using pool = await aPool({ Schema: [{ Name: "email", Required: true }] });
    expect(attributesOf(await create(pool, named({ birthdate: "1985-02-01" })))).toMatchObject({
      birthdate: "1985-02-01",
    });
  });

  test("wire-twice: takes the last value of an attribute that is given twice", async () => {
    await using pool = await aPool();
    const UserAttributes = ["Ann", "Anna"].map((Value) => ({ Name: "name", Value }));
    expect(attributesOf(await create(pool, { UserAttributes }))).toMatchObject({ name: "Anna" });
  });

  test("leaves empty values out", async () => {
    await using pool = await aPool();
    expect(attributesOf(await create(pool, named({ name: "", email: "" })))).toEqual({
      sub: expect.any(String),
    });
  });
});

describe("the username", () => {
  const byEmail: Settings = { UsernameAttributes: ["email"] };

  test.each<[string, Settings, Request, string]>([
    [
      "an e-mail where e-mails are aliases",
      { AliasAttributes: ["email"] },
      { Username: "a@example.com" },
      "Username cannot be of email format, since user pool is configured for email alias.",
    ],
    ["no e-mail where e-mails are usernames", byEmail, { Username: "ann" }, "Username should be an email."],
    [
      "no phone where phones are usernames",
      { UsernameAttributes: ["phone_number"] },
      { Username: "ann" },
      "Username should be a phone number.",
    ],
    [
      "neither where both are usernames",
      { UsernameAttributes: ["email", "phone_number"] },
      { Username: "ann" },
      "Username should be either an email or a phone number.",
    ],
    [
      "another e-mail than the attribute",
      byEmail,
      { Username: "a@example.com", ...named({ email: "b@example.com" }) },
      "User email should be empty or same as username, since username attribute is email",
    ],
  ])("user-name-shape: cannot be %s", async (_, settings, request, message) => {
    await using pool = await aPool(settings);
    await expect(create(pool, request)).rejects.toMatchObject({ name: "InvalidParameterException", message });
  });

  test("user-uuid: becomes a UUID where e-mails are usernames, and the user is found by either", async () => {
    await using pool = await aPool(byEmail);
    const user = await create(pool, { Username: "ann@example.com" });
    expect(user?.Username).toMatch(/^[0-9a-f-]{36}$/);
    expect(attributesOf(user)).toEqual({ sub: user?.Username, email: "ann@example.com" });
    expect((await get(pool, "ann@example.com")).Username).toBe(user?.Username);
    expect((await get(pool, user?.Username ?? "")).Username).toBe(user?.Username);
  });

  test.each<[string, Settings, string, string, boolean]>([
    ["the same", {}, "ann", "ann", true],
    ["the same in other case", {}, "ann", "ANN", false],
    [
      "the same in other case where the pool ignores case",
      { UsernameConfiguration: { CaseSensitive: false } },
      "ann",
      "ANN",
      true,
    ],
    ["the same e-mail", byEmail, "a@example.com", "a@example.com", true],
    [
      "the same e-mail in other case",
      { ...byEmail, UsernameConfiguration: { CaseSensitive: false } },
      "a@example.com",
      "A@example.com",
      true,
    ],
  ])("create-exists, pool-case: that is %s", async (_, settings, first, second, isTaken) => {
    await using pool = await aPool(settings);
    await create(pool, { Username: first });
    const again = create(pool, { Username: second });
    if (!isTaken) expect(await again).toMatchObject({ Username: second });
    else
      await expect(again).rejects.toMatchObject({
        name: "UsernameExistsException",
        message: "User account already exists",
      });
  });

  test("that an import made is taken", async () => {
    await using pool = await aPool();
    await importRows(pool, [aRow()]);
    await expect(create(pool)).rejects.toMatchObject({ name: "UsernameExistsException" });
  });
});

describe("aliases", () => {
  const aliases: Settings = { AliasAttributes: ["email", "phone_number", "preferred_username"] };

  test("find a user once they are verified, as do the sub and the username", async () => {
    await using pool = await aPool(aliases);
    const attributes = {
      email: "ann@example.com",
      email_verified: "true",
      phone_number: "+4917",
      preferred_username: "annie",
    };
    const user = await create(pool, named(attributes));
    for (const name of ["ann", attributesOf(user)["sub"] ?? "", "ann@example.com", "annie"]) {
      expect((await get(pool, name)).Username).toBe("ann");
    }
    await expect(get(pool, "+4917")).rejects.toMatchObject({
      name: "UserNotFoundException",
      message: "User does not exist.",
    });
  });

  test("do not find anyone in a pool without aliases", async () => {
    await using pool = await aPool();
    await create(pool, verifiedEmail);
    await expect(get(pool, "ann@example.com")).rejects.toMatchObject({ name: "UserNotFoundException" });
  });

  test("create-alias: that belong to someone are refused, with the error the settings name", async () => {
    await using reported = await aPool(aliases);
    await using documented = await aPool(aliases, { rules: { aliasExistsError: "AliasExistsException" } });
    for (const [pool, name] of [
      [documented, "AliasExistsException"],
      [reported, "UsernameExistsException"],
    ] as const) {
      await create(pool, verifiedEmail);
      const refused = create(pool, { ...verifiedEmail, Username: "bob" });
      await expect(refused).rejects.toMatchObject({
        name,
        message: "An account with the email already exists.",
      });
    }
  });

  test("create-force: move when they are forced to, and leave the former owner unverified", async () => {
    await using pool = await aPool(aliases);
    await create(pool, verifiedEmail);
    await create(pool, { ...verifiedEmail, Username: "bob", ForceAliasCreation: true });
    expect((await get(pool, "ann@example.com")).Username).toBe("bob");
    const former = await get(pool, "ann");
    expect(former.UserAttributes).toContainEqual({ Name: "email", Value: "ann@example.com" });
    expect(former.UserAttributes).toContainEqual({ Name: "email_verified", Value: "false" });
  });

  test("may be shared while they are unverified", async () => {
    await using pool = await aPool(aliases);
    await create(pool, verifiedEmail);
    expect(await create(pool, { ...named({ email: "ann@example.com" }), Username: "bob" })).toMatchObject({
      Username: "bob",
    });
  });
});

describe("the temporary password", () => {
  test.each([
    ["Ab1!", "Password did not conform with password policy: Password not long enough"],
    ["PASSWORD1!", "Password did not conform with password policy: Password must have lowercase characters"],
    ["password1!", "Password did not conform with password policy: Password must have uppercase characters"],
    ["Password!!", "Password did not conform with password policy: Password must have numeric characters"],
    ["Password11", "Password did not conform with password policy: Password must have symbol characters"],
  ])("policy-words: cannot be %s", async (TemporaryPassword, message) => {
    await using pool = await aPool();
    await expect(create(pool, { TemporaryPassword })).rejects.toMatchObject({
      name: "InvalidPasswordException",
      message,
    });
  });

  test("is held against the pool's own policy", async () => {
    await using pool = await aPool({ Policies: { PasswordPolicy: { MinimumLength: 6 } } });
    expect(await create(pool, { TemporaryPassword: "simple" })).toMatchObject({ Username: "ann" });
  });
});

describe("the invitation", () => {
  const contacts = named({ email: "ann@example.com", phone_number: "+4917" });

  test.each([
    ["by SMS unless told otherwise", undefined, ["+4917"]],
    ["by e-mail", ["EMAIL"], ["ann@example.com"]],
    ["by both", ["EMAIL", "SMS"], ["ann@example.com", "+4917"]],
  ] as const)("goes to the outbox %s", async (_, mediums, destinations) => {
    await using pool = await aPool();
    await create(pool, {
      ...contacts,
      MessageAction: undefined,
      DesiredDeliveryMediums: mediums && [...mediums],
    });
    expect(pool.emulator.state.outbox.map(({ destination }) => destination)).toEqual(destinations);
    const [message] = pool.emulator.state.outbox;
    expect(message).toMatchObject({ kind: "invitation", username: "ann", poolId: pool.poolId });
    await expect(
      create(pool, { Username: "bob", TemporaryPassword: message?.secret }),
    ).resolves.toBeDefined();
  });

  test("create-medium: is not sent when it is suppressed, or has nowhere to go", async () => {
    await using pool = await aPool();
    await create(pool, contacts);
    await create(pool, { Username: "bob", MessageAction: undefined });
    expect(pool.emulator.state.outbox).toEqual([]);
  });

  test("create-resend: is sent again on request, to a user who has not signed in", async () => {
    await using pool = await aPool();
    await create(pool, contacts);
    const again = await create(pool, {
      MessageAction: "RESEND",
      DesiredDeliveryMediums: ["EMAIL"],
      TemporaryPassword: "Password2!",
    });
    expect(again).toMatchObject({ Username: "ann" });
    expect(pool.emulator.state.outbox).toMatchObject([
      { destination: "ann@example.com", secret: "Password2!" },
    ]);
  });

  test("create-resend: is not sent again to nobody, or to a user in another state", async () => {
    await using pool = await aPool();
    const absent = create(pool, { MessageAction: "RESEND" });
    await expect(absent).rejects.toMatchObject({ name: "UserNotFoundException" });
    await importRows(pool, [aRow()]);
    const imported = create(pool, { MessageAction: "RESEND" });
    await expect(imported).rejects.toMatchObject({
      name: "UnsupportedUserStateException",
      message: expect.stringMatching(/^Resend not possible\. .* status is not FORCE_CHANGE_PASSWORD$/),
    });
  });
});

test("create-resend: gives another password where users need none, too", async () => {
  await using pool = await aPool({
    Policies: { SignInPolicy: { AllowedFirstAuthFactors: ["PASSWORD", "EMAIL_OTP"] } },
  });
  const request = { ...verifiedEmail, DesiredDeliveryMediums: ["EMAIL" as const] };
  await create(pool, { ...request, TemporaryPassword: "Passw0rd!" });
  await create(pool, { ...request, MessageAction: "RESEND" });
  const [message] = pool.emulator.state.outbox;
  expect(message?.secret).toMatch(/^.{12}$/);
  const user = pool.emulator.state.pools.get(pool.poolId)?.users.find("ann");
  expect(user?.credential).toMatchObject({ kind: "temporary", password: message?.secret });
});
