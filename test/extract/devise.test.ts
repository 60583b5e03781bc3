import { expect, test } from "vitest";
import { devise } from "../../src/extract/devise.ts";
import { describeFileSource } from "../contract/file-contract.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

describeFileSource("rows of Devise's table as NDJSON", {
  type: devise,
  start: "",
  writeUser: (user) => JSON.stringify({ ...user, encrypted_password: "", mail: user.email }),
  expectedRecord: (user) => ({ ...user, encrypted_password: "", mail: user.email }),
  between: "\n",
  end: "\n",
  firstLine: 1,
  broken: { text: "{oops}", place: "line 2" },
  wrongFormats: [],
});
describeFileSource("what FusionAuth's script for Devise writes", {
  type: devise,
  start: '{"users":[',
  writeUser: ({ id, name, email }) =>
    JSON.stringify({
      name,
      encryptionScheme: "bcrypt",
      factor: 9,
      salt: "s",
      password: "h",
      verified: true,
      data: { original_user_id: id, locked_at: null },
      email,
    }),
  expectedRecord: ({ id, name, email }) => ({
    id,
    name,
    email,
    encrypted_password: "$2a$09$sh",
    email_verified: true,
    locked_at: null,
  }),
  between: ",\n",
  end: "]}",
  firstLine: undefined,
  broken: { text: "null", place: "element 2" },
  wrongFormats: [],
});

async function readOne(user: object) {
  return (await rowsOf(await devise.open(aFile(JSON.stringify([user])), {})))[0];
}

const forFusionAuth = { email: "a@example.com", encryptionScheme: "bcrypt", password: "" };

test("a user of FusionAuth's script without a password has none, and who is not active is locked", async () => {
  expect((await readOne(forFusionAuth))?.record).toMatchObject({ encrypted_password: null, locked_at: null });
  expect((await readOne({ ...forFusionAuth, active: false }))?.record).toMatchObject({
    locked_at: "not active",
  });
});

test.each([
  ["another scheme", { encryptionScheme: "salted-md5" }, "encryptionScheme"],
  ["a hash without its salt", { password: "x", factor: 10 }, "factor, salt and password"],
])("a user of FusionAuth's script with %s is a rejected row", async (_what, fields, message) => {
  expect(await readOne({ ...forFusionAuth, ...fields })).toMatchObject({
    record: undefined,
    issue: { message: expect.stringContaining(message) as string },
  });
});
