import { createServer, type AddressInfo } from "node:net";
import { Attribute, Change, Client } from "ldapts";
import { describe, expect, onTestFinished, test } from "vitest";
import { FerryError } from "../../src/core/ferry-error.ts";
import { ldif } from "../../src/extract/ldif.ts";
import type { SourceSpec } from "../../src/extract/open-source.ts";
import { describeSourceContract, openSpec, type KnownUser } from "../contract/source-contract.ts";
import { rowsOf } from "../support/builders.ts";
import { aFakeDirectory } from "../support/fake-directory.ts";
import { aFile } from "../support/files.ts";
import { aDirectory, ADMIN, HAS_SLAPD, SUFFIX } from "../support/slapd.ts";

function writeUser({ id, name, email }: KnownUser): string {
  const lines = [
    `dn: uid=${id},${SUFFIX}`,
    "objectClass: inetOrgPerson",
    `uid: ${id}`,
    `cn:: ${Buffer.from(name).toString("base64")}`,
    "sn: x",
    `mail: ${email}`,
  ];
  return `${lines.join("\n")}\n\n`;
}

/** The server adds attributes of its own. */
const expectedRecord = ({ id, name, email }: KnownUser) =>
  expect.objectContaining({
    dn: `uid=${id},${SUFFIX}`,
    objectClass: ["inetOrgPerson"],
    uid: [id],
    cn: [name],
    mail: [email],
  }) as never;

const aPerson = (uid: string, ...lines: readonly string[]): string =>
  [
    `dn: uid=${uid},ou=people,${SUFFIX}`,
    "objectClass: inetOrgPerson",
    `uid: ${uid}`,
    `cn: ${uid}`,
    "sn: x",
    ...lines,
    "",
    "",
  ].join("\n");
const aUnit = (name: string): string =>
  `dn: ou=${name},${SUFFIX}\nobjectClass: organizationalUnit\nou: ${name}\n\n`;

async function read(spec: SourceSpec) {
  await using source = await openSpec(spec);
  const rows = await rowsOf(source);
  return {
    users: rows.map(({ record }) => record as Readonly<Record<string, readonly string[]>>),
    cursor: source.cursor,
    description: source.description,
  };
}

/** The error of reading; its words, and those of its causes, hold no password. */
async function errorOf(spec: SourceSpec): Promise<FerryError> {
  const error = await read(spec).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof FerryError)) throw new Error("reading threw no FerryError", { cause: error });
  expect(JSON.stringify([error.message, error.hint, String(error.cause), error.stack])).not.toContain(
    "fixture-secret",
  );
  return error;
}

