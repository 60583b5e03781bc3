import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { detectSourceType } from "../../src/extract/detect.ts";
import { ldif } from "../../src/extract/ldif.ts";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { describeFileSource } from "../contract/file-contract.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile, aFolder } from "../support/files.ts";

const CLASSES = ["top", "person", "organizationalPerson", "inetOrgPerson"];

describeFileSource("LDIF", {
  type: ldif,
  start: "version: 1\n\n",
  writeUser: ({ id, name, email }) =>
    [
      `dn: uid=${id},ou=People,dc=example,dc=com`,
      ...CLASSES.map((name) => `objectClass: ${name}`),
      `uid: ${id}`,
      `cn: ${name}`,
      `mail: ${email}`,
    ].join("\n"),
  between: "\n\n",
  end: "\n\n",
  expectedRecord: ({ id, name, email }) => ({
    dn: `uid=${id},ou=People,dc=example,dc=com`,
    objectClass: CLASSES,
    uid: [id],
    cn: [name],
    mail: [email],
  }),
  firstLine: 3,
  linesPerUser: 9,
  broken: { text: "dn: uid=u-2,dc=example,dc=com\nobjectClass: person\noops", place: "line 14: " },
  isOwnText: true,
  wrongFormats: [
    { title: "CSV", text: "id,email\n1,ada@example.com\n", hint: "csv:PATH" },
    { title: "a JSON array", text: '[{"id":"1"}]', hint: "json:PATH" },
    { title: "NDJSON", text: '{"id":"1"}\n{"id":"2"}\n', hint: "ndjson:PATH" },
  ],
});

const read = async (content: string | Uint8Array) => rowsOf(await ldif.open(aFile(content, "a.ldif"), {}));
const recordsOf = async (content: string | Uint8Array) => (await read(content)).map(({ record }) => record);
const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** An entry of a person; further lines come behind its class. */
function aPerson(uid: string, ...lines: readonly string[]): string {
  return [
    `dn: uid=${uid},dc=example,dc=com`,
    "objectClass: inetOrgPerson",
    `uid: ${uid}`,
    ...lines,
    "",
    "",
  ].join("\n");
}

