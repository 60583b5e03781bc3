import { describe, expect, test } from "vitest";
import type { PlannedUser } from "../../src/core/planned-user.ts";
import type { SignUpRules } from "../../src/transform/choose-sign-up.ts";
import {
  aDecider,
  anAttribute,
  aPool,
  aRow,
  type DeciderSettings,
  type PoolSettings,
} from "../support/builders.ts";

const CLIENT: SignUpRules = { access: "client", confirm: false };
const POOL: SignUpRules = { access: "pool", confirm: false };

interface Case {
  readonly pool?: PoolSettings;
  readonly fields?: Parameters<typeof aRow>[0];
  readonly signUp: SignUpRules;
  readonly settings?: DeciderSettings;
}

function decide({ pool = {}, fields = {}, signUp, settings = {} }: Case): PlannedUser {
  return aDecider({ ...settings, pool: aPool(pool), signUp })(aRow(fields));
}

const codesOf = ({ issues }: PlannedUser): readonly (readonly [string, string | undefined])[] =>
  issues.map(({ code, attribute }) => [code, attribute]);

test("everyone goes by SignUp, also whom an import job could carry", () => {
  const user = decide({ signUp: CLIENT, fields: { email_verified: false, name: 'Ada "A"\n' } });
  expect(user).toMatchObject({ route: "sign-up", notSent: undefined, followUps: [] });
  expect(Object.fromEntries(user.attributes)).toEqual({ email: "ada@example.com", name: 'Ada "A"' });
});

describe("a verified flag", () => {
  test("is left out and named where nobody may set it", () => {
    const user = decide({ signUp: CLIENT });
    expect(user.attributes).toEqual([["email", "ada@example.com"]]);
    expect(codesOf(user)).toEqual([
      ["not-by-sign-up", "email_verified"],
      ["code-sent", "email"],
    ]);
  });

  test("is set afterwards, together with its address, where somebody may", () => {
    const user = decide({ signUp: POOL });
    expect(user.attributes).toEqual([["email", "ada@example.com"]]);
    expect(user.followUps).toEqual([
      {
        kind: "set-attributes",
        attributes: [
          ["email", "ada@example.com"],
          ["email_verified", "true"],
        ],
      },
    ]);
    expect(codesOf(user)).toEqual([["code-sent", "email"]]);
  });

  test("that is false is what SignUp makes of it", () => {
    const user = decide({ signUp: CLIENT, fields: { email_verified: false } });
    expect(codesOf(user)).toEqual([["code-sent", "email"]]);
  });
});

describe("a code is announced", () => {
  test.each<[string, PoolSettings, object, string | undefined]>([
    ["to the phone before the address", { autoVerified: ["email", "phone_number"] }, {}, "phone_number"],
    ["to what the pool verifies", { autoVerified: ["email"] }, {}, "email"],
    ["to nobody where the pool verifies nothing", { autoVerified: [] }, {}, undefined],
    ["to nobody who has not what the pool verifies", { autoVerified: ["email"] }, { email: "" }, undefined],
  ])("%s", (_, pool, fields, attribute) => {
    const user = decide({ signUp: CLIENT, pool, fields: { phone_number: "+48601555010", ...fields } });
    expect(user.issues.find(({ code }) => code === "code-sent")?.attribute).toBe(attribute);
  });
});

describe("a preferred username that is an alias", () => {
  const pool = { aliasAttributes: ["preferred_username"], custom: [anAttribute("preferred_username")] };
  const fields = { preferred_username: "queen" };

  test.each([
    ["without rights", CLIENT],
    ["with rights, of a user who stays unconfirmed", POOL],
  ])("is left out %s", (_, signUp) => {
    const user = decide({ signUp, pool, fields });
    expect(codesOf(user)).toContainEqual(["not-by-sign-up", "preferred_username"]);
    expect(new Map(user.attributes).has("preferred_username")).toBe(false);
  });

  test("is set once the user is confirmed", () => {
    const user = decide({ signUp: { ...POOL, confirm: true }, pool, fields });
    expect(user.followUps.map(({ kind }) => kind)).toEqual(["confirm", "set-attributes"]);
    expect(user.followUps[1]).toMatchObject({
      attributes: expect.arrayContaining([["preferred_username", "queen"]]) as unknown,
    });
  });

  test("rejects its user where the pool requires it", () => {
    const required = { ...pool, custom: [anAttribute("preferred_username", { required: true })] };
    expect(decide({ signUp: CLIENT, pool: required, fields }).notSent).toMatchObject({
      kind: "rejected",
      causes: [{ code: "attribute-required", attribute: "preferred_username" }],
    });
  });

  test("goes along where it is no alias", () => {
    const user = decide({ signUp: CLIENT, pool: { custom: pool.custom }, fields });
    expect(user.attributes).toContainEqual(["preferred_username", "queen"]);
  });
});

