import { expect, test } from "vitest";
import type { ListedUser } from "../../src/cognito/list-users.ts";
import type { ExpectedUser } from "../../src/ledger/ledger.ts";
import { differencesOf } from "../../src/run/compare-user.ts";
import { aPool, type PoolSettings } from "../support/builders.ts";

function anExpectedUser(over: Partial<ExpectedUser> = {}): ExpectedUser {
  return {
    seq: 1,
    username: "ada",
    attributes: [["email", "ada@example.com"]],
    route: "import-job",
    outcome: "imported",
    sub: "s-1",
    hasHash: false,
    isDisabled: false,
    hasPassword: false,
    isReset: false,
    isConfirmed: false,
    identities: [],
    ...over,
  };
}

function aListedUser(over: Partial<ListedUser> = {}): ListedUser {
  return {
    username: "ada",
    sub: "s-1",
    email: "ada@example.com",
    phoneNumber: undefined,
    attributes: [
      ["sub", "s-1"],
      ["email", "ada@example.com"],
    ],
    enabled: true,
    status: "RESET_REQUIRED",
    createdAt: 0,
    modifiedAt: 0,
    ...over,
  };
}

interface Case {
  readonly what: string;
  readonly expected?: Partial<ExpectedUser>;
  readonly listed?: Partial<ListedUser>;
  readonly pool?: PoolSettings;
  readonly differences: readonly string[];
}

const IDENTITIES = '[{"userId":"g-1","providerName":"Google","issuer":null}]';

const CASES: readonly Case[] = [
  { what: "a user as it was sent", differences: [] },
  { what: "another value", listed: { attributes: [["email", "Ada@example.com"]] }, differences: ["email"] },
  {
    what: "a created user who is to reset the password, and one who did",
    expected: { route: "admin-create", isReset: true },
    differences: [],
  },
  {
    what: "a created user who was to reset the password and need not",
    expected: { route: "admin-create", isReset: true },
    listed: { status: "FORCE_CHANGE_PASSWORD" },
    differences: ["status"],
  },
  { what: "a value that is gone", listed: { attributes: [] }, differences: ["email"] },
  {
    what: "a value that was not sent",
    listed: {
      attributes: [
        ["email", "ada@example.com"],
        ["name", "Ada"],
      ],
    },
    differences: ["name"],
  },
  {
    what: "a flag that is false where none was sent",
    listed: {
      attributes: [
        ["email", "ada@example.com"],
        ["email_verified", "false"],
        ["phone_number_verified", "false"],
      ],
    },
    differences: [],
  },
  {
    what: "a flag that became true",
    listed: {
      attributes: [
        ["email", "ada@example.com"],
        ["email_verified", "true"],
      ],
    },
    differences: ["email_verified"],
  },
  {
    what: "the address that is the username, which needs no attribute of its own",
    pool: { usernameAttributes: ["email"] },
    expected: { username: "ada@example.com", attributes: [] },
    listed: { username: "s-1" },
    differences: [],
  },
  {
    what: "the phone number that is the username",
    pool: { usernameAttributes: ["phone_number"] },
    expected: { username: "+48601555010", attributes: [] },
    listed: { username: "s-1", attributes: [["phone_number", "+48601555011"]] },
    differences: ["phone_number"],
  },
  { what: "another sub", listed: { sub: "s-2" }, differences: ["sub"] },
  { what: "a sub that the run never learnt", expected: { sub: undefined }, differences: [] },
  {
    what: "one disabled as wanted",
    expected: { isDisabled: true },
    listed: { enabled: false },
    differences: [],
  },
  { what: "one who should be disabled", expected: { isDisabled: true }, differences: ["enabled"] },
  { what: "one who should be enabled", listed: { enabled: false }, differences: ["enabled"] },
  { what: "one who has set a password since", listed: { status: "CONFIRMED" }, differences: [] },
  {
    what: "a status of the other route",
    listed: { status: "FORCE_CHANGE_PASSWORD" },
    differences: ["status"],
  },
  {
    what: "one created with a temporary password",
    expected: { route: "admin-create" },
    listed: { status: "FORCE_CHANGE_PASSWORD" },
    differences: [],
  },
  {
    what: "one of AdminCreateUser who is to reset",
    expected: { route: "admin-create" },
    differences: ["status"],
  },
  {
    what: "one who signed up",
    expected: { route: "sign-up" },
    listed: { status: "UNCONFIRMED" },
    differences: [],
  },
  {
    what: "one who signed up and has entered the code",
    expected: { route: "sign-up" },
    listed: {
      status: "CONFIRMED",
      attributes: [
        ["email", "ada@example.com"],
        ["email_verified", "true"],
      ],
    },
    differences: [],
  },
  {
    what: "one who signed up and was to be verified",
    expected: {
      route: "sign-up",
      attributes: [
        ["email", "ada@example.com"],
        ["email_verified", "true"],
      ],
    },
    listed: { status: "UNCONFIRMED" },
    differences: ["email_verified"],
  },
  {
    what: "one who signed up and was to be confirmed",
    expected: { route: "sign-up", isConfirmed: true },
    listed: { status: "UNCONFIRMED" },
    differences: ["status"],
  },
  { what: "one with a hash", expected: { hasHash: true }, listed: { status: "CONFIRMED" }, differences: [] },
  { what: "one whose hash did not count", expected: { hasHash: true }, differences: ["status"] },
  {
    what: "an identity that is linked",
    expected: { identities: [{ provider: "Google", subject: "g-1" }] },
    listed: {
      attributes: [
        ["identities", IDENTITIES],
        ["email", "ada@example.com"],
      ],
    },
    differences: [],
  },
  {
    what: "an identity that is not linked",
    expected: { identities: [{ provider: "Corp", subject: "g-1" }] },
    listed: {
      attributes: [
        ["identities", IDENTITIES],
        ["email", "ada@example.com"],
      ],
    },
    differences: ["identities"],
  },
  {
    what: "identities that cannot be read",
    expected: { identities: [{ provider: "Google", subject: "g-1" }] },
    listed: {
      attributes: [
        ["identities", "[null, {"],
        ["email", "ada@example.com"],
      ],
    },
    differences: ["identities"],
  },
];

test.each(CASES)("of $what, $differences differ", ({ expected, listed, pool, differences }) => {
  expect(differencesOf(anExpectedUser(expected), aListedUser(listed), aPool(pool))).toEqual(differences);
});
