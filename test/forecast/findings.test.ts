import { expect, test } from "vitest";
import type { PoolSetup } from "../../src/core/pool.ts";
import { findingsOf } from "../../src/forecast/findings.ts";
import { IssueCensus } from "../../src/forecast/issue-census.ts";
import type { AppClient, Known } from "../../src/forecast/known.ts";
import { aPlannedUser } from "../contract/ledger-contract.ts";
import { aPool, type PoolSettings } from "../support/builders.ts";
import { someKnown, type CountSettings } from "../support/known.ts";

/** A pool's setup that gives no cause for a finding. */
function aSetup(over: Partial<PoolSetup> = {}): PoolSetup {
  return { triggers: [], emailSender: "ses", sendsSms: true, estimatedUsers: 0, ...over };
}

const NOBODY = { withoutPhone: 0, phoneOnly: 0, withoutAlias: 0, otherName: 0 };

interface Plan extends Partial<Pick<Known, "appClients" | "unusedFields" | "census" | "signUp" | "refused">> {
  readonly counts?: CountSettings;
  readonly pool?: PoolSettings;
  readonly policies?: Partial<Known["policies"]>;
  readonly logsRoleArn?: string;
}

/** Severity, code and users of each finding about a plan of a hundred users who go by import jobs. */
function found({ counts, pool, policies, ...over }: Plan = {}): readonly (readonly unknown[])[] {
  const known = someKnown({
    counts: { routes: { "import-job": 100 }, ...counts },
    pool: aPool({ setup: aSetup(), ...pool }),
    ...over,
  });
  const findings = findingsOf({ ...known, policies: { ...known.policies, ...policies } });
  return findings.map(({ severity, code, users }) => [severity, code, users]);
}

test("a plan that fits its pool has no findings", () => {
  expect(found()).toEqual([]);
});

test("a plan of nobody says nothing of how users will sign in", () => {
  const counts = { routes: {}, created: 0 };
  expect(found({ counts, pool: { caseSensitive: true, mfa: "ON" } })).toEqual([]);
});

test("what the pool requires is named with the number of users who lack it", () => {
  const census = new IssueCensus();
  const lacks = (attribute: string) => ({ code: "attribute-required" as const, attribute, message: "none" });
  census.count([
    aPlannedUser(1, { issues: [lacks("family_name"), lacks("birthdate")] }),
    aPlannedUser(2, { issues: [lacks("birthdate")] }),
  ]);
  const counts = { routes: { "import-job": 1 }, issues: [{ code: "attribute-required" as const, count: 2 }] };
  const [finding] = findingsOf(someKnown({ counts, census }));
  expect(finding).toMatchObject({ severity: "error", code: "attribute-required", users: 2 });
  expect(finding?.message).toContain("birthdate (2 users), family_name (1 user)");
});

test("custom attributes of the source come with the command that adds them to the pool", () => {
  const unusedFields = ["custom:plan", "note", "custom:has a space", "custom:age", "custom:api_token"];
  const pool = aPool({ custom: [{ ...ageOf(aPool()), name: "custom:age" }] });
  const [finding] = findingsOf(someKnown({ unusedFields, pool }));
  expect(finding).toMatchObject({ severity: "warning", code: "custom-attribute-missing" });
  expect(finding?.command).toBe(
    "poolferry pool prepare --user-pool-id eu-west-1_Ferry0001 --attribute custom:plan:String",
  );
  expect(finding?.message).not.toContain("note");
});

function ageOf({ attributes }: Known["pool"]): Known["pool"]["attributes"][number] {
  const [any] = attributes;
  if (any === undefined) throw new Error("a pool without attributes");
  return any;
}

test("fields that a preset leaves unused, or the pool takes, are none", () => {
  expect(found({ unusedFields: ["created_at", "customer", "app_metadata.plan"] })).toEqual([]);
});

test.each([
  { twins: 0, expected: ["note", "case-sensitive", undefined] },
  { twins: 4, expected: ["warning", "case-sensitive", 4] },
])(
  "a pool that tells case apart is named, with $twins users who are one but for it",
  ({ twins, expected }) => {
    expect(found({ pool: { caseSensitive: true }, counts: { casingTwins: twins } })).toEqual([expected]);
  },
);

test("users are told of whom only the username lets in", () => {
  const withoutAlias = found({
    pool: { aliasAttributes: ["email"] },
    counts: { signIn: { ...NOBODY, withoutAlias: 7 } },
  });
  expect(withoutAlias).toEqual([["warning", "sign-in-by-username-only", 7]]);
  const otherName = found({ counts: { signIn: { ...NOBODY, otherName: 5 } } });
  expect(otherName).toEqual([["note", "sign-in-by-username-only", 5]]);
});

test("users with nothing verified are counted as far as they go", () => {
  const issues = [{ code: "nothing-verified" as const, count: 5 }];
  expect(found({ counts: { issues, nothingVerified: 3 } })).toEqual([["warning", "nothing-verified", 3]]);
  expect(found({ counts: { issues } })).toEqual([]);
});

test("a required second factor matters for users without a phone number", () => {
  const counts = { signIn: { ...NOBODY, withoutPhone: 3 } };
  expect(found({ counts, pool: { mfa: "ON" } })).toEqual([["warning", "mfa-required", 3]]);
  expect(found({ counts, pool: { mfa: "OPTIONAL" } })).toEqual([]);
  expect(found({ pool: { mfa: "ON" } })).toEqual([]);
});