describe("a line", () => {
  const person = (fields: object) => ({
    dn: "uid=zoe,dc=example,dc=com",
    objectClass: ["inetOrgPerson"],
    uid: ["zoe"],
    ...fields,
  });

  test("goes on where the next one begins with a space, be it base64, a name or a comment", async () => {
    const encoded = base64("Zoë Łuc");
    const text = [
      "# a comment that is",
      "  folded: dn: uid=no,dc=example,dc=com",
      "dn: uid=zoe,",
      " dc=example,dc=com",
      "objectClass: inetOrg",
      " Person",
      "# in between",
      "uid: zoe",
      `cn:: ${encoded.slice(0, 3)}`,
      ` ${encoded.slice(3)}`,
      "description:  two  ",
      "  words ",
      "",
      "",
    ].join("\n");
    const expected = [person({ cn: ["Zoë Łuc"], description: ["two   words "] })];
    expect(await recordsOf(text)).toEqual(expected);
    expect(await recordsOf(text.replaceAll("\n", "\r\n"))).toEqual(expected);
  });

  test.each(["\n", "\r\n"])(
    "folded by %j through the bytes of a character is mended, wherever it stands in a block",
    async (lineEnd) => {
      const name = "陈🦀ë";
      const bytes = Buffer.from(name);
      for (let cut = 1; cut < bytes.length; cut += 1) {
        for (const shift of [0, 65_400 + cut]) {
          const text = Buffer.concat([
            Buffer.from(`# ${"x".repeat(shift)}\n${aPerson("zoe").trimEnd()}\ncn: `),
            bytes.subarray(0, cut),
            Buffer.from(`${lineEnd} `),
            bytes.subarray(cut),
            Buffer.from("\n\n"),
          ]);
          expect(await recordsOf(text)).toEqual([person({ cn: [name] })]);
        }
      }
    },
  );

  test("has a value in base64 as its text, and what is no text stays base64", async () => {
    const lines = [
      `cn:: ${base64(" Zoë\n")}`,
      "x-blob:: /wA=",
      "x-control:: AQI=",
      "sn:: Wm/Dqw",
      "street::",
    ];
    expect(await recordsOf(aPerson("zoe", ...lines))).toEqual([
      person({ cn: [" Zoë\n"], "x-blob": ["/wA="], "x-control": ["AQI="], sn: ["Zoë"], street: [""] }),
    ]);
  });

  test("names its attribute in any case, with options, and each has one key", async () => {
    const lines = [
      "MAIL: zoe@example.com",
      "Mail: zoe2@example.com",
      "cn;lang-JA: ゾエ",
      "cn;Lang-ja: 2",
      "memberOf;range=0-1: cn=a,dc=example,dc=com",
      "acmeId: 1",
      "ACMEID: 2",
      "1.2.840.113556.1.4.1: x",
    ];
    expect(await recordsOf(aPerson("zoe", ...lines))).toEqual([
      person({
        mail: ["zoe@example.com", "zoe2@example.com"],
        "cn;lang-ja": ["ゾエ", "2"],
        memberOf: ["cn=a,dc=example,dc=com"],
        acmeId: ["1", "2"],
        "1.2.840.113556.1.4.1": ["x"],
      }),
    ]);
  });

  test("that refers to a file is never followed: the user is rejected, but for a picture", async () => {
    const secret = aFile("fixture-secret of a file");
    const rows = await read(
      aPerson("zoe", `jpegPhoto:< file://${secret}`) + aPerson("bo", `description:< file://${secret}`),
    );
    expect(rows[0]?.record).toEqual(person({}));
    expect(rows[1]).toMatchObject({
      issue: {
        code: "row-unreadable",
        message: "line 9: the value of description stands in another file, which is never opened",
      },
    });
    expect(JSON.stringify(rows)).not.toContain("fixture-secret");
  });

  test("that cannot be read rejects its entry alone, with its number", async () => {
    const flaws: readonly (readonly [string, RegExp])[] = [
      ["no colon", /^line 8: it has no attribute/],
      ["cn:: Zo*", /^line 8: the value of cn is not base64/],
      ["cn:: Zoooo", /^line 8: the value of cn is not base64/],
      ["c n: x", /^line 8: it has no attribute/],
      ["_cn: x", /^line 8: it does not begin with the name/],
      ["changetype: modify\nreplace: sn\nsn: x\n-", /^line 5: the record is a change \(modify\)/],
      ["objectClass: INETORGPERSON", /^line 5: it has an object class twice/],
      ["displayName: A\ndisplayName: B", /^line 5: displayName has 2 values/],
      ["dn: uid=c,dc=example,dc=com", /^line 5: the entry runs into another one, which begins in line 8/],
    ];
    for (const [line, message] of flaws) {
      const rows = await read(aPerson("a") + aPerson("b", line) + aPerson("d"));
      expect(
        rows.flatMap(({ record }) => (record === undefined ? [] : [(record as { uid?: unknown }).uid])),
      ).toEqual([["a"], ["d"]]);
      expect(rows[1]).toMatchObject({
        line: 5,
        issue: { code: "row-unreadable", message: expect.stringMatching(message) as string },
      });
    }
  });
});

