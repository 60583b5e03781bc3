import { describe, expect, test } from "vitest";
import { entra } from "../../src/extract/entra.ts";
import { describeFileSource, type SourceFormat } from "../contract/file-contract.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

const graph: Omit<SourceFormat, "start" | "between" | "end" | "firstLine" | "broken"> = {
  type: entra,
  writeUser: ({ id, name, email }) => JSON.stringify({ id, displayName: name, userPrincipalName: email }),
  expectedRecord: ({ id, name, email }) => ({ id, displayName: name, userPrincipalName: email }),
  wrongFormats: [],
};

describeFileSource("a page of Microsoft Graph", {
  ...graph,
  start: '{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users","value":[\n',
  between: ",\n",
  end: '\n],"@odata.nextLink":"https://graph.microsoft.com/v1.0/users?$skiptoken=x"}',
  firstLine: undefined,
  broken: { text: '{"id":"2","jobTitle":"Pilot"}', place: "element 2: it has neither userPrincipalName" },
});
describeFileSource("the CSV of Entra's admin center", {
  ...graph,
  start: "userPrincipalName,displayName,id,mail\n",
  writeUser: ({ id, name, email }) => `${email},${quoted(name)},${id},${email}`,
  expectedRecord: ({ id, name, email }) => ({ userPrincipalName: email, displayName: name, id, mail: email }),
  between: "\n",
  end: "\n",
  firstLine: 2,
  broken: { text: "a@example.com,A", place: "line 3 has 2 fields" },
  wrongFormats: [{ title: "another CSV", text: "Id,Email\n1,ada@example.com\n", hint: "csv:PATH" }],
});

async function read(text: string) {
  const source = await entra.open(aFile(text), {});
  const records = (await rowsOf(source)).map(({ record }) => record);
  return { description: source.description, records };
}

describe("Entra's CSVs", () => {
  test.each([
    [
      "of the admin center today",
      "userPrincipalName,displayName,id,mobilePhone,officeLocation,accountEnabled",
    ],
    [
      "of the admin center before",
      "userPrincipalName,displayName,objectId,mobile,physicalDeliveryOfficeName,accountEnabled",
    ],
    [
      "of Get-MgUser",
      '"UserPrincipalName","DisplayName","Id","MobilePhone","OfficeLocation","AccountEnabled"',
    ],
  ])("%s have Graph's names", async (_whose, header) => {
    const { records, description } = await read(
      `\uFEFF${header}\r\na@example.com,Ada,1,+12025550100,East,True\r\n`,
    );
    expect(records).toEqual([
      {
        userPrincipalName: "a@example.com",
        displayName: "Ada",
        id: "1",
        mobilePhone: "+12025550100",
        officeLocation: "East",
        accountEnabled: "True",
      },
    ]);
    expect(description).not.toContain("accountEnabled");
  });

  test("of Microsoft 365 have them too, with a block in place of a permission", async () => {
    const { records } = await read(
      "Block credential,Display name,First name,Last name,Object Id,User principal name\nTrue,Ada N,Ada,N,1,a@example.com\n",
    );
    expect(records).toEqual([
      {
        blockCredential: "True",
        displayName: "Ada N",
        givenName: "Ada",
        surname: "N",
        id: "1",
        userPrincipalName: "a@example.com",
      },
    ]);
  });

  test("stand below lines that are passed over, and say there who is disabled", async () => {
    const path = aFile(
      "[users]\nuserPrincipalName,displayName,id,accountEnabled\na@example.com,Ada,1,False\n",
    );
    const source = await entra.open(path, { skipLines: 1 });
    expect(await rowsOf(source)).toMatchObject([{ record: { id: "1", accountEnabled: "False" } }]);
    expect(source.description).not.toContain("accountEnabled");
  });

  test("of other names stay as they are, those that every object has as well", async () => {
    const { records } = await read("userPrincipalName,displayName,id,Constructor\na@example.com,Ada,1,x\n");
    expect(records).toEqual([
      { userPrincipalName: "a@example.com", displayName: "Ada", id: "1", Constructor: "x" },
    ]);
  });

  test("lists in a cell are lists", async () => {
    const { records } = await read(
      "userPrincipalName,displayName,id,alternateEmailAddress,telephoneNumber\na@example.com,Ada,1,x@example.com; y@example.com,\n",
    );
    expect(records).toMatchObject([{ otherMails: ["x@example.com", "y@example.com"], businessPhones: [] }]);
  });

  test.each([
    [
      "in another language",
      "Benutzerprinzipalname,Anzeigename,Objekt-ID\nada,Ada,1\n",
      "it has other columns",
    ],
    [
      "with two columns for one thing",
      "userPrincipalName,displayName,id,objectId\nada,Ada,1,2\n",
      "stand for id",
    ],
  ])("%s are refused", async (_what, text, message) => {
    await expect(read(text)).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining(message) as string,
    });
  });
});

describe("Graph's users", () => {
  const user = { id: "1", userPrincipalName: "a@example.com", mail: null };

  test("that stand alone are one user", async () => {
    expect((await read(JSON.stringify({ "@odata.context": "x", ...user }))).records).toMatchObject([user]);
  });

  test("who were deleted since stay, as what they are", async () => {
    const removed = { id: "2", "@removed": { reason: "deleted" } };
    const { records } = await read(JSON.stringify({ "@odata.deltaLink": "x", value: [removed, user] }));
    expect(records).toEqual([removed, user]);
  });

  test.each<[string, object, boolean]>([
    ["without accountEnabled", { value: [user] }, true],
    ["with it", { value: [{ ...user, accountEnabled: true }] }, false],
    ["of a delta that begins with a deletion", { value: [{ id: "2", "@removed": {} }] }, false],
    ["of whom there is none", { value: [] }, true],
  ])("%s: the description says whether it is known who is disabled", async (_what, document, isSaid) => {
    expect((await read(JSON.stringify(document))).description.includes("nobody counts as disabled")).toBe(
      isSaid,
    );
  });
});