const aClient = (over: Partial<AppClient> = {}): AppClient => {
  return { name: "web", takesPasswords: false, isApart: false, ...over };
};

test.each([
  { title: "there is none", clients: [], expected: "note" },
  { title: "none takes passwords", clients: [aClient(), aClient({ isApart: true })], expected: "error" },
  { title: "one takes none", clients: [aClient(), aClient({ takesPasswords: true })], expected: "warning" },
  { title: "all take passwords", clients: [aClient({ takesPasswords: true })], expected: undefined },
  { title: "all have a page of their own", clients: [aClient({ isApart: true })], expected: undefined },
])("app clients of users with hashes, where $title", ({ clients, expected }) => {
  const findings = found({
    counts: { withHash: 10 },
    policies: { passwordHashes: "drop" },
    appClients: { kind: "known", clients, hasMore: false },
  });
  expect(findings).toEqual(
    expected === undefined ? [] : [[expected, "app-clients-without-password-flow", 10]],
  );
});

test("where more clients were not looked at, nobody says that none takes passwords", () => {
  const appClients = { kind: "known", clients: [aClient()], hasMore: true } as const;
  expect(found({ counts: { withHash: 1 }, appClients })[0]?.[0]).toBe("warning");
});

test("clients that may not be read are not known, and that is said", () => {
  const appClients = { kind: "unknown", why: "no" } as const;
  expect(found({ counts: { withHash: 10 }, appClients })).toEqual([
    ["note", "hashes-untried", 10],
    ["note", "app-clients-unknown", 10],
  ]);
});

test.each([
  { emailSender: "cognito", created: 51, triggers: [], expected: [["warning", "email-daily-limit", 51]] },
  { emailSender: "cognito", created: 50, triggers: [], expected: [] },
  { emailSender: "cognito", created: 51, triggers: ["CustomEmailSender"], expected: [] },
  { emailSender: "ses", created: 51, triggers: [], expected: [] },
] as const)("$created resets by $emailSender, with triggers $triggers", ({ created, expected, ...setup }) => {
  const counts = { routes: { "import-job": created } };
  const findings = found({ counts, pool: { setup: aSetup(setup) } });
  expect(findings.filter(([, code]) => code === "email-daily-limit")).toEqual(expected);
});

test("users with hashes, or with passwords of their own, need no code", () => {
  const setup = aSetup({ emailSender: "cognito" });
  const counts = { withHash: 30, withPassword: 30 };
  expect(found({ counts, pool: { setup }, policies: { passwordHashes: "drop" } })).toEqual([]);
});

test("text messages are named where nothing else reaches a user", () => {
  const counts = { signIn: { ...NOBODY, phoneOnly: 2 } };
  expect(found({ counts })).toEqual([["note", "sms-needed", 2]]);
  const setup = aSetup({ sendsSms: false });
  expect(found({ counts, pool: { setup } })).toEqual([["warning", "sms-needed", 2]]);
});

test.each([
  { trigger: "PreSignUp", counts: {}, expected: [["note", "trigger-never-runs", undefined]] },
  {
    trigger: "PreSignUp",
    counts: { routes: { "import-job": 9, "admin-create": 1 } },
    expected: [["warning", "trigger-runs", 1]],
  },
  { trigger: "UserMigration", counts: {}, expected: [["warning", "trigger-never-runs", 100]] },
  { trigger: "UserMigration", counts: { withPassword: 100 }, expected: [] },
  { trigger: "PostConfirmation", counts: {}, expected: [["warning", "trigger-runs", 100]] },
  { trigger: "PostConfirmation", counts: { withPassword: 100 }, expected: [] },
  { trigger: "PreAuthentication", counts: {}, expected: [["note", "trigger-runs", undefined]] },
  { trigger: "CustomMessage", counts: {}, expected: [["note", "trigger-runs", 100]] },
  { trigger: "DefineAuthChallenge", counts: {}, expected: [] },
])("the trigger $trigger, of users $counts", ({ trigger, counts, expected }) => {
  expect(found({ counts, pool: { setup: aSetup({ triggers: [trigger] }) } })).toEqual(expected);
});

test("users who would be locked out, and a role that is not named, are warned of", () => {
  const counts = { routes: { "import-job": 1, "admin-create": 2 }, withTemporary: 2 };
  const policies = { passwordAfterCreate: "none" } as const;
  expect(found({ counts, policies })).toEqual([["warning", "users-locked", 2]]);
  expect(found({ counts })).toEqual([]);
});

test("what was refused to the plan is told", () => {
  expect(found({ refused: ["cognito-idp:GetProvisionedLimit"] })).toEqual([
    ["note", "permission-refused", undefined],
  ]);
});

test("errors come first, notes last", () => {
  const severities = found({
    pool: { caseSensitive: true, mfa: "ON", aliasAttributes: ["email"] },
    counts: {
      signIn: { ...NOBODY, withoutPhone: 3 },
      issues: [{ code: "username-shaped-like-alias", count: 1 }],
    },
  }).map(([severity]) => severity);
  expect(severities).toEqual(["error", "warning", "note"]);
});
