import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { keycloak } from "../../src/extract/keycloak.ts";
import { detectSourceType } from "../../src/extract/detect.ts";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import type { SourceOptions } from "../../src/extract/source.ts";
import { describeFileSource, type SourceFormat } from "../contract/file-contract.ts";
import { openSpec } from "../contract/source-contract.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile, aFolder } from "../support/files.ts";

const format: Omit<SourceFormat, "start" | "between" | "end" | "firstLine" | "broken"> = {
  type: keycloak,
  writeUser: ({ id, name, email }) =>
    JSON.stringify({ id, username: id, credentials: [{ type: "password" }], firstName: name, email }),
  expectedRecord: ({ id, name, email }) => ({
    id,
    username: id,
    credentials: [{ type: "password" }],
    firstName: name,
    email,
  }),
  wrongFormats: [{ title: "CSV", text: "username,email\nada,ada@example.com\n", hint: "csv:PATH" }],
};

describeFileSource("a Keycloak realm among whose lists the users stand", {
  ...format,
  start: '{"id":"r","realm":"shop","groups":[{"name":"a"}],"roles":{"users":[{"name":"x"}]},"users":[\n',
  between: ",\n",
  end: '\n],"clients":[{"clientId":"billing","users":[{"username":"no"}]}],"components":{}}',
  firstLine: undefined,
  broken: { text: "null", place: "element 2" },
});
describeFileSource("an array of Keycloak realms", {
  ...format,
  start: '[{"realm":"master","users":[{"username":"admin"}]},{"realm":"empty"},{"realm":"shop","users":[',
  between: ",\n",
  end: '],"clients":[]},{"realm":"none","users":[]}]',
  firstLine: undefined,
  broken: { text: "5", place: "element 2" },
});
describeFileSource("Keycloak's admin API list", {
  ...format,
  start: "[",
  between: ",\n",
  end: "]",
  firstLine: undefined,
  broken: { text: "null", place: "element 2" },
});

async function read(document: unknown, options: SourceOptions = {}) {
  const source = await keycloak.open(aFile(JSON.stringify(document)), options);
  const rows = await rowsOf(source);
  return {
    names: rows.map(({ record }) => (record as { username?: string } | undefined)?.username),
    rows,
    source,
  };
}

const ada = { username: "ada", email: "ada@example.com" };
const bo = { username: "bo", email: "bo@example.com" };
const robot = { username: "service-account-x", serviceAccountClientId: "x" };

describe("a document of one realm", () => {
  test("says whose users it has, wherever its name stands", async () => {
    const { names, source } = await read({ users: [ada, bo], realm: "shop" });
    expect(names).toEqual(["ada", "bo"]);
    expect(source.description).toBe("JSON document, the realm shop");
  });

  test("can be a file of users alone, a partial import without a realm, or one user", async () => {
    expect((await read({ realm: "shop", users: [ada] })).names).toEqual(["ada"]);
    expect((await read({ ifResourceExists: "SKIP", users: [ada] })).names).toEqual(["ada"]);
    expect((await read({ ...ada, attributes: { users: [{ a: 1 }] } })).names).toEqual(["ada"]);
    expect((await read({ realm: "shop", users: [] })).names).toEqual([]);
  });

  test("without users is refused with the way to export them", async () => {
    for (const realm of [
      { realm: "shop", clients: [{ clientId: "a" }] },
      { realm: "shop", users: null },
    ]) {
      await expect(read(realm)).rejects.toMatchObject({
        code: "SOURCE_FORMAT",
        message: expect.stringContaining("holds the realm shop without its users") as string,
        hint: expect.stringContaining("--users realm_file") as string,
      });
    }
  });

  test("with service accounts alone says that its users are most likely missing", async () => {
    const { names, source } = await read({ realm: "shop", users: [robot] });
    expect(names).toEqual(["service-account-x"]);
    expect(source.description).toContain("service accounts only");
    expect((await read({ realm: "shop", users: [robot, ada] })).source.description).not.toContain("only");
  });

  test("of another realm than the chosen one is refused, and so is one that does not say which", async () => {
    expect((await read({ realm: "shop", users: [ada] }, { realm: "shop" })).names).toEqual(["ada"]);
    await expect(read({ realm: "shop", users: [ada] }, { realm: "Shop" })).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("does not hold the realm Shop, but shop") as string,
    });
    for (const document of [{ users: [ada], realm: "shop" }, { users: [ada] }, [ada]]) {
      await expect(read(document, { realm: "shop" })).rejects.toMatchObject({
        code: "SOURCE_FORMAT",
        message: expect.stringMatching(/of which realm/) as string,
      });
    }
  });

  test("rejects users of a federated storage by name, among others and in a file of their own", async () => {
    const walt = { id: "f:1234:walt", credentials: [{ type: "otp", secretData: "fixture-secret" }] };
    const { rows } = await read({ realm: "shop", users: [ada], federatedUsers: [walt] });
    expect(rows).toMatchObject([
      { seq: 1, record: ada },
      {
        seq: 2,
        record: undefined,
        issue: { code: "row-unreadable", message: expect.stringMatching(/^element 2: .*LDAP/) as string },
      },
    ]);
    expect(JSON.stringify(rows)).not.toContain("fixture-secret");
    expect((await read({ realm: "shop", federatedUsers: [walt] })).rows).toHaveLength(1);
  });
});

