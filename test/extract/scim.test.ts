import { describe, expect, test } from "vitest";
import { scim } from "../../src/extract/scim.ts";
import { describeFileSource, type SourceFormat } from "../contract/file-contract.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User";

const format: Omit<SourceFormat, "start" | "between" | "end" | "firstLine" | "broken" | "writeUser"> = {
  type: scim,
  expectedRecord: ({ id, name, email }) => ({
    schemas: [SCHEMA],
    id,
    name: { formatted: name },
    userName: email,
  }),
  wrongFormats: [{ title: "CSV", text: "Id,Email\n1,ada@example.com\n", hint: "csv:PATH" }],
};

const writeUser: SourceFormat["writeUser"] = ({ id, name, email }) =>
  JSON.stringify({ schemas: [SCHEMA], id, name: { formatted: name }, userName: email });

describeFileSource("a ListResponse of SCIM", {
  ...format,
  writeUser,
  start: '{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":3,"Resources":[\n',
  between: ",\n",
  end: "\n]}",
  firstLine: undefined,
  broken: { text: "null", place: "element 2" },
});
describeFileSource("a BulkRequest of SCIM", {
  ...format,
  writeUser: ({ id, ...user }) => {
    const whole = JSON.parse(writeUser({ id, ...user })) as object;
    return JSON.stringify({ method: "PUT", path: `/Users/${id}`, data: whole });
  },
  start: '{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[\n',
  between: ",\n",
  end: "\n]}",
  firstLine: undefined,
  broken: {
    text: '{"method":"PATCH","path":"/Users/2","data":{"Operations":[]}}',
    place: "element 2: a PATCH",
  },
});

async function read(document: object) {
  return rowsOf(await scim.open(aFile(JSON.stringify(document)), {}));
}

describe("SCIM's shapes", () => {
  const user = { schemas: [SCHEMA], userName: "ada" };

  test("a User that stands alone is one user, on a line or over several", async () => {
    for (const indent of [0, 2]) {
      const source = await scim.open(
        aFile(JSON.stringify({ ...user, emails: [{ value: "a" }] }, undefined, indent)),
        {},
      );
      expect((await rowsOf(source)).map(({ record }) => record)).toEqual([
        { ...user, emails: [{ value: "a" }] },
      ]);
    }
  });

  test("Users are read one a line, with their lines", async () => {
    const text = `${JSON.stringify(user)}\n\n{"id":"7"}\n`;
    expect(await rowsOf(await scim.open(aFile(text), {}))).toMatchObject([
      { line: 1, record: user },
      { line: 3, issue: { message: expect.stringContaining("line 3: it is no SCIM user") as string } },
    ]);
  });

  test("the names of lists have no case", async () => {
    expect(await read({ resources: [user] })).toMatchObject([{ record: user }]);
    expect(await read({ operations: [{ method: "POST", path: "/Users", data: user }] })).toMatchObject([
      { record: user },
    ]);
  });

  test("an empty page holds nobody", async () => {
    expect(await read({ totalResults: 0, Resources: [] })).toEqual([]);
  });

  test.each([
    [{ schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "crew" }],
    [{ id: "g", meta: { resourceType: "Group" } }],
    [{ method: "DELETE", path: "/Groups/1" }],
    [{ method: "POST", path: "/Groups", data: { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"] } }],
  ])("%j is passed over", async (element) => {
    expect(await read({ Resources: [element, user] })).toEqual([{ seq: 1, line: undefined, record: user }]);
  });

  test.each([
    [{ method: "POST", path: "/Users", data: user }, user],
    [
      { method: "put", path: "https://example.com/scim/v2/Users/7", data: user },
      { id: "7", ...user },
    ],
    [
      { method: "PUT", path: "/Users/7", data: { ...user, id: "8" } },
      { ...user, id: "8" },
    ],
    [
      { method: "delete", path: "/v2/Users/7" },
      { method: "DELETE", path: "/v2/Users/7", id: "7" },
    ],
  ])("%j becomes %j", async (operation, record) => {
    expect(await read({ Operations: [operation] })).toMatchObject([{ record }]);
  });

  test.each([
    [{ method: "PATCH", path: "/Users/7", data: { Operations: [] } }, "element 1: a PATCH holds only a part"],
    [{ method: "POST", path: "/Users" }, "element 1: the operation has no data"],
    [{ id: "7" }, "element 1: it is no SCIM user"],
    [
      { method: "PUT", path: "/Usess/7", data: user },
      "element 1: its path is neither a user's nor a group's",
    ],
    [{ method: "DELETE", path: "/Devices/7" }, "element 1: its path is neither a user's nor a group's"],
  ])("%j is rejected with its place", async (element, message) => {
    expect(await read({ Resources: [element, user] })).toMatchObject([
      {
        seq: 1,
        record: undefined,
        issue: { code: "row-unreadable", message: expect.stringContaining(message) as string },
      },
      { seq: 2, record: user },
    ]);
  });

  test("a phone number without a type is an other one", async () => {
    const phoneNumbers = [{ value: "1", type: "fax" }, { value: "2" }, "3"];
    expect(await read({ Resources: [{ ...user, phoneNumbers }] })).toMatchObject([
      { record: { phoneNumbers: [{ value: "1", type: "fax" }, { value: "2", type: "other" }, "3"] } },
    ]);
  });
});
