import { describe, expect, test } from "vitest";
import { wordpress } from "../../src/extract/wordpress.ts";
import { describeFileSource } from "../contract/file-contract.ts";
import { describeSourceContract, openSpec, type KnownUser } from "../contract/source-contract.ts";
import { openHandles } from "../contract/file-contract.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const PHP_MY_ADMIN = [
  { type: "header", version: "5.2.1", comment: "Export to JSON" },
  { type: "table", data: [] },
];
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

describeFileSource("rows of wp_users as CSV", {
  type: wordpress,
  start: "ID,display_name,user_email\n",
  writeUser: ({ id, name, email }) => `${id},${quoted(name)},${email}`,
  expectedRecord: ({ id, name, email }) => [id, name, email],
  between: "\n",
  end: "\n",
  firstLine: 2,
  broken: { text: "1", place: "line 3" },
  wrongFormats: [{ title: "phpMyAdmin's JSON", text: JSON.stringify(PHP_MY_ADMIN), hint: "as CSV" }],
});

/** Two tables as files, the metadata in another order than the users. */
function tables(users: Iterable<KnownUser>) {
  const rows: string[] = [];
  const metas: string[] = [];
  for (const { id, name, email } of users) {
    rows.push(`${id},${quoted(name)},${email}\n`);
    metas.push(`${id},nickname,${quoted(name)}\n`, `${id},session_tokens,x\n`);
  }
  return {
    type: "wordpress",
    path: aFile(`ID,display_name,user_email\n${rows.join("")}`),
    usermeta: aFile(`user_id,meta_key,meta_value\n${metas.toReversed().join("")}`),
  };
}

describeSourceContract("wp_users joined with wp_usermeta", {
  put: tables,
  expectedRows: (users) =>
    users.map(({ id, name, email }, index) => ({
      seq: index + 1,
      line: index + 2,
      record: [id, name, email, "", "", name, "", ""],
    })),
  openHandles: ({ path, usermeta = "" }) => openHandles(String(path)) + openHandles(usermeta),
  manyUsers: 10_000,
});

async function join(
  metas: readonly (readonly [user: unknown, key: string, value: unknown])[],
  users = '[{"ID":1}]',
) {
  const usermeta = aFile(
    JSON.stringify(
      metas.map(([id, key, value]) => ({ umeta_id: 1, user_id: id, meta_key: key, meta_value: value })),
    ),
  );
  const source = await openSpec({ type: "wordpress", path: aFile(users), usermeta });
  const rows = await rowsOf(source);
  return { records: rows.map(({ record }) => record), description: source.description };
}

describe("the metadata of WordPress's users", () => {
  test("roles are found whatever the prefix, and other sites' and plugins' are not taken for them", async () => {
    const { records } = await join([
      [1, "kiosk_capabilities", 'a:1:{s:6:"editor";b:1;}'],
      [1, "kiosk_user_level", "7"],
      [1, "kiosk_3_capabilities", "other site"],
      [1, "kiosk_3_user_level", "7"],
      [1, "plugin_capabilities", "other thing"],
    ]);
    expect(records).toEqual([{ ID: 1, capabilities: 'a:1:{s:6:"editor";b:1;}' }]);
  });

  test("roles are found without their levels, where only one key has them", async () => {
    const { records } = await join([[1, "wp_capabilities", "roles"]]);
    expect(records).toEqual([{ ID: 1, capabilities: "roles" }]);
  });

  test("roles under two keys are refused, as taking one would be a guess", async () => {
    const reading = join([
      [1, "wp_capabilities", "a"],
      [1, "blog_capabilities", "b"],
    ]);
    await expect(reading).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("2 keys: wp_capabilities, blog_capabilities") as string,
    });
  });

  test("metadata of no user are told, and nothing else of them is kept", async () => {
    const { records, description } = await join([
      [1, "first_name", "Ada"],
      [2, "first_name", "Bo"],
      [1, "locale", null],
      [1, "session_tokens", "secret"],
    ]);
    expect(records).toEqual([{ ID: 1, first_name: "Ada" }]);
    expect(description).toBe("JSON array, with usermeta (values of no user here: 1)");
  });

  test("of nobody are not those of a user without an id", async () => {
    const { records } = await join([[null, "wp_capabilities", "roles"]], '[{"ID":null},{"ID":""}]');
    expect(records).toEqual([{ ID: null }, { ID: "" }]);
  });

  test("are joined to the users of several files at once", async () => {
    const path = ["1", "2"].map((id) => aFile(`ID,user_login\n${id},u${id}\n`, `${id}.csv`));
    const metas = ["1", "2", "3"].map((id) => `${id},nickname,n${id}\n`).join("");
    const usermeta = aFile(`user_id,meta_key,meta_value\n${metas}`);
    await using source = await openSpec({ type: "wordpress", path, usermeta });
    const nicknames: unknown[] = [];
    for await (const batch of source.batches())
      nicknames.push(...batch.map(({ record }) => (record as readonly string[])[4]));
    expect(nicknames).toEqual(["n1", "n2"]);
    expect(source.description).toMatch(/, with usermeta \(values of no user here: 1\)$/);
  });

  test("ids join whether they are numbers or texts", async () => {
    expect((await join([["1", "nickname", "ada"]])).records).toEqual([{ ID: 1, nickname: "ada" }]);
    expect((await join([[1, "nickname", "ada"]], '[{"ID":"1"}]')).records).toEqual([
      { ID: "1", nickname: "ada" },
    ]);
  });

  test.each([
    [
      "users without an ID",
      "name,user_email\na,b\n",
      "user_id,meta_key,meta_value\n1,locale,de\n",
      "column ID",
    ],
    ["metadata without meta_key", "ID\n1\n", "user_id,key,meta_value\n1,locale,de\n", "column meta_key"],
    ["a ragged row of metadata", "ID\n1\n", "user_id,meta_key,meta_value\n1,locale\n1,a,b\n", "line 2"],
  ])("%s refuse the files", async (_what, users, metas, message) => {
    const source = await openSpec({ type: "wordpress", path: aFile(users), usermeta: aFile(metas) });
    await expect(rowsOf(source)).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining(message) as string,
    });
  });
});