describe("an array of realms", () => {
  const realms = [
    { realm: "master", users: [{ username: "admin" }] },
    { realm: "shop", users: [ada, robot] },
    { realm: "blog", users: [bo] },
    { realm: "empty" },
  ];

  test("of which several have users is refused until one is chosen", async () => {
    await expect(read(realms)).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("several realms: master (1), shop (2), blog (1)") as string,
      hint: expect.stringContaining("source.realm") as string,
    });
    expect((await read(realms, { realm: "shop" })).names).toEqual(["ada", "service-account-x"]);
    expect((await read(realms, { realm: "blog" })).names).toEqual(["bo"]);
    expect((await read(realms, { realm: "master" })).names).toEqual(["admin"]);
  });

  test("of which one has users beside master gives these, and says that master's are not read", async () => {
    const { names, source } = await read([realms[1], realms[3], realms[0]]);
    expect(names).toEqual(["ada", "service-account-x"]);
    expect(source.description).toBe("JSON array, the realm shop, without the users of master");
  });

  test("with users of master alone gives them only when they are asked for", async () => {
    await expect(read([realms[0], realms[3]])).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("no other users than those of master (1)") as string,
    });
  });

  test("without users, without the chosen realm, or with users before a name is refused", async () => {
    await expect(read([realms[3]])).rejects.toThrow("the realm empty without its users");
    await expect(read(realms, { realm: "empty" })).rejects.toThrow("without its users");
    await expect(read(realms, { realm: "club" })).rejects.toThrow(
      "does not hold the realm club, but master, shop, blog, empty",
    );
    await expect(read([{ id: "x", users: [ada], realm: "shop" }])).rejects.toThrow("of which realm");
  });
});

describe("several files", () => {
  const readAll = async (files: Readonly<Record<string, object>>, options: SourceOptions = {}) => {
    const folder = aFolder();
    for (const [name, document] of Object.entries(files))
      writeFileSync(join(folder, name), JSON.stringify(document));
    const path = join(folder, "*.json");
    await using source = await openSpec({ type: "keycloak", path, ...options });
    const names: unknown[] = [];
    for await (const batch of source.batches())
      names.push(...batch.map(({ record }) => (record as { username: string }).username));
    return { names, description: source.description };
  };
  const files = {
    "shop-realm.json": { realm: "shop", clients: [{ clientId: "a" }] },
    "shop-users-0.json": { realm: "shop", users: [ada] },
    "shop-users-1.json": { realm: "shop", users: [bo] },
  };

  test("are read as one, and that of the realm itself is passed over, which is said", async () => {
    expect(await readAll(files)).toEqual({
      names: ["ada", "bo"],
      description: "3 files: JSON document, without users; JSON document, the realm shop",
    });
  });

  test("of several realms are refused until one is chosen", async () => {
    const both = { ...files, "blog-users-0.json": { realm: "blog", users: [{ username: "cy" }] } };
    await expect(readAll(both)).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringMatching(
        /holds users of the realm shop, and .* those of the realm blog/,
      ) as string,
      hint: expect.stringContaining("source.realm") as string,
    });
    expect((await readAll(both, { realm: "shop" })).names).toEqual(["ada", "bo"]);
    expect((await readAll(both, { realm: "blog" })).names).toEqual(["cy"]);
  });
});

describe("an export is recognised", () => {
  const settings = { enabled: true, sslRequired: "external", clients: [], roles: {} };
  const listed = { ...ada, id: "1", createdTimestamp: 1, enabled: true, emailVerified: false };
  test.each<[string, unknown, string]>([
    ["a realm with users", { realm: "shop", users: [ada] }, "keycloak"],
    ["a realm with settings alone", { realm: "shop", ...settings }, "keycloak"],
    ["users of a federated storage", { realm: "shop", federatedUsers: [{ id: "f:1:a" }] }, "keycloak"],
    ["an array of realms", [{ realm: "shop", ...settings, users: [ada] }], "keycloak"],
    ["the admin API's list", [listed, listed], "keycloak"],
    ["one user of the admin API", listed, "keycloak"],
    ["users with a realm of something else", { realm: "north", users: [{ name: "Ada" }] }, "json"],
    ["an array of things with a realm", [{ realm: "north", name: "Ada" }], "json"],
    ["users with a username", [ada], "json"],
  ])("or not: %s", async (_what, document, type) => {
    for (const indent of [undefined, 2]) {
      const path = aFile(JSON.stringify(document, undefined, indent));
      expect((await detectSourceType(path, SOURCE_TYPES)).type.type).toBe(type);
    }
  });
});
