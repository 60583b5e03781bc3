import { pbkdf2Sync } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/core/row.ts";
import { aspnet } from "../../src/extract/aspnet.ts";
import { detectSourceType } from "../../src/extract/detect.ts";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { aspnet as preset } from "../../src/transform/presets/aspnet.ts";
import { describeFileSource } from "../contract/file-contract.ts";
import { aBareRow, aDecider, rowsOf, sentAttributes } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

describeFileSource("a CSV of AspNetUsers", {
  type: aspnet,
  start: "Id,UserName,Claims,Email\n",
  writeUser: ({ id, name, email }) => [id, name, "[]", email].map(quoted).join(","),
  between: "\n",
  end: "\n",
  expectedRecord: ({ id, name, email }) => ({ Id: id, UserName: name, Claims: [], Email: email }),
  firstLine: 2,
  broken: { text: "u-2,B", place: "line 3" },
  wrongFormats: [],
});

describe("ASP.NET Identity's users", () => {
  const decide = aDecider({ preset: preset.mapping });
  const aUser = (fields: JsonObject) =>
    decide(aBareRow({ Id: "1", UserName: "ada", Email: "a@example.com", EmailConfirmed: 1, ...fields }));

  test.each([
    [
      "the table of Core",
      "Id,UserName,NormalizedUserName,SecurityStamp,LockoutEnd,AccessFailedCount",
      "aspnet",
    ],
    [
      "the table before Core",
      "Id,Email,SecurityStamp,LockoutEndDateUtc,AccessFailedCount,UserName",
      "aspnet",
    ],
    ["another table", "Id,UserName,Email,PasswordHash", "csv"],
  ])("%s is recognised as what it is", async (_what, header, type) => {
    const cells = header.replaceAll(/\w+/g, "x");
    expect((await detectSourceType(aFile(`${header}\n${cells}\n`), SOURCE_TYPES)).type.type).toBe(type);
  });

  test("stand below lines that are passed over, whatever these look like", async () => {
    const path = aFile("[AspNetUsers]\nId,Claims\n1,[]\n");
    expect(await rowsOf(await aspnet.open(path, { skipLines: 1 }))).toEqual([
      { seq: 1, line: 3, record: { Id: "1", Claims: [] } },
    ]);
  });

  test("their hashes of version 3 with SHA-256 become what verifies the same passwords", async () => {
    const rows = await rowsOf(await aspnet.open("fixtures/aspnet/users.csv", {}));
    const digest = pbkdf2Sync("aspnet-1", "saltsaltsaltsal1", 100_000, 32, "sha256");
    const text = rows.map(decide)[0]?.passwordHash?.value;
    expect(text).toMatch(/^\$pbkdf2-sha256\$100000\$/);
    expect(text?.split("$").at(-1)).toBe(digest.toString("base64").replaceAll("+", ".").replace(/=+$/, ""));
  });

  test.each<[string, JsonObject, boolean]>([
    ["until 9999", { LockoutEnd: "9999-12-31T23:59:59.9999999+00:00", LockoutEnabled: 1 }, true],
    ["until 2099, without saying that it may be", { LockoutEnd: "2099-01-01 00:00:00 +01:00" }, true],
    [
      "in the column before Core, in UTC",
      { LockoutEndDateUtc: "2099-01-01 00:00:00", LockoutEnabled: "True" },
      true,
    ],
    ["until a time that is over", { LockoutEnd: "2024-01-01 00:00:00 +00:00", LockoutEnabled: 1 }, false],
    ["but cannot be", { LockoutEnd: "9999-12-31 23:59:59.9999999 +00:00", LockoutEnabled: "0" }, false],
    ["until what is no time", { LockoutEnd: "for good", LockoutEnabled: 1 }, true],
    ["until NULL", { LockoutEnd: "NULL", LockoutEnabled: 1 }, false],
  ])("who is locked out %s", (_what, fields, isDisabled) => {
    expect(aUser(fields).followUps.some(({ kind }) => kind === "disable")).toBe(isDisabled);
  });

  test("names are claims, short or as an address, before columns", () => {
    const claim = (ClaimType: string, ClaimValue: string) => ({ ClaimType, ClaimValue });
    const soap = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
    const user = aUser({
      FirstName: "column",
      LastName: "Column",
      Claims: [claim("tier", "gold"), claim(`${soap}/givenname`, "Ada"), claim("given_name", "second")],
    });
    expect(sentAttributes(user).get("given_name")).toBe("Ada");
    expect(sentAttributes(user).get("family_name")).toBe("Column");
  });

  test.each([
    [true, ["mfa-not-importable"]],
    ["1", ["mfa-not-importable"]],
    [0, []],
    ["False", []],
  ])("a TwoFactorEnabled of %j is told, and never taken for text messages", (TwoFactorEnabled, codes) => {
    const user = aUser({ TwoFactorEnabled, PhoneNumber: "+12025550101" });
    expect(user.smsMfa).toBe(false);
    expect(user.issues.map(({ code }) => code)).toEqual(codes);
  });
});
