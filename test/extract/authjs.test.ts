import { describe, expect, test } from "vitest";
import { authjs } from "../../src/extract/authjs.ts";
import { detectSourceType } from "../../src/extract/detect.ts";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { authjs as preset } from "../../src/transform/presets/authjs.ts";
import { describeFileSource } from "../contract/file-contract.ts";
import { aBareRow, aDecider, sentAttributes } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

describeFileSource("a CSV of Auth.js users", {
  type: authjs,
  start: "id,name,emailVerified,image,accounts,email\n",
  writeUser: ({ id, name, email }) =>
    [id, name, "", "", '[{"provider":"google"}]', email].map(quoted).join(","),
  between: "\n",
  end: "\n",
  expectedRecord: ({ id, name, email }) => ({
    id,
    name,
    emailVerified: "",
    image: "",
    accounts: [{ provider: "google" }],
    email,
  }),
  firstLine: 2,
  broken: { text: "u-2,B,,,[{,b@example.com", place: "line 3: the JSON in accounts" },
  wrongFormats: [],
});

describe("Auth.js' users", () => {
  const user = { id: "1", name: "Ada", email: "a@example.com", emailVerified: null, image: null };

  test.each([
    ["a CSV", "id,name,email,emailVerified,image\n1,Ada,a@example.com,,\n", "authjs"],
    ["an array", JSON.stringify([user]), "authjs"],
    ["NDJSON", `${JSON.stringify(user)}\n${JSON.stringify(user)}\n`, "authjs"],
    ["a table whose emailVerified is a flag", JSON.stringify([{ ...user, emailVerified: false }]), "json"],
    ["any table with email_verified", "id,email,email_verified,image\n1,a@example.com,t,\n", "csv"],
  ])("%s is recognised as what it is", async (_what, text, type) => {
    expect((await detectSourceType(aFile(text), SOURCE_TYPES)).type.type).toBe(type);
  });

  test.each<[string | number | boolean | null, string]>([
    ["2024-06-01T07:00:00.000Z", "true"],
    ["2024-06-01 07:00:00", "true"],
    [1_717_225_200_000, "true"],
    [true, "true"],
    [false, "false"],
    [null, "false"],
    ["", "false"],
    ["f", "false"],
    ["0", "false"],
    ["NULL", "false"],
  ])("an emailVerified of %j means %s", (emailVerified, verified) => {
    const decided = aDecider({ preset: preset.mapping })(aBareRow({ ...user, emailVerified }));
    expect(sentAttributes(decided).get("email_verified")).toBe(verified);
  });
});