describe("a developer-only attribute", () => {
  const aNote = (over: object = {}): PoolSettings => ({ custom: [anAttribute("dev:custom:note", over)] });
  const fields = { "dev:custom:note": "x" };

  test("is set afterwards with rights, and left out without", () => {
    const later = decide({ signUp: POOL, pool: aNote(), fields });
    expect(later.followUps).toMatchObject([
      { kind: "set-attributes", attributes: expect.arrayContaining([["dev:custom:note", "x"]]) as unknown },
    ]);
    const never = decide({ signUp: CLIENT, pool: aNote(), fields });
    expect(codesOf(never)).toContainEqual(["not-by-sign-up", "dev:custom:note"]);
  });

  test.each([CLIENT, POOL])("that can never be set later rejects its user", (signUp) => {
    const user = decide({ signUp, pool: aNote({ mutable: false }), fields });
    expect(user.notSent?.causes.map(({ code }) => code)).toEqual(["attribute-immutable"]);
  });
});

describe("a user who may not sign in", () => {
  const config = { disabled: "blocked" };

  test("is not signed up where nobody could disable it", () => {
    const user = decide({ signUp: CLIENT, fields: { blocked: true }, settings: { config } });
    expect(user).toMatchObject({ route: "none", followUps: [] });
    expect(user.notSent).toMatchObject({ kind: "rejected", causes: [{ code: "disable-needs-rights" }] });
  });

  test("is passed over where the policy says so", () => {
    const settings = { config, policies: { disabled: "skip" as const } };
    const user = decide({ signUp: CLIENT, fields: { blocked: true }, settings });
    expect(user.notSent).toMatchObject({ kind: "skipped", causes: [{ code: "user-disabled" }] });
  });

  test("is disabled first, with rights", () => {
    const signUp = { ...POOL, confirm: true };
    const user = decide({ signUp, fields: { blocked: true, email_verified: false }, settings: { config } });
    expect(user.followUps.map(({ kind }) => kind)).toEqual(["disable", "confirm"]);
  });
});

test("groups, a second factor and links are named where nobody may set them", () => {
  const config = {
    groups: "teams",
    mfa: "mfa",
    linkedProviders: { list: "ids", provider: "p", subject: "s", names: { google: "Google" } },
  };
  const fields = {
    email_verified: false,
    teams: ["a", "b"],
    mfa: "sms",
    phone_number: "+48601555010",
    ids: [{ p: "google", s: "1" }],
  };
  const user = decide({ signUp: CLIENT, pool: { mfa: "OPTIONAL" }, fields, settings: { config } });
  expect(user.followUps).toEqual([]);
  expect(codesOf(user)).toEqual([
    ["rights-missing", "mfa"],
    ["rights-missing", "groups"],
    ["rights-missing", "groups"],
    ["rights-missing", "linkedProviders"],
    ["code-sent", "email"],
  ]);
});

test("a password hash is not carried, and said so", () => {
  const passwordHash = "$2b$10$b0jHQRSGlJNp211VNtchgu.jiflfxRC1hYZdrzEl.yIVwH6jWnU.S";
  const user = decide({
    signUp: CLIENT,
    fields: { hash: passwordHash },
    settings: { config: { passwordHash: "hash" } },
  });
  expect(user.passwordHash).toBeUndefined();
  expect(codesOf(user)).toContainEqual(["password-not-carried", undefined]);
});
