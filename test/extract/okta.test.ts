import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { detectSourceType } from "../../src/extract/detect.ts";
import { okta } from "../../src/extract/okta.ts";
import type { SourceOptions } from "../../src/extract/source.ts";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { describeFileSource, openHandles, type SourceFormat } from "../contract/file-contract.ts";
import { openSpec, type KnownUser } from "../contract/source-contract.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const user = ({ id, name, email }: KnownUser) => ({
  id,
  status: "ACTIVE",
  profile: { login: id, displayName: name, email },
});
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

// For all tests of a format, so that it cannot go away with one of them.
const groupsFolder = mkdtempSync(join(tmpdir(), "poolferry-test-"));
afterAll(() => rmSync(groupsFolder, { recursive: true }));
const groupsFile = join(groupsFolder, "groups.ndjson");
writeFileSync(
  groupsFile,
  ["Staff", "Crew"].map((group) => `${JSON.stringify({ group, users: ["u-1", "x"] })}\n`).join(""),
);

const format: Omit<SourceFormat, "start" | "between" | "end" | "firstLine" | "broken"> = {
  type: okta,
  writeUser: (known) => JSON.stringify(user(known)),
  expectedRecord: user,
  wrongFormats: [{ title: "another CSV", text: "id,email\n1,ada@example.com\n", hint: "csv:PATH" }],
};

describeFileSource("a page of Okta's list", {
  ...format,
  start: "[",
  between: ",",
  end: "]",
  firstLine: undefined,
  broken: {
    text: '{"id":"g","profile":{"name":"Everyone"}}',
    place: "element 2: it has no profile with a login",
  },
});
describeFileSource("Okta's users, one a line, with groups of a second file", {
  ...format,
  options: { groups: groupsFile },
  expectedRecord: (known) =>
    known.id === "u-1" ? { ...user(known), groups: ["Staff", "Crew"] } : user(known),
  start: "",
  between: "\n",
  end: "\n",
  firstLine: 1,
  broken: { text: "{oops}", place: "line 2" },
});
describeFileSource("a table for Okta's import", {
  ...format,
  start: "login,firstName,displayName,email\n",
  writeUser: ({ id, name, email }) => `${id},,${quoted(name)},${email}`,
  expectedRecord: ({ id, name, email }) => ({ profile: { login: id, displayName: name, email } }),
  between: "\n",
  end: "\n",
  firstLine: 2,
  broken: { text: "u-2,,too,short,or,long", place: "line 3 has 6 fields" },
});

const ada = { id: "00u1", status: "ACTIVE", profile: { login: "ada@example.com" } };
const bo = { id: "00u2", status: "ACTIVE", profile: { login: "bo@example.com" } };
const everyone = { id: "00g0", type: "BUILT_IN", profile: { name: "Everyone" } };
const staff = { id: "00g1", type: "OKTA_GROUP", profile: { name: "Staff" } };
const lines = (...values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join("");

describe("groups of a second file", () => {
  const groupsOf = async (text: string, users: unknown = [ada, bo]) => {
    const source = await openSpec({ type: "okta", path: aFile(JSON.stringify(users)), groups: aFile(text) });
    const rows = await rowsOf(source);
    const groups = rows.map(({ record }) => (record as { groups?: unknown } | undefined)?.groups);
    return { groups, description: source.description };
  };

  test.each<[string, string]>([
    [
      "by group, with ids",
      lines({ group: everyone, users: ["00u1", "00u2"] }, { group: staff, users: ["00u1"] }),
    ],
    ["by group, with users", lines({ group: staff, users: [ada] })],
    ["by group, in pages", lines({ group: staff, users: [] }, { group: staff, users: ["00u1"] })],
    ["by user", lines({ userId: "00u1", groups: [everyone, staff] }, { userId: "00u2", groups: [everyone] })],
    ["by login, with names", lines({ userId: "ada@example.com", groups: ["Staff"] })],
    ["as an array", JSON.stringify([{ group: staff, users: ["00u1"] }], undefined, 2)],
    ["as one document", JSON.stringify({ group: staff, users: ["00u1"] }, undefined, 2)],
  ])("are joined %s, without Okta's own", async (_how, text) => {
    expect((await groupsOf(text)).groups).toEqual([["Staff"], undefined]);
  });

  test("say how many memberships are of nobody", async () => {
    const text = lines({ group: staff, users: ["00u1", "00u9", "00u8"] });
    expect((await groupsOf(text)).description).toBe(
      "JSON array, 3 memberships in groups, of which 2 are of nobody here",
    );
  });

  test("are refused when the users are read, where a line does not say them", async () => {
    for (const [broken, place] of [
      [lines({ group: staff, users: ["00u1"] }, { group: staff }), "line 2"],
      [lines({ group: staff, users: ["00u1"] }, { group: { id: "00g1" }, users: ["00u2"] }), "line 2"],
      [lines({ group: staff, users: ["00u1"] }, { group: staff, users: [{ login: "x" }] }), "line 2"],
      [`${lines({ group: staff, users: ["00u1"] })}{oops}\n`, "line 2"],
      [JSON.stringify([{ group: staff, users: [] }, 5]), "element 2"],
    ] as const) {
      await expect(groupsOf(broken)).rejects.toMatchObject({
        code: "SOURCE_FORMAT",
        message: expect.stringContaining(`${place} does not say who is in which groups`) as string,
      });
    }
  });

  test("are refused at once, and all is closed, where the file is another one", async () => {
    const users = aFile(JSON.stringify([ada]));
    const groups = aFile(JSON.stringify([everyone, staff]));
    await expect(openSpec({ type: "okta", path: users, groups })).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("is no list of who is in which groups") as string,
    });
    await expect(openSpec({ type: "okta", path: users, groups: `${groups}.absent` })).rejects.toMatchObject({
      code: "SOURCE_NOT_FOUND",
    });
    await expect.poll(() => openHandles(users) + openHandles(groups)).toBe(0);
  });

  test("are joined to all pages at once", async () => {
    const options: SourceOptions = {
      groups: aFile(lines({ group: staff, users: ["00u1", "00u2", "00u3"] })),
    };
    const path = [aFile(JSON.stringify([ada]), "1.json"), aFile(JSON.stringify([bo]), "2.json")];
    await using source = await openSpec({ type: "okta", path, ...options });
    const groups: unknown[] = [];
    for await (const batch of source.batches())
      groups.push(...batch.map(({ record }) => (record as { groups?: unknown }).groups));
    expect(groups).toEqual([["Staff"], ["Staff"]]);
    expect(source.description).toBe(
      "2 files: JSON array, 3 memberships in groups, of which 1 are of nobody here",
    );
  });
});

describe("Okta's users are recognised", () => {
  const columns = "login,firstName,lastName,middleName,honorificPrefix,email,costCenter,managerId,manager";
  test.each<[string, string, string]>([
    ["a page", JSON.stringify([ada]), "okta"],
    ["one a line", lines(ada, bo), "okta"],
    ["one alone", JSON.stringify(ada, undefined, 2), "okta"],
    ["the import template", `${columns}\n`, "okta"],
    ["groups", JSON.stringify([staff]), "json"],
    ["users of something else", JSON.stringify([{ id: 1, status: "x", profile: { name: "Ada" } }]), "json"],
    ["another table with a login", "login,email,firstName,lastName\n", "csv"],
  ])("or not: %s", async (_what, text, type) => {
    expect((await detectSourceType(aFile(text), SOURCE_TYPES)).type.type).toBe(type);
  });
});
