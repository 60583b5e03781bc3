import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/core/row.ts";
import { detectSourceType } from "../../src/extract/detect.ts";
import { firebase } from "../../src/extract/firebase.ts";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { presetFor } from "../../src/transform/presets/presets.ts";
import { describeFileSource, type SourceFormat } from "../contract/file-contract.ts";
import { aDecider, aPool, rowsOf } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const NO_EXPORT = [{ title: "a CSV with a header", text: "id,mail\n1,ada@example.com\n", hint: "csv:PATH" }];

const json: Omit<SourceFormat, "start" | "end"> = {
  type: firebase,
  writeUser: ({ id, name, email }) => JSON.stringify({ localId: id, displayName: name, email }),
  expectedRecord: ({ id, name, email }) => ({ localId: id, displayName: name, email }),
  between: ",\n",
  firstLine: undefined,
  broken: { text: "null", place: "element 2" },
  wrongFormats: NO_EXPORT,
};

describeFileSource("firebase auth:export as JSON", { ...json, start: '{"users": [\n', end: "]}\n" });

/** A line of so many fields; those that are not named are empty. */
function line(width: number, fields: Readonly<Record<number, string>>): string {
  return Array.from({ length: width }, (_, index) => fields[index] ?? "").join(",");
}

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

describeFileSource("firebase auth:export as CSV", {
  type: firebase,
  start: "",
  // The e-mail address of a provider stands behind the name.
  writeUser: ({ id, name, email }) => line(53, { 0: id, 2: "true", 5: quoted(name), 7: "g", 8: email }),
  expectedRecord: ({ id, name, email }) => ({
    localId: id,
    displayName: name,
    emailVerified: true,
    providerUserInfo: [{ providerId: "google.com", rawId: "g", email }],
  }),
  between: "\n",
  end: "\n",
  firstLine: 1,
  broken: { text: "u-2,only,three", place: "line 2: it has 3 fields, the others 53" },
  isOwnText: true,
  wrongFormats: NO_EXPORT,
});

const open = async (text: string) => firebase.open(aFile(text), {});
const read = async (text: string) => rowsOf(await open(text));

/** Users of a file of lines, and the messages of those that are rejected. */
async function outcome(lines: readonly string[]): Promise<readonly string[]> {
  const rows = await read(lines.map((each) => `${each}\n`).join(""));
  return rows.map((row) =>
    row.record === undefined
      ? `${row.issue.code} ${row.issue.message}`
      : ((row.record as JsonObject)["localId"] as string),
  );
}

const user = (width: number, id: string, over: Readonly<Record<number, string>> = {}): string =>
  line(width, { 0: id, 1: `${id}@example.com`, 2: "true", 23: "1704067200000", ...over });

describe("the CSV of each time", () => {
  test.each([
    ["newest-53.csv", 7],
    ["2023-29.csv", 6],
    ["2020-28.csv", 6],
    ["2019-27.csv", 5],
  ])("%s has the users that the JSON has, but for what it cannot say", async (file, count) => {
    const written = (await rowsOf(await firebase.open("fixtures/firebase/export.json", {}))).map(
      ({ record }) => record as JsonObject,
    );
    const rows = await rowsOf(await firebase.open(`fixtures/firebase/${file}`, {}));
    const whole = rows.flatMap(({ record }) => (record === undefined ? [] : [record as JsonObject]));
    expect(whole).toHaveLength(count);
    const width = Number(file.slice(-6, -4));
    for (const found of whole) {
      const { disabled, customAttributes, ...others } =
        written.find((each) => each["localId"] === found["localId"]) ?? {};
      expect(found).toEqual({
        ...others,
        ...(width > 27 && disabled !== undefined ? { disabled } : {}),
        ...(width > 28 && customAttributes !== undefined ? { customAttributes } : {}),
      });
    }
  });

  test("providers of the newest one are read by their places", async () => {
    const fields = Object.fromEntries([7, 11, 15, 19, 28, 32, 36, 40, 44, 48].map((at) => [at, `id-${at}`]));
    const [row] = await read(`${user(53, "all", fields)}\n`);
    expect(row?.record).toHaveProperty("providerUserInfo", [
      { providerId: "google.com", rawId: "id-7" },
      { providerId: "facebook.com", rawId: "id-11" },
      { providerId: "twitter.com", rawId: "id-15" },
      { providerId: "github.com", rawId: "id-19" },
      { providerId: "apple.com", rawId: "id-28" },
      { providerId: "microsoft.com", rawId: "id-32" },
      { providerId: "gc.apple.com", rawId: "id-36" },
      { providerId: "playgames.google.com", rawId: "id-40" },
      { providerId: "linkedin.com", rawId: "id-44" },
      { providerId: "yahoo.com", rawId: "id-48" },
    ]);
  });

  test("says which one it is, and that the oldest one does not tell who is disabled", async () => {
    expect((await open(`${user(29, "a")}\n`)).description).toBe("CSV of 29 fields");
    expect((await open(`${user(27, "a")}\n`)).description).toContain("do not say who is disabled");
  });
});