describe("an entry", () => {
  test("has a name, in base64 or not, and the value that names it first", async () => {
    const text = [
      `dn:: ${base64("cn=Zoë+uid=ZÖ,dc=example,dc=com")}`,
      "objectClass: person",
      "cn: Other",
      "cn: zoë",
      "uid: a",
      "uid: zö",
      "",
    ];
    expect(await recordsOf(text.join("\n"))).toEqual([
      {
        dn: "cn=Zoë+uid=ZÖ,dc=example,dc=com",
        objectClass: ["person"],
        cn: ["zoë", "Other"],
        uid: ["zö", "a"],
      },
    ]);
  });

  test("of Active Directory has its objectGUID as the UUID that Windows shows", async () => {
    const bytes = Buffer.from("33221100554477668899aabbccddeeff", "hex");
    const [record] = await recordsOf(aPerson("a", `objectGUID:: ${bytes.toString("base64")}`));
    expect(record).toMatchObject({ objectGUID: ["00112233-4455-6677-8899-aabbccddeeff"] });
  });

  test("leaves pictures, certificates and keys out", async () => {
    const lines = ["jpegPhoto", "thumbnailPhoto", "userCertificate;binary", "userPKCS12", "krbPrincipalKey"];
    const [record] = await recordsOf(aPerson("a", ...lines.map((name) => `${name}:: /9j/4A==`)));
    expect(Object.keys(record ?? {})).toEqual(["dn", "objectClass", "uid"]);
  });

  test("is an addition where a change record says so, with the controls of it", async () => {
    const text =
      "dn: uid=a,dc=example,dc=com\ncontrol: 1.2.840.113556.1.4.805 true\nchangetype: add\nobjectClass: person\nuid: a\n";
    expect(await recordsOf(text)).toEqual([
      { dn: "uid=a,dc=example,dc=com", objectClass: ["person"], uid: ["a"] },
    ]);
  });

  test.each<[string, boolean, readonly string[]]>([
    ["a person", true, ["objectClass: person"]],
    ["an account of Unix", true, ["objectClass: account", "objectClass: posixAccount"]],
    ["a user of Active Directory", true, ["objectClass: person", "objectClass: user"]],
    ["a machine", false, ["objectClass: person", "objectClass: user", "objectClass: computer"]],
    ["a contact", false, ["objectClass: person", "objectClass: contact"]],
    ["a group", false, ["objectClass: Group", "sAMAccountName: a", "mail: a@example.com"]],
    ["a folder", false, ["objectClass: organizationalUnit", "mail: a@example.com"]],
    ["one without classes that has a mail address", true, ["mail: a@example.com"]],
    ["a machine without classes", false, ["sAMAccountType: 805306369", "sAMAccountName: a$"]],
    ["a group without classes", false, ["mail: a@example.com", "member: cn=x"]],
    ["one of which nothing is known", false, ["ou: a"]],
    ["one without attributes", false, []],
  ])("that is %s is a user: %j", async (_what, isUser, lines) => {
    const source = await ldif.open(aFile(`${["dn: cn=a,dc=example,dc=com", ...lines].join("\n")}\n\n`), {});
    expect(await rowsOf(source)).toHaveLength(isUser ? 1 : 0);
    expect(source.description).toMatch(isUser ? /^LDIF$/ : /^LDIF, (groups|other entries): 1$/);
  });
});

describe("groups", () => {
  const group = (name: string, ...lines: readonly string[]) =>
    [`dn: cn=${name},ou=Groups,dc=example,dc=com`, "objectClass: groupOfNames", ...lines, "", ""].join("\n");
  const groupsOf = async (text: string, groups?: string) => {
    const source = await ldif.open(aFile(text), { groups });
    return (await rowsOf(source)).map(({ record }) => (record as { memberOf?: unknown }).memberOf);
  };

  test("join their members, before and behind them, however the name is written, and each once", async () => {
    const text =
      group("First", "member: UID=a, DC=Example,DC=com", "member: uid=nobody,dc=example,dc=com") +
      aPerson("a", "memberOf: cn=own,dc=example,dc=com", "memberOf: cn=last,ou=groups,dc=example,dc=com") +
      aPerson("b") +
      group(
        "unique",
        "uniqueMember: uid=\\61,dc=example,dc=com",
        "uniqueMember:: " + base64("uid=b,dc=example,dc=com"),
      ) +
      group("posix", "memberUid: B") +
      group("Last", "member;range=0-1: uid=a,dc=example,dc=com");
    expect(await groupsOf(text)).toEqual([
      [
        "cn=own,dc=example,dc=com",
        "cn=last,ou=groups,dc=example,dc=com",
        "cn=First,ou=Groups,dc=example,dc=com",
        "cn=unique,ou=Groups,dc=example,dc=com",
      ],
      ["cn=unique,ou=Groups,dc=example,dc=com", "cn=posix,ou=Groups,dc=example,dc=com"],
    ]);
  });

  test("of another file join the users of this one", async () => {
    const path = aFile(gzipSync(group("crew", "member: uid=a,dc=example,dc=com")), "groups.ldif.gz");
    expect(await groupsOf(aPerson("a") + aPerson("b"), path)).toEqual([
      ["cn=crew,ou=Groups,dc=example,dc=com"],
      undefined,
    ]);
    await expect(groupsOf(aPerson("a"), aFile("group,member\n"))).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
    });
  });

  test("can have more members than an entry can have bytes", async () => {
    const path = join(aFolder(), "large.ldif");
    const member = `member: uid=${"x".repeat(2_000)},dc=example,dc=com\n`;
    writeFileSync(
      path,
      `${group("all", "member: uid=a,dc=example,dc=com").trimEnd()}\n${member.repeat(9_000)}\n${aPerson("a")}`,
    );
    const [row] = await rowsOf(await ldif.open(path, {}));
    expect(row?.record).toMatchObject({ memberOf: ["cn=all,ou=Groups,dc=example,dc=com"] });
  });
});

