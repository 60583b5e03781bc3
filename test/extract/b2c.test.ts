import { describe, expect, test } from "vitest";
import { b2c } from "../../src/extract/b2c.ts";
import { describeFileSource, type SourceFormat } from "../contract/file-contract.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const format: Omit<SourceFormat, "start" | "between" | "end"> = {
  type: b2c,
  writeUser: ({ id, name, email }) => JSON.stringify({ id, displayName: name, identities: [], mail: email }),
  expectedRecord: ({ id, name, email }) => ({ id, displayName: name, identities: [], mail: email }),
  firstLine: undefined,
  broken: { text: "null", place: "element 2" },
  wrongFormats: [{ title: "CSV", text: "Id,Email\n1,ada@example.com\n", hint: "csv:PATH" }],
};

describeFileSource("a file with comments for a migration to B2C", {
  ...format,
  // Everything of the text goes through the blanking of comments, which must keep what a file's text is held to.
  isOwnText: true,
  start: '// users: [\n{"userType":"emailAddress","Users":[ /* "the crew" */\n',
  between: ', // "next"\n',
  end: "\n]} // the end",
});

async function read(value: object) {
  const rows = await rowsOf(await b2c.open(aFile(JSON.stringify(value)), {}));
  return rows.map(({ record }) => record);
}

describe("users of Azure AD B2C", () => {
  test("of Azure AD Graph have an objectId and sign-in names, which become id and identities", async () => {
    const user = {
      objectId: "7",
      signInNames: [{ type: "emailAddress", value: "a@example.com" }, { type: "userName" }],
      userIdentities: [{ issuer: "google.com", issuerUserId: "MTA=" }],
    };
    expect(await read({ value: [user] })).toEqual([
      {
        ...user,
        id: "7",
        identities: [
          { signInType: "emailAddress", issuerAssignedId: "a@example.com" },
          { signInType: "federated", issuer: "google.com", issuerAssignedId: "MTA=" },
        ],
      },
    ]);
  });

  test.each([
    [{ signInName: "a@example.com" }, [{ signInType: "emailAddress", issuerAssignedId: "a@example.com" }]],
    [{ signInName: "ada" }, [{ signInType: "userName", issuerAssignedId: "ada" }]],
    [
      { issuer: "facebook.com", issuerUserId: "1" },
      [{ signInType: "federated", issuer: "facebook.com", issuerAssignedId: "1" }],
    ],
    [{ displayName: "Ada" }, []],
  ])("of a file for a migration, %j signs in as %j", async (user, identities) => {
    expect(await read({ Users: [user] })).toEqual([{ ...user, identities }]);
  });

  test("that have Graph's identities keep them", async () => {
    const user = { id: "1", identities: [], signInName: "ada" };
    expect(await read({ users: [user] })).toEqual([user]);
  });

  test("that stand alone are one user", async () => {
    expect(await read({ id: "1", identities: [{ signInType: "userName" }] })).toHaveLength(1);
  });
});
