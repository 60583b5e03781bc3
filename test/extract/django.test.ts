import { describe, expect, test } from "vitest";
import { django } from "../../src/extract/django.ts";
import { describeFileSource, type SourceFormat } from "../contract/file-contract.ts";
import type { KnownUser } from "../contract/source-contract.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const dumped = ({ id, name, email }: KnownUser): object => ({
  model: "auth.user",
  pk: id,
  fields: { password: "!", last_login: null, username: name, groups: [1], email },
});

const dump: Omit<SourceFormat, "start" | "between" | "end" | "firstLine" | "broken"> = {
  type: django,
  writeUser: (user) => JSON.stringify(dumped(user)),
  expectedRecord: ({ id, name, email }) => ({
    id,
    password: "!",
    last_login: null,
    username: name,
    groups: ["Editors"],
    email,
  }),
  wrongFormats: [],
};
const group = JSON.stringify({ model: "auth.group", pk: 1, fields: { name: "Editors", permissions: [] } });

describeFileSource("a dump of Django's with its groups behind the users", {
  ...dump,
  start: "[",
  between: ",\n",
  end: `,\n${group}]`,
  firstLine: undefined,
  broken: { text: '{"model": "auth.user", "fields": 1}', place: "element 2" },
});
describeFileSource("a dump of Django's as JSONL", {
  ...dump,
  start: `${group}\n`,
  between: "\n",
  end: "\n",
  firstLine: 2,
  broken: { text: "{oops}", place: "line 3" },
});
describeFileSource("rows of auth_user as CSV", {
  ...dump,
  start: "id,username,email\n",
  writeUser: ({ id, name, email }) => `${id},"${name.replaceAll('"', '""')}",${email}`,
  expectedRecord: ({ id, name, email }) => [id, name, email],
  between: "\n",
  end: "\n",
  firstLine: 2,
  broken: { text: "only one field", place: "line 3" },
});

async function read(records: readonly object[]) {
  const source = await django.open(aFile(JSON.stringify(records)), {});
  const rows = await rowsOf(source);
  return { records: rows.map(({ record }) => record), description: source.description };
}

const user = (fields: object = {}, pk: unknown = 1, model = "auth.user"): object => ({
  model,
  pk,
  fields: { password: "!", last_login: null, username: "ada", email: "ada@example.com", ...fields },
});
const flat = { password: "!", last_login: null, username: "ada", email: "ada@example.com" };

describe("groups of a dump", () => {
  const groups = [
    { model: "auth.group", pk: 1, fields: { name: "Editors" } },
    { model: "auth.group", pk: 2, fields: { name: "Site / Ops" } },
  ];

  test.each([
    ["by id, before the users", [...groups, user({ groups: [2, 1] })]],
    ["by id, behind the users", [user({ groups: [2, 1] }), ...groups]],
    ["by natural key", [user({ groups: [["Site / Ops"], ["Editors"]] })]],
  ])("are named %s", async (_how, records) => {
    expect((await read(records)).records).toEqual([{ id: 1, ...flat, groups: ["Site / Ops", "Editors"] }]);
  });

  test("a group that is not in the dump is refused with how to dump it, as nothing names it", async () => {
    await expect(read([...groups, user({ groups: [3] })])).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      hint: expect.stringContaining("dumpdata auth.user auth.group") as string,
    });
  });
});

describe("the users' model", () => {
  test("is one's own where there is no auth.user, told by Django's base of all users", async () => {
    const mailbox = { model: "mail.box", pk: 1, fields: { email: "a@example.com", password: "x" } };
    const found = await read([mailbox, user({}, "k1", "Accounts.Member"), mailbox]);
    expect(found.records).toEqual([{ id: "k1", ...flat }]);
    expect(found.description).toBe("a dump of Django's, JSON array, users of the model accounts.member");
  });

  test("is one with a password and an address where none is certain", async () => {
    const fields = { email: "a@example.com", password: "x" };
    expect((await read([{ model: "crm.person", pk: 4, fields }])).records).toEqual([{ id: 4, ...fields }]);
  });

  test("is refused when there are two, as taking one would lose the others", async () => {
    await expect(read([user(), user({}, 1, "shop.customer")])).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("2 models that can be its users: auth.user, shop.customer") as string,
    });
  });

  test("is none in a dump without users, which has no rows then", async () => {
    expect((await read([{ model: "auth.group", pk: 1, fields: { name: "x" } }])).records).toEqual([]);
  });

  test("goes without an id where the dump names users by their natural key", async () => {
    const { model, fields } = user() as { model: string; fields: object };
    expect((await read([{ model, fields }])).records).toEqual([flat]);
  });

  test("keeps an id beyond 2^53 exactly", async () => {
    const text = JSON.stringify([user()]).replace('"pk":1', '"pk":9007199254740993');
    const [row] = await rowsOf(await django.open(aFile(text), {}));
    expect(row?.record).toMatchObject({ id: "9007199254740993" });
  });
});

describe("allauth's addresses", () => {
  const address = (owner: unknown, email: string, verified: boolean): object => ({
    model: "account.emailaddress",
    pk: 1,
    fields: { user: owner, email, verified, primary: true },
  });
  const verifiedOf = async (...addresses: object[]) => {
    const { records } = await read([user(), ...addresses]);
    return (records[0] as { email_verified?: boolean }).email_verified;
  };

  test("of who has somebody else's address as the username verify only that user's own", async () => {
    const named = user({ username: "ada@example.com", email: "bo@example.com" }, 2);
    const { records } = await read([user(), named, address(["ada@example.com"], "ada@example.com", true)]);
    expect(records).toMatchObject([{ email_verified: false }, { email_verified: false }]);
  });

  test.each<[string, boolean | undefined, readonly object[]]>([
    ["says nothing without them", undefined, []],
    ["is verified by its own address", true, [address(1, "Ada@example.com", true)]],
    ["is verified by natural key", true, [address(["ada"], "ada@example.com", true)]],
    ["is not verified by another address", false, [address(1, "old@example.com", true)]],
    ["is not verified by another user's", false, [address(2, "ada@example.com", true)]],
    ["is not verified by one that is not", false, [address(1, "ada@example.com", false)]],
  ])("a user %s", async (_what, expected, addresses) => {
    expect(await verifiedOf(...addresses)).toBe(expected);
  });
});