describe.runIf(HAS_SLAPD)("a live directory", () => {
  describeSourceContract("LDAP", {
    put: async (users) => {
      let text = "";
      for (const user of users) text += writeUser(user);
      return (await aDirectory(text)).spec;
    },
    expectedRows: (users) =>
      users.map((user, index) => ({ seq: index + 1, line: undefined, record: expectedRecord(user) })),
    openHandles: () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length,
    manyUsers: 8_000,
  });

  test("gives the records that its export as LDIF gives, with the groups that stand beside the users", async () => {
    const guid = Buffer.from("33221100554477668899aabbccddeeff", "hex").toString("base64");
    const text =
      aUnit("people") +
      aUnit("groups") +
      aPerson(
        "ann",
        "jpegPhoto:: /9j/4A==",
        "userPassword: {SSHA}x",
        "preferredLanguage: de",
        "cn;lang-ja:: 44OI",
      ) +
      `dn: cn=Bo,ou=people,${SUFFIX}\nobjectClass: user\ncn: Bo\nsAMAccountName: bo\nobjectGUID:: ${guid}\nuserAccountControl: 512\nwhenChanged: 20240720205412.0Z\n\n` +
      `dn: cn=PC,ou=people,${SUFFIX}\nobjectClass: user\nobjectClass: computer\ncn: PC\nsAMAccountName: PC$\n\n` +
      `dn: cn=crew,ou=groups,${SUFFIX}\nobjectClass: groupOfNames\ncn: crew\nmember: uid=ann,ou=people,${SUFFIX}\nmember: cn=Bo,ou=people,${SUFFIX}\n\n` +
      `dn: cn=wheel,ou=groups,${SUFFIX}\nobjectClass: posixGroup\ncn: wheel\ngidNumber: 1\nmemberUid: ann\n\n`;
    const { spec } = await aDirectory(text, { skipsSchema: true });
    const { users, description } = await read({ ...spec, baseDn: `ou=people,${SUFFIX}` });
    const exported = (await rowsOf(await ldif.open(aFile(text), {}))).map(({ record }) => record);
    expect(exported).toHaveLength(2);
    for (const [index, record] of exported.entries()) expect(users[index]).toMatchObject(record as object);
    expect(users.map(({ memberOf }) => memberOf)).toEqual([
      [`cn=crew,ou=groups,${SUFFIX}`, `cn=wheel,ou=groups,${SUFFIX}`],
      [`cn=crew,ou=groups,${SUFFIX}`],
    ]);
    expect(users[0]).not.toHaveProperty("jpegPhoto");
    expect(description).toMatch(
      /^LDAP at 127\.0\.0\.1:\d+, without encryption, below ou=people,dc=example,dc=com, groups: 2, other entries: 1$/,
    );
  });

  test("is asked only for what the filter says, below the base", async () => {
    const { spec } = await aDirectory(
      aUnit("people") +
        aPerson("ann", "mail: a@example.com") +
        aPerson("bo") +
        writeUser({ id: "out", name: "Out", email: "o@example.com" }),
    );
    const names = async (over: Partial<SourceSpec>) =>
      (await read({ ...spec, ...over })).users.map(({ uid }) => uid?.[0]);
    expect(await names({})).toEqual(["ann", "bo", "out"]);
    expect(await names({ filter: "(mail=*)" })).toEqual(["ann", "out"]);
    expect(await names({ baseDn: `ou=People, ${SUFFIX}`, filter: "(!(mail=*))" })).toEqual(["bo"]);
  });

  test("gives what changed since, by an attribute of times, with what changed in the same second", async () => {
    const { spec, url } = await aDirectory(aUnit("people") + aPerson("ann") + aPerson("bo"));
    const stamp = async (uid: string): Promise<string> => {
      const { users } = await read({ ...spec, filter: `(uid=${uid})` });
      return users[0]?.["modifyTimestamp"]?.[0] ?? "";
    };
    const changing = { ...spec, cursorColumn: "modifyTimestamp" };
    const before = await read(changing);
    expect(before.users).toHaveLength(2);
    expect(before.cursor).toBe(await stamp("ann"));
    // The clock of the server counts seconds.
    await expect
      .poll(
        async () => {
          await modify(url, "bo");
          return (await stamp("bo")) > before.cursor;
        },
        { interval: 200 },
      )
      .toBe(true);
    const later = await read({ ...changing, after: await stamp("bo") });
    expect(later.users.map(({ uid }) => uid)).toEqual([["bo"]]);
    expect(later.cursor).toBe(await stamp("bo"));
    expect(await read({ ...changing, after: "20990101000000Z" })).toMatchObject({
      users: [],
      cursor: "20990101000000Z",
    });
  });

  test.each(["starttls", "ldaps"])(
    "is read by %s where its authority is known, and not otherwise",
    async (how) => {
      const { spec, ldapsUrl, caFile } = await aDirectory(aUnit("people") + aPerson("ann"), { tls: true });
      const secure: SourceSpec =
        how === "ldaps" ? { ...spec, connectionUrl: ldapsUrl } : { ...spec, startTls: true };
      const { users, description } = await read({ ...secure, caFile });
      expect(users).toHaveLength(1);
      expect(description).toContain(how === "ldaps" ? "TLS" : "StartTLS");
      expect(await errorOf(secure)).toMatchObject({
        code: "SOURCE_UNREACHABLE",
        message: expect.stringContaining("certificate") as string,
        hint: expect.stringContaining("source.caFile") as string,
      });
      await expect
        .poll(() => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap"))
        .toEqual([]);
    },
  );

  test("is refused for a certificate of another name", async () => {
    const { spec, caFile, ldapsUrl } = await aDirectory(aUnit("people"), {
      tls: true,
      names: "DNS:elsewhere.example.com",
    });
    for (const over of [{ connectionUrl: ldapsUrl }, { startTls: true }]) {
      expect(await errorOf({ ...spec, ...over, caFile })).toMatchObject({
        code: "SOURCE_UNREACHABLE",
        message: expect.stringContaining("ERR_TLS_CERT_ALTNAME_INVALID") as string,
      });
    }
  });

  test.each<[string, Partial<SourceSpec>, string, RegExp]>([
    [
      "a wrong password",
      { bindPassword: "fixture-secret, and wrong" },
      "SOURCE_REFUSED",
      /refuses the bind.*0x31/,
    ],
    ["a name that is none", { bindDn: "nobody" }, "SOURCE_REFUSED", /refuses the bind.*0x22/],
    [
      "a base that is not there",
      { baseDn: `ou=none,${SUFFIX}` },
      "SOURCE_REFUSED",
      /refuses the search.*0x20/,
    ],
    ["a base that is no name", { baseDn: "people" }, "SOURCE_REFUSED", /0x22/],
    [
      "an anonymous reader, where it may not read",
      { bindDn: undefined, bindPassword: undefined },
      "SOURCE_REFUSED",
      /search/,
    ],
    ["StartTLS that it does not speak", { startTls: true }, "SOURCE_REFUSED", /StartTLS/],
    ["a filter that is none", { filter: "(uid=" }, "USAGE", /source\.filter/],
    ["a name without a password", { bindPassword: "" }, "USAGE", /go together/],
    ["no column of changes", { cursorColumn: "a=b" }, "USAGE", /source\.cursorColumn/],
    ["a column that entries lack", { cursorColumn: "uSNChanged" }, "USAGE", /no uSNChanged/],
    ["a place of another kind", { cursorColumn: "modifyTimestamp", after: "*" }, "USAGE", /source\.after/],
    ["no address", { connectionUrl: "127.0.0.1" }, "USAGE", /address/],
    ["a web address", { connectionUrl: "http://127.0.0.1" }, "USAGE", /address/],
    [
      "credentials in the address",
      { connectionUrl: "ldap://a:fixture-secret@127.0.0.1" },
      "USAGE",
      /more than/,
    ],
    ["a base in the address", { connectionUrl: "ldap://127.0.0.1/dc=example" }, "USAGE", /more than/],
    ["a file of authorities that is not there", { caFile: "/nowhere/ca.pem" }, "USAGE", /ENOENT/],
  ])("refuses %s", async (_what, over, code, message) => {
    const { spec } = await aDirectory(aUnit("people") + aPerson("ann"), { config: "access to * by * auth" });
    expect(await errorOf({ ...spec, ...over })).toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  test("is not read in part where the account may not read all of it", async () => {
    const text = Array.from({ length: 12 }, (_, index) => aPerson(`u${index}`)).join("");
    const { spec } = await aDirectory(aUnit("people") + text, { config: "sizelimit size=5 size.prtotal=5" });
    expect(await errorOf({ ...spec, bindDn: undefined, bindPassword: undefined })).toMatchObject({
      code: "SOURCE_REFUSED",
      hint: expect.stringContaining("limits") as string,
    });
    expect((await read(spec)).users).toHaveLength(12);
  });

  test("gives more entries than a page holds, each once", async () => {
    const text = Array.from({ length: 1_203 }, (_, index) => aPerson(`u${index}`)).join("");
    const { spec } = await aDirectory(aUnit("people") + text);
    const { users } = await read(spec);
    expect(new Set(users.map(({ uid }) => uid?.[0])).size).toBe(1_203);
    expect(users).toHaveLength(1_203);
  });
});

async function modify(url: string, uid: string): Promise<void> {
  await using client = new Client({ url });
  await client.bind(ADMIN.dn, ADMIN.password);
  const modification = new Attribute({ type: "description", values: [String(Math.random())] });
  await client.modify(`uid=${uid},ou=people,${SUFFIX}`, new Change({ operation: "replace", modification }));
}

describe("what answers in a directory's place", () => {
  const spec = (connectionUrl: string): SourceSpec => ({
    type: "ldap",
    path: "LDAP_URL",
    connectionUrl,
    baseDn: SUFFIX,
  });
  const person = (uid: string, attributes: Readonly<Record<string, readonly string[]>> = {}) => ({
    dn: `CN=${uid},${SUFFIX}`,
    attributes: { objectClass: ["person"], uid: [uid], ...attributes },
  });
  const root = (attributes: Readonly<Record<string, readonly string[]>>) => ({
    entries: [{ dn: "", attributes }],
  });

  test("is nobody", async () => {
    expect(await errorOf(spec("ldap://127.0.0.1:1"))).toMatchObject({
      code: "SOURCE_UNREACHABLE",
      message: expect.stringContaining("ECONNREFUSED") as string,
      exitCode: 4,
    });
  });

  test.each(["HTTP/1.1 400 Bad Request\r\n\r\n", ""])("is no directory, but says %j", async (words) => {
    const server = createServer((socket) => socket.end(words).on("error", () => undefined));
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    for (const url of [`ldap://127.0.0.1:${port}`, `ldaps://127.0.0.1:${port}`])
      expect(await errorOf(spec(url))).toMatchObject({ code: "SOURCE_UNREACHABLE" });
  });

  test("gives a page without entries, and more pages behind it", async () => {
    const pages: Readonly<Record<string, readonly [readonly string[], string]>> = {
      "": [["a"], "2"],
      "2": [[], "3"],
      "3": [["b"], ""],
    };
    const url = await aFakeDirectory(({ attributes, cookie }) => {
      if (!attributes.includes("*")) return {};
      const [uids, next] = pages[cookie] ?? [[], ""];
      return { entries: uids.map((uid) => person(uid)), cookie: next };
    });
    expect((await read(spec(url))).users.map(({ uid }) => uid)).toEqual([["a"], ["b"]]);
  });

  test("gives the members of a large group in ranges", async () => {
    const url = await aFakeDirectory(({ base, attributes: [first = ""] }) => {
      if (base === "" || first === "*")
        return { entries: base === "" ? [] : [person("a"), person("b"), person("c")] };
      const range: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
        member: { "member;range=0-0": [`CN=a,${SUFFIX}`], member: [] },
        "member;range=1-*": { "member;range=1-1": [`CN=b,${SUFFIX}`] },
        "member;range=2-*": { "member;range=2-*": [`CN=c,${SUFFIX}`] },
      };
      return { entries: [{ dn: `CN=Crew,${SUFFIX}`, attributes: range[first] ?? {} }] };
    });
    expect((await read(spec(url))).users.map(({ memberOf }) => memberOf)).toEqual(
      Array.from({ length: 3 }, () => [`CN=Crew,${SUFFIX}`]),
    );
  });

  test("is Active Directory, which is asked for no groups, and goes on behind its last change", async () => {
    const asked: (readonly string[])[] = [];
    const url = await aFakeDirectory(({ base, attributes }) => {
      asked.push(attributes);
      if (base === "") {
        const supportedCapabilities = ["1.2.840.113556.1.4.800"];
        return root({ supportedCapabilities, defaultNamingContext: [SUFFIX], highestCommittedUSN: ["4711"] });
      }
      return { entries: [person("a", { uSNChanged: ["99"], memberOf: [`CN=Own,${SUFFIX}`] })] };
    });
    const { baseDn: _baseDn, ...withoutBase } = spec(url);
    expect(await read({ ...withoutBase, cursorColumn: "uSNChanged" })).toMatchObject({
      users: [{ uid: ["a"], memberOf: [`CN=Own,${SUFFIX}`] }],
      cursor: "4711",
      description: expect.stringMatching(/^Active Directory at .*below dc=example,dc=com$/) as string,
    });
    expect(asked.slice(1)).toEqual([["*", "+"]]);
  });

  test("does not say where its users are", async () => {
    const url = await aFakeDirectory(() => root({ namingContexts: ["dc=a", "dc=b"] }));
    const { baseDn: _baseDn, ...withoutBase } = spec(url);
    expect(await errorOf(withoutBase)).toMatchObject({
      code: "USAGE",
      message: "source.baseDn is missing; the directory holds dc=a and dc=b",
    });
  });

  test("breaks off in the middle of an answer, or refers to another server", async () => {
    const url = await aFakeDirectory(({ base }) =>
      base === "" ? {} : { entries: [person("a")], result: 10 },
    );
    expect(await errorOf(spec(url))).toMatchObject({
      code: "SOURCE_REFUSED",
      hint: expect.stringContaining("another server") as string,
    });
    const busy = await aFakeDirectory(({ base }) => (base === "" ? {} : { result: 51 }));
    expect(await errorOf(spec(busy))).toMatchObject({ code: "SOURCE_UNREACHABLE" });
  });

  test("says nothing, and reading it is aborted", async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    for (const scheme of ["ldap", "ldaps"]) {
      const controller = new AbortController();
      const opening = openSpec(spec(`${scheme}://127.0.0.1:${port}`), controller.signal);
      setTimeout(() => controller.abort(), 50);
      await expect(opening).rejects.toMatchObject({ code: "INTERRUPTED" });
    }
  });
});