describe("a line that cannot be trusted is rejected alone, with its number", () => {
  test("one with more or fewer fields than the others, though another time wrote as many", async () => {
    for (const [width, other] of [
      [27, 28],
      [28, 29],
      [29, 27],
      [29, 53],
      [53, 29],
      [29, 30],
    ] as const) {
      expect(await outcome([user(width, "a"), user(other, "b"), user(width, "c")])).toEqual([
        "a",
        `row-ragged line 2: it has ${other} fields, the others ${width}`,
        "c",
      ]);
    }
  });

  test("claims that were written without quotes", async () => {
    const claims = user(29, "b", { 27: '{"a":1,"b":2}' });
    expect(await outcome([user(29, "a"), claims, user(29, "c")])).toEqual([
      "a",
      "row-unreadable line 2: a quoted value goes on behind its last quote",
      "c",
    ]);
  });

  test.each([
    ["a flag", { 2: "https://example.com/b.png" }, "field 3 is neither true nor false"],
    ["a time", { 23: "+12025550100" }, "field 24 is no time in milliseconds"],
    ["another time", { 24: "yesterday" }, "field 25 is no time in milliseconds"],
    ["whether it is disabled", { 26: "{}" }, "field 27 is neither true nor false"],
    ["an id", { 0: "" }, "field 1, the user's id, is empty"],
    ["nothing behind the last comma", { 28: "x" }, "there is a value behind its last comma"],
  ])("one without %s where it should be", async (_title, over, message) => {
    expect(await outcome([user(29, "a"), user(29, "b", over), user(29, "c")])).toEqual([
      "a",
      `row-unreadable line 2: ${message}`,
      "c",
    ]);
  });

  test("a name in quotes that holds quotes of its own; one without is read as it stands", async () => {
    const lines = [
      user(29, "a", { 5: 'Ann "Annie" Lee' }),
      user(29, "b", { 5: '"Bo "the second", Lee"' }),
      user(29, "c", { 5: '"Cem, Lee"' }),
    ];
    expect(await outcome(lines)).toEqual([
      "a",
      "row-unreadable line 2: a quoted value goes on behind its last quote",
      "c",
    ]);
    const rows = await read(`${lines[0]}\n`);
    expect(rows[0]?.record).toMatchObject({ displayName: 'Ann "Annie" Lee' });
  });

  test("a name with a line break, which makes two lines of it", async () => {
    const [before = "", after = ""] = user(29, "b", { 5: "Ann|Lee" }).split("|");
    expect(await outcome([user(29, "a"), before, after, user(29, "c")])).toEqual([
      "a",
      "row-ragged line 2: it has 6 fields, the others 29",
      "row-ragged line 3: it has 24 fields, the others 29",
      "c",
    ]);
  });

  test("a quote that nothing closes", async () => {
    const padding = Array.from({ length: 100 }, (_, index) => user(29, `p${index}`));
    const found = await outcome([user(29, "a", { 5: '"Ann' }), ...padding]);
    expect(found[0]).toBe("row-unreadable line 1: a quote is not closed in it");
    expect(found.slice(1)).toEqual(padding.map((_, index) => `p${index}`));
  });

  test("what may be a line within somebody's name, though it looks like a user", async () => {
    const forged = [user(29, "b", { 5: '"Bo' }), user(29, "root"), `x,",${",".repeat(22)}`];
    for (const width of [29, 53]) {
      const lines = [user(29, "a"), ...forged, user(29, "c")].map((each) =>
        width === 29 ? each : each.replace(/^(?=[abc]|root)(.*)$/, `$1${",".repeat(24)}`),
      );
      const found = await outcome(lines);
      expect(found.filter((each) => !each.startsWith("row-"))).toEqual(["a", "c"]);
      expect(found[2]).toContain("line 3: it may belong to a value that begins in line 2");
    }
  });
});

