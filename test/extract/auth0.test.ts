import { describe, expect, test } from "vitest";
import { auth0 } from "../../src/extract/auth0.ts";
import { describeFileSource, type SourceFormat } from "../contract/file-contract.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const format: Omit<SourceFormat, "start" | "between" | "end" | "firstLine" | "broken"> = {
  type: auth0,
  writeUser: ({ id, name, email }) =>
    JSON.stringify({ user_id: id, identities: [{ provider: "auth0", user_id: id }], name, email }),
  expectedRecord: ({ id, name, email }) => ({
    user_id: id,
    identities: [{ provider: "auth0", user_id: id }],
    name,
    email,
  }),
  wrongFormats: [{ title: "CSV", text: "Id,Email\n1,ada@example.com\n", hint: "csv:PATH" }],
};

describeFileSource("an Auth0 export job", {
  ...format,
  start: "",
  between: "\n",
  end: "\n",
  firstLine: 1,
  broken: { text: "{oops}", place: "line 2" },
});
describeFileSource("an array of Auth0 users", {
  ...format,
  start: "[",
  between: ",\n",
  end: "]",
  firstLine: undefined,
  broken: { text: "null", place: "element 2" },
});
describeFileSource("Auth0's API list", {
  ...format,
  start: '{"start":0,"limit":50,"length":3,"users":[\n',
  between: ",\n",
  end: '\n],"total":3}',
  firstLine: undefined,
  broken: { text: "null", place: "element 2" },
});

async function read(text: string, list?: string) {
  return rowsOf(await auth0.open(aFile(text), { list }));
}

describe("Auth0's shapes", () => {
  const user = { user_id: "auth0|1", identities: [{ provider: "auth0" }] };

  test("an export of one user is one user, though it holds a list", async () => {
    const text = JSON.stringify(user);
    for (const end of ["", "\n", "\r\n"]) {
      expect(await read(text + end)).toEqual([{ seq: 1, line: 1, record: user }]);
    }
  });

  test("an API list on one line is a list, also of one user or none", async () => {
    expect(await read(JSON.stringify({ start: 0, users: [user], total: 1 }))).toEqual([
      { seq: 1, line: undefined, record: user },
    ]);
    expect(await read('{"users":[]}')).toEqual([]);
    expect(await read('{"start":0,"limit":50,"length":0,"users":[],"total":0}')).toEqual([]);
  });

  test("an API list of more than a block on one line is a list", async () => {
    const users = Array.from({ length: 5_000 }, () => user);
    expect(JSON.stringify({ users }).length).toBeGreaterThan(256 * 1024);
    expect(await read(JSON.stringify({ users }))).toHaveLength(5_000);
  });

  test("another list than users is read when the operator names it", async () => {
    const text = JSON.stringify({ users: [{ user_id: "no" }], members: [user] });
    expect((await read(text, "members")).map(({ record }) => record)).toEqual([user]);
    expect((await read(JSON.stringify({ members: [user] }), "members")).map(({ record }) => record)).toEqual([
      user,
    ]);
  });

  test("a document without users is refused", async () => {
    await expect(read('{\n"connections": [{"id": 1}]\n}')).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("under the key users") as string,
    });
  });
});