test("an entry, or a line, that is longer than any user refuses the file", async () => {
  const value = "x".repeat(6_000_000);
  for (const lines of [[`cn: ${value}${value}${value}`], [`cn: ${value}`, `cn: ${value}`, `cn: ${value}`]]) {
    await expect(read(aPerson("a") + aPerson("b", ...lines))).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("more than 16 MB at line") as string,
    });
  }
});

describe("the output of ldapsearch", () => {
  const page = (people: string, result: string) =>
    `# extended LDIF\n#\n# LDAPv3\n# requesting: mail\n#\n\n${people}# search result\nsearch: 2\nresult: ${result}\n`;
  const counts = (entries: number) => `\n# numResponses: ${entries + 1}\n# numEntries: ${entries}\n`;
  const ref = "# search reference\nref: ldap://other.example.com/dc=example,dc=com??sub\n\n";

  test("is read with what stands around the entries, in pages or not", async () => {
    const first = page(
      aPerson("a") + ref,
      "0 Success\ncontrol: 1.2.840.113556.1.4.319 false MA0CAQ==\npagedresults: cookie=AgAAAA==",
    );
    const last = page(`${aPerson("b")}dn: ou=x,dc=example,dc=com\n\n`, "0 Success\npagedresults: cookie=");
    const rows = await read(first + last + counts(3));
    expect(rows.map(({ record }) => (record as { uid?: unknown }).uid)).toEqual([["a"], ["b"]]);
    const brief = `version: 1\n\n${aPerson("a")}# pagedresults: cookie=AgAA\nversion: 1\n\n${aPerson("b")}# pagedresults: cookie=\n`;
    expect(await read(brief)).toHaveLength(2);
  });

  test.each<[string, string, RegExp]>([
    [
      "was ended by a limit",
      page(aPerson("a"), "4 Size limit exceeded") + counts(1),
      /result 4 Size limit exceeded/,
    ],
    [
      "has lost its end",
      page(aPerson("a"), "").split("# search")[0] ?? "",
      /result that stands at the end is missing/,
    ],
    ["has lost entries", page(aPerson("a"), "0 Success") + counts(2), /counted 2 entries, and it holds 1/],
    ["has lost pages", `${aPerson("a")}# pagedresults: cookie=AgAA\n`, /more pages/],
    ["has lost its last line end", aPerson("a").trimEnd(), /its last line, 3, has no end/],
    [
      "ends behind a name",
      `${aPerson("a")}dn: uid=b,dc=example,dc=com\n`,
      /its last entry, in line 5, has no attributes/,
    ],
  ])("that %s is refused as not whole", async (_what, text, message) => {
    await expect(read(text)).rejects.toMatchObject({
      code: "SOURCE_TRUNCATED",
      message: expect.stringMatching(message) as string,
    });
  });
});

test("another version of LDIF is refused", async () => {
  await expect(read(`version: 2\n\n${aPerson("a")}`)).rejects.toMatchObject({
    code: "SOURCE_FORMAT",
    message: expect.stringContaining("version 2") as string,
  });
});

test.each([
  ["an entry", aPerson("a")],
  ["a name in base64", aPerson("a").replace(/^dn: (.*)$/m, (_, dn: string) => `dn:: ${base64(dn)}`)],
  ["a version", `version: 1\n${aPerson("a")}`],
  ["comments, folded too", `# one\n#\n two\n\n# three\r\n\r\nversion: 1\n\n${aPerson("a")}`],
  ["ldifde", aPerson("a").replace("objectClass", "changetype: add\nobjectClass").replaceAll("\n", "\r\n")],
])("LDIF that begins with %s is recognised", async (_what, text) => {
  expect(await detectSourceType(aFile(text), SOURCE_TYPES)).toMatchObject({ type: { type: "ldif" } });
});

test.each(["dn,mail\nuid=a,a@example.com\n", "dname: x\n", "# dn: uid=a\nid,mail\n"])(
  "%j is not taken for LDIF",
  async (text) => {
    expect(await detectSourceType(aFile(text), SOURCE_TYPES)).toMatchObject({ type: { type: "csv" } });
  },
);