test("a value over several lines is read in the newest layout, and the lines behind it keep their numbers", async () => {
  const rows = await read(
    `${user(53, "a", { 5: '"Ann\r\n\n""Annie"", Lee"' })}\n${user(53, "b")}\n${user(53, "c", { 2: "?" })}\n`,
  );
  expect(rows.map(({ seq, line: at }) => [seq, at])).toEqual([
    [1, 1],
    [2, 4],
    [3, 5],
  ]);
  expect(rows[0]?.record).toMatchObject({ localId: "a", displayName: 'Ann\n\n"Annie", Lee' });
  expect(rows[2]).toMatchObject({ issue: { message: expect.stringContaining("line 5:") as string } });
});

test("a file whose lines do not tell what they mean is refused", async () => {
  await expect(read(`${user(27, "a")}\n${user(28, "b")}\n`)).rejects.toMatchObject({
    code: "SOURCE_FORMAT",
    message: expect.stringContaining("as many lines of 27 fields as of 28") as string,
  });
});

test("a user with a password or a number is not social only, though the exporter leaves that out", async () => {
  const preset = presetFor("firebase")?.mapping ?? {};
  const decide = aDecider({ pool: aPool(), preset });
  const google = [{ providerId: "google.com", rawId: "1" }];
  const users = [
    { localId: "a", email: "a@example.com", providerUserInfo: google },
    { localId: "b", email: "b@example.com", providerUserInfo: google, passwordHash: "x" },
    { localId: "c", phoneNumber: "+12025550135", providerUserInfo: google },
    { localId: "d", providerUserInfo: [] },
  ];
  const rows = await read(JSON.stringify({ users }));
  expect(rows.map((row) => decide(row).notSent?.causes[0]?.code)).toEqual([
    "user-social-only",
    undefined,
    undefined,
    "user-anonymous",
  ]);
});

test("text messages stay the second factor where their number is the user's own", async () => {
  const preset = presetFor("firebase")?.mapping ?? {};
  const decide = aDecider({ pool: aPool({ mfa: "OPTIONAL" }), preset });
  const rows = await rowsOf(await firebase.open("fixtures/firebase/accounts.json", {}));
  expect(rows.map((row) => decide(row).smsMfa)).toEqual([false, false, true, false, false]);
});

test("times are milliseconds, and the last sign-in goes before the creation", async () => {
  const preset = presetFor("firebase")?.mapping ?? {};
  const decide = aDecider({ preset });
  const rows = await rowsOf(await firebase.open("fixtures/firebase/export.json", {}));
  expect(rows.map((row) => decide(row).changedAt).slice(0, 2)).toEqual([
    1_735_689_600_000, 1_704_067_200_001,
  ]);
});

describe("what is taken for Firebase's", () => {
  test.each([
    ["export.json", "its users have localId"],
    ["accounts.json", "its users have localId"],
    ["newest-53.csv", "its lines are those of firebase auth:export"],
    ["2023-29.csv", "its lines are those of firebase auth:export"],
    ["2020-28.csv", "its lines are those of firebase auth:export"],
    ["2019-27.csv", "its lines are those of firebase auth:export"],
  ])("%s is", async (file, why) => {
    const found = await detectSourceType(`fixtures/firebase/${file}`, SOURCE_TYPES);
    expect([found.type.type, found.why]).toEqual(["firebase", why]);
  });

  test.each([
    ["a table of 29 columns", `${Array.from({ length: 29 }, (_, index) => `c${index}`).join(",")}\n`],
    ["users with a localId of their own", '{"users":[{"localId":"1","login":"ada"}]}'],
  ])("%s is not", async (_title, text) => {
    expect((await detectSourceType(aFile(text), SOURCE_TYPES)).type.type).not.toBe("firebase");
  });
});
