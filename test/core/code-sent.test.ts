import { AdminUpdateUserAttributesCommand } from "@aws-sdk/client-cognito-identity-provider";
import { describe, expect, test } from "vitest";
import { contactsSentCode } from "../../src/core/code-sent.ts";
import type { Attributes } from "../../src/core/planned-user.ts";
import { aPool as aLocalPool } from "../emulator/support/pool.ts";
import { addUser } from "../emulator/support/user.ts";
import { aPool } from "../support/builders.ts";

const HAVE: Attributes = [
  ["email", "ann@example.com"],
  ["email_verified", "true"],
  ["phone_number", "+4917"],
];

const NEW_EMAIL = ["email", "new@example.com"] as const;

interface Case {
  readonly what: string;
  readonly update: Attributes;
  readonly verified: readonly ("email" | "phone_number")[];
  readonly sent: readonly string[];
  readonly have?: Attributes;
}

const CASES: readonly Case[] = [
  { what: "another address", update: [NEW_EMAIL], verified: ["email"], sent: ["email"] },
  {
    what: "another address that is called unverified",
    update: [NEW_EMAIL, ["email_verified", "false"]],
    verified: ["email"],
    sent: ["email"],
  },
  {
    what: "another address that is called verified",
    update: [["email_verified", "true"], NEW_EMAIL],
    verified: ["email"],
    sent: [],
  },
  { what: "another address where none is verified", update: [NEW_EMAIL], verified: [], sent: [] },
  { what: "another address where numbers are", update: [NEW_EMAIL], verified: ["phone_number"], sent: [] },
  {
    what: "the address that is there",
    update: [["email", "ann@example.com"]],
    verified: ["email"],
    sent: [],
  },
  {
    what: "an address for who had none",
    update: [NEW_EMAIL],
    have: [],
    verified: ["email"],
    sent: ["email"],
  },
  { what: "no address any more", update: [["email", ""]], verified: ["email"], sent: [] },
  { what: "a flag alone", update: [["email_verified", "false"]], verified: ["email"], sent: [] },
  { what: "a name", update: [["name", "Ann"]], verified: ["email"], sent: [] },
  {
    what: "both, one of them verified",
    update: [NEW_EMAIL, ["phone_number", "+4918"], ["email_verified", "true"]],
    verified: ["email", "phone_number"],
    sent: ["phone_number"],
  },
];

describe("what an update sends codes to", () => {
  test.each(CASES)("$what", ({ update, verified, sent, have = HAVE }) => {
    expect(contactsSentCode(update, have, aPool({ autoVerified: verified }))).toEqual(sent);
  });

  test.each(CASES)(
    "is what the local Cognito sends them to: $what",
    async ({ update, verified, sent, have = HAVE }) => {
      await using pool = await aLocalPool({ AutoVerifiedAttributes: [...verified] });
      const { cognito, emulator, poolId } = pool;
      await addUser(pool, "ann", Object.fromEntries(have));
      const UserAttributes = update.map(([Name, Value]) => ({ Name, Value }));
      await cognito.send(
        new AdminUpdateUserAttributesCommand({ UserPoolId: poolId, Username: "ann", UserAttributes }),
      );
      const wanted = new Map(update);
      expect(emulator.control.outbox.map(({ destination }) => destination)).toEqual(
        sent.map((contact) => wanted.get(contact)),
      );
    },
  );
});
