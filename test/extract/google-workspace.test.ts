import { describe, expect, test } from "vitest";
import { csv } from "../../src/extract/csv.ts";
import { detectSourceType } from "../../src/extract/detect.ts";
import { googleWorkspace } from "../../src/extract/google-workspace.ts";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { describeFileSource } from "../contract/file-contract.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

describeFileSource("the CSV of Google's Admin console", {
  type: googleWorkspace,
  start:
    "Employee ID,First Name [Required],Last Name [Required],Org Unit Path [Required],Email Address [Required]\n",
  writeUser: ({ id, name, email }) => `${id},"${name.replaceAll('"', '""')}",,/,${email}`,
  between: "\n",
  end: "\n",
  expectedRecord: ({ id, name, email }) => [id, name, "", "/", email],
  firstLine: 2,
  broken: { text: "1,Ada,N,/", place: "line 3 has 4 fields" },
  wrongFormats: [
    { title: "another CSV", text: "First Name,Email\nAda,ada@example.com\n", hint: "csv:PATH" },
    { title: "JSON", text: '[{"primaryEmail":"ada@example.com"}]', hint: "json:PATH" },
  ],
});

describe("the columns of Google's CSV", () => {
  test.each([
    ["Email Address [Required]", "Email Address"],
    [" Email Address[Required] ", "Email Address"],
    ["Recovery Phone [MUST BE IN THE E.164 FORMAT]", "Recovery Phone"],
    ["2sv Enrolled [READ ONLY]", "2sv Enrolled"],
    ["Change Password at Next Sign-In", "Change Password at Next Sign-In"],
    ["[odd] Level", "[odd] Level"],
  ])("%j is known as %j", async (column, name) => {
    const others = ["First Name", "Last Name", "Org Unit Path", "Email Address"].filter(
      (each) => each !== name,
    );
    const header = [...others, column].join(",");
    const source = await googleWorkspace.open(aFile(`${header}\n${",".repeat(others.length)}x\n`), {});
    expect(source.shape).toEqual({ kind: "table", columns: [...others, name] });
    expect(await rowsOf(source)).toHaveLength(1);
  });

  test("are told soon, however long a name is", async () => {
    const header = ["First Name", "Last Name", "Org Unit Path", "Email Address", `${" ".repeat(200_000)}x`];
    const { type } = await detectSourceType(aFile(`${header.join(",")}\n1,2,3,4,5\n`), SOURCE_TYPES);
    expect(type).toBe(csv);
  });

  test("are refused where two are the same without their brackets", async () => {
    const header = "First Name,Last Name,Org Unit Path,Email Address,Status [READ ONLY],Status";
    await expect(googleWorkspace.open(aFile(`${header}\n,,,,,\n`), {})).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("stand for Status") as string,
    });
  });
});
