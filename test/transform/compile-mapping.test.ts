import { describe, expect, test } from "vitest";
import { FerryError } from "../../src/core/ferry-error.ts";
import type { JsonObject, SourceShape } from "../../src/core/row.ts";
import { compileMapping, type CompiledMapping } from "../../src/transform/compile-mapping.ts";
import type { Mapping } from "../../src/transform/mapping.ts";
import type { Rule } from "../../src/transform/rule.ts";
import { anAttribute, aPool, DOCUMENTS, type PoolSettings } from "../support/builders.ts";

const NOW = new Date("2025-06-01T12:00:00Z");

interface Compiling {
  readonly preset?: Mapping;
  readonly config?: Mapping;
  readonly shape?: SourceShape;
  readonly pool?: PoolSettings;
}

function compile({ preset, config, shape = DOCUMENTS, pool }: Compiling): CompiledMapping {
  return compileMapping({ preset, config, now: NOW }, shape, aPool(pool));
}

function aTable(...columns: readonly string[]): SourceShape {
  return { kind: "table", columns };
}

function errorOf(compiling: Compiling): FerryError {
  try {
    compile(compiling);
  } catch (error) {
    if (error instanceof FerryError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const BASE: Mapping = { username: "username" };

describe("a mapping mistake names its exact path in the config", () => {
  test.each<[string, Compiling, string, string]>([
    [
      "an attribute that the pool does not have",
      { config: { ...BASE, attributes: { shoe_size: "x" } } },
      "mapping.attributes.shoe_size: the user pool eu-west-1_Ferry0001 has no attribute shoe_size to set",
      "It can set: name, ",
    ],
    [
      "a custom attribute without its prefix",
      {
        config: { ...BASE, attributes: { tier: "x" } },
        pool: { custom: [anAttribute("custom:tier")] },
      },
      "mapping.attributes.tier: ",
      "Did you mean custom:tier?",
    ],
    [
      "sub, which nobody can set",
      { config: { ...BASE, attributes: { sub: "id" } } },
      "mapping.attributes.sub: ",
      "It can set: name, ",
    ],
    [
      "a column that the table does not have",
      { shape: aTable("username", "mail"), config: { attributes: { email: "email" } } },
      "mapping.attributes.email reads the column email, which the source does not have",
      "Its columns are: username, mail",
    ],
    [
      "the second alternative",
      { shape: aTable("a"), config: { username: { firstOf: ["a", "b"] } } },
      "mapping.username.firstOf[1] reads the column b",
      "Its columns are: a",
    ],
    [
      "the only alternative",
      { shape: aTable("a"), config: { username: { firstOf: ["b"] } } },
      "mapping.username.firstOf[0] reads the column b",
      "Its columns are: a",
    ],
    [
      "a rule inside rules",
      {
        shape: aTable("username"),
        config: {
          disabled: { firstOf: [{ constant: false }, { not: { firstOf: ["username", "active"] } }] },
        },
      },
      "mapping.disabled.firstOf[1].not.firstOf[1] reads the column active",
      "Its columns are: username",
    ],
    [
      "the path of the social providers",
      { shape: aTable("username"), config: { socialOnly: { path: "providers", noneOf: ["own"] } } },
      "mapping.socialOnly.path reads the column providers",
      "Its columns are: username",
    ],
    [
      "a path that cannot be read",
      { config: { ...BASE, sourceId: "ids[first]" } },
      "mapping.sourceId is not a path: ids[first]",
      "keys joined by dots",
    ],
    [
      "an escape that is none",
      { config: { ...BASE, sourceId: '["a\\qb"]' } },
      'mapping.sourceId is not a path: ["a\\qb"]',
      "keys joined by dots",
    ],
    [
      "no username at all",
      { shape: aTable("login", "email") },
      "No field of the source maps to the username",
      "the columns are: login, email",
    ],
    [
      "required attributes without a rule",
      { preset: BASE, pool: { required: ["email", "locale"] } },
      "requires locale, email of every user",
      "Add mapping.attributes.locale, mapping.attributes.email to the config",
    ],
    [
      "a required attribute whose rule was taken away",
      {
        preset: { ...BASE, attributes: { email: "email" } },
        config: { attributes: { email: null } },
        pool: { required: ["email"] },
      },
      "requires email of every user",
      "Add mapping.attributes.email to the config",
    ],
    [
      "a date format that cannot be read",
      { config: { ...BASE, attributes: { birthdate: { date: "dob", format: "DD.MM.YYYY" } } } },
      "mapping.attributes.birthdate: ",
      "dd.MM.yyyy",
    ],
    [
      "a country that is none",
      { config: { ...BASE, phoneCountry: "Germany" } },
      "mapping.phoneCountry: Germany is not",
      "two letters",
    ],
    [
      "the salt of a password hash",
      {
        shape: aTable("username", "hash"),
        config: {
          passwordHash: { hash: "hash", salt: "salt", iterations: { constant: 10 }, format: "bcrypt" },
        },
      },
      "mapping.passwordHash.salt reads the column salt",
      "Its columns are: username, hash",
    ],
    [
      "two rules for whether the user may sign in",
      { config: { ...BASE, enabled: "active", disabled: "blocked" } },
      "mapping.enabled and mapping.disabled are two rules for one thing",
      "Keep the one",
    ],
    [
      "a template with half a brace",
      { config: { ...BASE, attributes: { name: { template: "{first {last}" } } } },
      "mapping.attributes.name.template has a brace without its pair",
      "{{ and }}",
    ],
    [
      "a template that is a constant",
      { config: { ...BASE, attributes: { name: { template: "Ada" } } } },
      "mapping.attributes.name.template names no path",
      "use constant",
    ],
    [
      "a column in a template",
      { shape: aTable("username"), config: { attributes: { name: { template: "{first}" } } } },
      "mapping.attributes.name.template reads the column first",
      "Its columns are: username",
    ],
    [
      "a part of a join",
      { shape: aTable("username"), config: { attributes: { name: { join: ["username", "x"], with: " " } } } },
      "mapping.attributes.name.join[1] reads the column x",
      "Its columns are: username",
    ],
    [
      "the groups of a table",
      { shape: aTable("username"), config: { groups: { from: "roles", clean: "-" } } },
      "mapping.groups.from reads the column roles",
      "Its columns are: username",
    ],
    [
      "a path into parsed JSON",
      { config: { ...BASE, sourceId: { parse: "claims", path: "a[" } } },
      "mapping.sourceId.path is not a path: a[",
      "keys joined by dots",
    ],
    [
      "a path into an identity",
      {
        config: {
          ...BASE,
          linkedProviders: { list: "identities", provider: "a[", subject: "id", names: { x: "X" } },
        },
      },
      "mapping.linkedProviders.provider is not a path: a[",
      "keys joined by dots",
    ],
    [
      "trust in the source where it has no meaning",
      { config: { ...BASE, attributes: { name: { trustSource: true } } } },
      "mapping.attributes.name: trustSource has no meaning here",
      "email_verified",
    ],
  ])("for %s", (_what, compiling, message, hint) => {
    expect(errorOf(compiling)).toMatchObject({
      code: "MAPPING_INVALID",
      message: expect.stringContaining(message) as string,
      hint: expect.stringContaining(hint) as string,
    });
  });
});

describe("a preset", () => {
  const preset: Mapping = {
    username: { firstOf: ["login", "mail"] },
    attributes: { email: "mail", "custom:x": "x" },
  };

  test("may speak of columns and attributes that are not there", () => {
    const mapping = compile({ preset, shape: aTable("mail") });
    expect(mapping.usernames.map((read) => read(["ada"]))).toEqual(["ada"]);
    expect(mapping.attributes.map(({ attribute }) => attribute.name)).toEqual(["email"]);
  });

  test("gives way to each rule of the config, and only there", () => {
    const mapping = compile({ preset, config: { attributes: { name: "n", email: null } } });
    expect(mapping.attributes.map(({ attribute }) => attribute.name)).toEqual(["name"]);
    expect(mapping.usernames).toHaveLength(2);
  });

  test("never demands that its fields are found", () => {
    expect(() => compile({ preset }).requireFound()).not.toThrow();
  });
});

describe("a rule of the config for documents", () => {
  const noteFound = (config: Mapping, ...records: readonly JsonObject[]): CompiledMapping => {
    const mapping = compile({ config });
    for (const record of records) mapping.noteFound(record);
    return mapping;
  };

  test("must find its field in some row", () => {
    const mapping = noteFound(
      { username: "u", attributes: { email: "contact.mial" } },
      { u: "ada", contact: { mail: "x" } },
    );
    expect(() => mapping.requireFound()).toThrow(
      "mapping.attributes.email reads contact.mial, which no row of the source has",
    );
  });

  test("is content with one row that has it, even empty", () => {
    const mapping = noteFound(
      { username: "u", attributes: { email: "mail" } },
      { u: "ada" },
      { u: "bo", mail: null },
    );
    expect(() => mapping.requireFound()).not.toThrow();
  });

  test("finds the later alternatives though the first always has a value", () => {
    const mapping = noteFound(
      { username: { firstOf: ["u", "mail"] } },
      { u: "ada", mail: "ada@example.com" },
    );
    expect(() => mapping.requireFound()).not.toThrow();
  });

  test("names the alternative that is never found", () => {
    const mapping = noteFound(
      { username: { firstOf: ["u", "mial"] } },
      { u: "ada", mail: "ada@example.com" },
    );
    expect(() => mapping.requireFound()).toThrow("mapping.username.firstOf[1] reads mial");
  });
});

describe("mapping by name", () => {
  const names = (mapping: CompiledMapping) => mapping.attributes.map(({ attribute }) => attribute.name);

  test("takes the columns that bear the name of a settable attribute", () => {
    const mapping = compile({
      shape: aTable("username", "email", "Name", "sub", "custom:tier", "shoe_size"),
      pool: { custom: [anAttribute("custom:tier")] },
    });
    expect(names(mapping)).toEqual(["email", "custom:tier"]);
    const record = ["ada", "a@example.com", "Ada", "s-1", "gold", "40"];
    expect(mapping.usernames.map((read) => read(record))).toEqual(["ada"]);
    expect(mapping.sourceId?.(record)).toBe("s-1");
    expect([...mapping.usedFields.keys()]).toEqual(["email", "custom:tier", "username", "sub"]);
  });

  test("takes a contact as the username where the pool does", () => {
    const mapping = compile({ shape: aTable("email"), pool: { usernameAttributes: ["email"] } });
    expect(mapping.usernames.map((read) => read(["a@example.com"]))).toEqual(["a@example.com"]);
  });

  test("reads a document's key as it is written, dots and colons too", () => {
    const mapping = compile({ pool: { custom: [anAttribute("custom:a.b")] } });
    const read = mapping.attributes.find(({ attribute }) => attribute.name === "custom:a.b")?.read;
    expect(read?.({ "custom:a.b": "x", "custom:a": { b: "y" } })).toBe("x");
  });
});

/** A JSON text that can be parsed, and not be written again. */
const DEEP = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;

describe("a rule", () => {
  const read = (rule: NonNullable<Mapping["sourceId"]>, record: JsonObject) =>
    compile({ config: { username: "u", sourceId: rule } }).sourceId?.(record);

  test.each<[NonNullable<Mapping["sourceId"]>, JsonObject, unknown]>([
    ["a", { a: 1 }, 1],
    ["a.b", { a: { b: 1 } }, 1],
    ["a.b", { "a.b": 1 }, undefined],
    ['["a.b"]', { "a.b": 1 }, 1],
    ['["a\\"b\\\\c"].d', { 'a"b\\c': { d: 1 } }, 1],
    ["a[1]", { a: [1, 2] }, 2],
    ["a[9]", { a: [1, 2] }, undefined],
    ["a[0].b", { a: [{ b: 1 }] }, 1],
    ["a[*].b", { a: [{ b: 1 }, {}, { b: 2 }] }, [1, 2]],
    ["a[*].b", { a: { b: 1 } }, undefined],
    ["a.length", { a: [1, 2] }, undefined],
    ["a.length", { a: "text" }, undefined],
    ["__proto__", {}, undefined],
    ["constructor.name", {}, undefined],
    ["toString", {}, undefined],
    ["__proto__.x", JSON.parse('{"__proto__":{"x":1}}') as JsonObject, 1],
    [{ constant: "" }, {}, ""],
    [{ constant: 0 }, {}, 0],
    [{ firstOf: ["a", "b"] }, { a: "", b: 2 }, 2],
    [{ firstOf: ["a", "b"] }, { a: null, b: false }, false],
    [{ firstOf: ["a", "b"] }, { a: 0, b: 1 }, 0],
    [{ firstOf: ["a", "b"] }, { a: {}, b: 1 }, 1],
    [{ firstOf: ["a", { constant: "x" }] }, {}, "x"],
    [{ not: "a" }, { a: "yes" }, false],
    [{ not: "a" }, { a: 0 }, true],
    [{ not: "a" }, {}, undefined],
    [{ not: "a" }, { a: "odd" }, "odd"],
    [{ template: "{a} {b.c}" }, { a: " Ada ", b: { c: 7 } }, "Ada 7"],
    [{ template: "{a}-{b}" }, { a: "x" }, undefined],
    [{ template: "{a}-{b}" }, { a: "x", b: " " }, undefined],
    [{ template: "{{{a}}}" }, { a: "x" }, "{x}"],
    [{ template: '{["a.b"]}!' }, { "a.b": 0 }, "0!"],
    [{ join: ["a", "b", "c"], with: ", " }, { a: "x", b: "", c: "y" }, "x, y"],
    [{ join: "a[*].v", with: "|" }, { a: [{ v: 1 }, {}, { v: 2 }] }, "1|2"],
    [{ join: ["a"], with: "|" }, {}, undefined],
    [{ split: "a", at: "|" }, { a: "x | y||" }, ["x", "y"]],
    [{ split: "a", at: " ", take: 0 }, { a: "Ada Nowak" }, "Ada"],
    [{ split: "a", at: " ", take: -1 }, { a: "Ada Maria Nowak" }, "Nowak"],
    [{ split: "a", at: " ", take: 3 }, { a: "Ada Nowak" }, undefined],
    [{ split: "a", at: "|" }, { a: "" }, undefined],
    [{ lookup: "a", table: { ja: true, nein: false } }, { a: " ja " }, true],
    [{ lookup: "a", table: { ja: true, nein: false, "": null } }, { a: "NEIN" }, false],
    [{ lookup: "a", table: { Bestätigt: true } }, { a: "BESTA\u0308TIGT" }, true],
    [{ lookup: "a", table: { J: true, j: false } }, { a: "j" }, false],
    [{ lookup: "a", table: { DE: "Germany" }, keepOthers: true }, { a: "de" }, "de"],
    [{ lookup: "a", table: { Crew: null }, keepOthers: true }, { a: "crew" }, "crew"],
    [{ lookup: "a", table: { "1": "one" } }, { a: 1 }, "one"],
    [{ lookup: "a", table: { x: null } }, { a: "x" }, null],
    [{ lookup: "a", table: {}, otherwise: 0 }, { a: "x" }, 0],
    [{ lookup: "a", table: {}, keepOthers: true }, { a: "x" }, "x"],
    [{ lookup: "a", table: { x: 1 }, keepOthers: true }, { a: ["x", "y"] }, [1, "y"]],
    [{ lookup: "a", table: { x: 1 } }, {}, undefined],
    [{ lookup: "a", table: {}, otherwise: "o" }, { a: "__proto__" }, "o"],
    [{ lookup: "a", table: {}, otherwise: "o" }, { a: "constructor" }, "o"],
    [{ parse: "a", path: "r[0]" }, { a: '{"r":["x"]}' }, "x"],
    [{ parse: "a" }, { a: "[1]" }, [1]],
    [{ parse: "a", path: "id" }, { a: '{"id":12345678901234567890}' }, "12345678901234567890"],
    [{ parse: "a" }, { a: "-9007199254740993" }, "-9007199254740993"],
    [{ parse: "a", path: "r" }, { a: { r: 1 } }, 1],
    [{ parse: "a", format: "php", path: "x" }, { a: 'a:1:{s:1:"x";s:3:"y\u00e9";}' }, "y\u00e9"],
    [{ parse: "a", format: "php" }, { a: ["x"] }, ["x"]],
    [{ keys: "a" }, { a: { x: true, y: false, z: 1, "": null } }, ["x", "z"]],
    [{ keys: "a" }, { a: ["x", "y"] }, ["x", "y"]],
    [{ keys: "a" }, { a: "x" }, "x"],
    [{ keys: "a" }, { a: {} }, undefined],
    [{ parse: "a", path: "id" }, { a: '{"id":10203040506070809010}' }, "10203040506070809010"],
    [{ parse: "a", path: "id" }, { a: '{"id":9007199254740993}' }, "9007199254740993"],
    [{ json: "a" }, { a: { b: [1] } }, '{"b":[1]}'],
    [{ json: "a" }, { a: [] }, undefined],
    [{ json: "a" }, { a: "x" }, '"x"'],
    [{ object: { x: "a", y: "b" } }, { a: 1, b: "" }, { x: 1 }],
    [{ object: { x: "a" } }, {}, undefined],
    [{ json: { object: { __proto__x: "a" } } }, { a: 1 }, '{"__proto__x":1}'],
    [
      { pick: "a", where: { primary: true }, path: "v", take: 0 },
      { a: [{ v: 1 }, { v: 2, primary: "True" }, { v: 3, primary: true }] },
      2,
    ],
    [
      { pick: "a", where: { type: ["work", "home"] }, path: "v" },
      { a: ["x", { v: 1 }, { v: 2, type: "Work" }, { v: "", type: "home" }, { v: 3, type: "home" }] },
      [2, 3],
    ],
    [{ pick: "a", where: { "b.c": 1 }, take: -1 }, { a: [{ b: { c: "1" }, d: 2 }] }, { b: { c: "1" }, d: 2 }],
    [{ pick: "a", where: { b: 1 }, take: 0 }, { a: [{ b: [1] }, { b: null }, {}] }, undefined],
    [{ pick: "a", where: { b: 1 } }, {}, undefined],
    [{ pick: { parse: "a" }, where: { b: 1 }, path: "c" }, { a: '[{"b":1,"c":2}]' }, [2]],
    [{ listed: "a", in: "b" }, { a: "Ada@x.org ", b: ["bo@x.org", "ada@X.org"] }, true],
    [{ listed: "a", in: { split: "b", at: "|" } }, { a: "ada", b: "bo|adam" }, false],
    [{ listed: "a", in: "b" }, { a: "ada", b: [{ ada: 1 }] }, false],
    [{ listed: "a", in: "b" }, { a: "ada" }, false],
    [{ listed: "a", in: "b" }, { b: [""] }, undefined],
    [{ value: "a", unless: "b" }, { a: "x" }, "x"],
    [{ value: "a", unless: "b" }, { a: "x", b: "no" }, "x"],
    [{ value: "a", unless: "b" }, { a: "x", b: true }, undefined],
    [{ value: "a", unless: { listed: { constant: "T" }, in: "b" } }, { a: "x", b: ["S", "T"] }, undefined],
    [{ present: "a" }, { a: 0 }, true],
    [{ present: "a" }, { a: " " }, false],
    [{ present: "a" }, { a: [] }, false],
    [{ present: "a" }, { a: {} }, false],
    [{ present: "a" }, {}, false],
    [{ listed: "a", in: "b" }, { a: "E\u0301", b: ["x", "\u00e9"] }, true],
    [{ listed: "a", in: "b" }, { a: "x", b: ["y"] }, false],
    [{ uuid: "a" }, { a: "auth0|1" }, "cd95e1d1-f4bc-51cd-bd65-147fe390e574"],
    [{ uuid: "a" }, { a: "" }, undefined],
    [{ uuid: "a" }, { a: " \u00a0" }, undefined],
    [{ uuid: "a" }, { a: [] }, undefined],
    [{ not: "a" }, { a: " " }, undefined],
    [{ parse: "a" }, { a: " " }, undefined],
    [{ lookup: "a", table: { x: 1 } }, { a: " " }, undefined],
    [{ lookup: "a", table: { x: 1 }, otherwise: "o" }, { a: " " }, undefined],
    [{ date: "a", format: "epoch-ms" }, { a: 1738367999000 }, "2025-01-31T23:59:59Z"],
    [{ date: "a", format: "dd.MM.yyyy" }, { a: "31.12.1975" }, "1975-12-31"],
    [
      { date: "a", format: "yyyy-MM-dd HH:mm", zone: "Europe/Oslo" },
      { a: "2024-07-01 12:00" },
      "2024-07-01T10:00:00Z",
    ],
    [{ date: "a", format: "iso" }, {}, undefined],
    [{ phone: "a", country: "b" }, { a: "22 44 22 22", b: "Norway" }, "+4722442222"],
    [{ phone: "a", country: "b" }, { a: "+47 22 44 22 22" }, "+4722442222"],
    [{ phone: "a", country: { lookup: "b", table: {} } }, { a: "+47 22 44 22 22", b: "x" }, "+4722442222"],
    [{ phone: "a", country: "b" }, { a: " ", b: "Norway" }, ""],
    [{ phone: "a", country: { constant: "NO" } }, { a: "22442222" }, "+4722442222"],
    [{ phone: "a", country: "b" }, { b: "Norway" }, undefined],
    [{ bit: "a", mask: 2 }, { a: "514" }, true],
    [{ bit: "a", mask: 2 }, { a: 512 }, false],
    [{ bit: "a", mask: 14336 }, { a: "4096" }, true],
    [{ bit: "a", mask: 2 ** 31 }, { a: "-2147483646" }, true],
    [{ bit: "a", mask: 2 }, { a: "" }, undefined],
    [{ prefixed: "a", with: "SMTP:" }, { a: ["X500:/o=x", "smtp:b@x", "SMTP:a@x"] }, "a@x"],
    [{ prefixed: "a", with: "SMTP:" }, { a: "SMTP:a@x" }, "a@x"],
    [{ prefixed: "a", with: "SMTP:" }, { a: [1, null, "smtp:b@x"] }, undefined],
    [{ prefixed: "a", with: "SMTP:" }, {}, undefined],
    [{ inFuture: { date: "a", format: "filetime" } }, { a: "132223104000000000" }, false],
    [{ inFuture: { date: "a", format: "filetime" } }, { a: "259000000000000000" }, true],
    [{ inFuture: { date: "a", format: "filetime" } }, { a: "9223372036854775807" }, true],
    [{ inFuture: { date: "a", format: "filetime" } }, { a: "0" }, true],
    [{ inFuture: { date: "a", format: "generalized-time" } }, { a: "29990101000000Z" }, true],
    [{ phone: "a", withoutPlus: true }, { a: "4722442222" }, "+4722442222"],
    [{ phone: "a", withoutPlus: true }, { a: 4_722_442_222 }, "+4722442222"],
    [{ phone: "a", withoutPlus: true }, { a: "+47 22 44 22 22" }, "+4722442222"],
    [{ phone: "a", withoutPlus: true }, { a: "" }, undefined],
    [{ pick: "a", where: { b: 1 } }, { a: [{ b: 1, c: 2 }, { b: 2 }, "b", null] }, [{ b: 1, c: 2 }]],
    [{ pick: "a", where: { b: "X" }, path: "c.d" }, { a: [{ b: "x ", c: { d: 1 } }, { b: "x" }] }, [1]],
    [
      { pick: "a", where: { b: ["x", "y"] }, path: "c" },
      {
        a: [
          { b: "y", c: 1 },
          { b: "x", c: 2 },
        ],
      },
      [1, 2],
    ],
    [
      { pick: "a", where: { b: ["x", "y"] }, path: "c", take: 0 },
      {
        a: [
          { b: "y", c: 1 },
          { b: "x", c: 2 },
        ],
      },
      1,
    ],
    [
      { pick: "a", where: { b: "x" }, path: "c", take: -1 },
      {
        a: [
          { b: "x", c: 1 },
          { b: "x", c: 2 },
        ],
      },
      2,
    ],
    [{ pick: "a", where: { b: true, c: "x" } }, { a: [{ b: true }, { b: true, c: "y" }] }, []],
    [{ pick: "a", where: { b: "x" }, path: "c", take: 0 }, { a: [{ b: "z", c: 1 }] }, undefined],
    [{ pick: "a", where: { b: "x" } }, { a: { b: "x" } }, [{ b: "x" }]],
    [{ pick: "a", where: { b: "x" } }, {}, undefined],
    [{ allOf: ["a", "b"] }, { a: 1, b: "yes" }, true],
    [{ allOf: ["a", "b"] }, { a: 1 }, false],
    [{ allOf: ["a", "b"] }, { a: "perhaps", b: 0 }, false],
    [{ allOf: ["a", "b"] }, { a: "perhaps", b: 1 }, "perhaps"],
    [{ allOf: ["a", "b"] }, { a: "", b: null }, undefined],
    [{ anyOf: ["a", "b"] }, { b: "t" }, true],
    [{ anyOf: ["a", "b"] }, { a: 0 }, false],
    [{ anyOf: ["a", "b"] }, { a: "perhaps", b: 1 }, true],
    [{ anyOf: ["a", "b"] }, { a: "perhaps", b: 0 }, "perhaps"],
    [{ anyOf: ["a", "b"] }, {}, undefined],
    [{ inFuture: "a" }, { a: "2025-06-01T12:00:00.001Z" }, true],
    [{ inFuture: "a" }, { a: "2025-06-01T12:00:00Z" }, false],
    [{ inFuture: "a" }, { a: "2025-06-01 14:00:01+02" }, true],
    [{ inFuture: "a" }, { a: "2025-06-01 14:00:00+02" }, false],
    [{ inFuture: "a" }, { a: "9999-12-31 23:59:59.9999999 +00:00" }, true],
    [{ inFuture: "a" }, { a: "1601-01-01T00:00:00Z" }, false],
    [{ inFuture: "a" }, { a: "infinity" }, true],
    [{ inFuture: "a" }, { a: "-infinity" }, false],
    [{ inFuture: "a" }, { a: "2025-06-02" }, true],
    [{ inFuture: "a" }, { a: "2025-06-01" }, false],
    [{ inFuture: { firstOf: ["b", "a"] } }, { a: "2199-01-01T00:00:00Z" }, true],
    [{ inFuture: { date: "a", format: "epoch-ms" } }, { a: 7_258_118_400_000 }, true],
    [{ inFuture: { date: "a", format: "iso", zone: "UTC" } }, { a: "2025-06-01 12:00:01" }, true],
    [{ inFuture: "a" }, { a: "" }, undefined],
    [{ inFuture: "a" }, {}, undefined],
  ])("%j reads from %j the value %j", (rule, record, expected) => {
    expect(read(rule, record)).toEqual(expected);
  });

  test.each<[Rule, JsonObject, string]>([
    [{ lookup: "a", table: { x: 1 } }, { a: "y" }, "lookup-missing"],
    [{ lookup: "a", table: { x: 1 } }, { a: "X" }, "lookup-missing"],
    [{ lookup: "a", table: { Ja: true, JA: false } }, { a: "ja" }, "lookup-missing"],
    [{ lookup: "a", table: { x: 1 } }, { a: ["x", "y"] }, "lookup-missing"],
    [{ lookup: "a", table: { x: 1 } }, { a: { b: 1 } }, "attribute-type"],
    [{ parse: "a" }, { a: "{" }, "json-unreadable"],
    [{ parse: "a", format: "php" }, { a: 'O:8:"stdClass":0:{}' }, "json-unreadable"],
    [{ template: "{a}" }, { a: { b: 1 } }, "attribute-type"],
    [{ join: ["a", "b"], with: "" }, { a: "x", b: { c: 1 } }, "attribute-type"],
    [{ split: "a", at: "," }, { a: ["x"] }, "attribute-type"],
    [{ uuid: "a" }, { a: "half\ud83e" }, "attribute-type"],
    [{ uuid: "a" }, { a: { b: 1 } }, "attribute-type"],
    [{ uuid: "a" }, { a: 2 ** 53 }, "number-inexact"],
    [{ uuid: "a" }, { a: -(2 ** 53) }, "number-inexact"],
    [{ template: "id-{a}" }, { a: 1e21 }, "number-inexact"],
    [{ join: ["a"], with: "" }, { a: [1, Number.POSITIVE_INFINITY] }, "number-inexact"],
    [{ lookup: "a", table: { "9007199254740992": 1 } }, { a: 2 ** 53 }, "number-inexact"],
    [{ json: "a" }, { a: { b: [{ c: 2 ** 53 }] } }, "number-inexact"],
    [{ json: { lookup: "a", table: {} } }, { a: "y" }, "lookup-missing"],
    [{ listed: "a", in: { lookup: "b", table: {} } }, { a: "x", b: "y" }, "lookup-missing"],
    [{ listed: "a", in: "b" }, { a: ["x"], b: ["x"] }, "attribute-type"],
    [{ date: "a", format: "epoch-s" }, { a: 1738367999000 }, "date-invalid"],
    [{ date: "a", format: "dd.MM.yyyy" }, { a: "12/31/1975" }, "date-invalid"],
    [{ phone: "a", country: "b" }, { a: "22442222", b: "Atlantis" }, "country-unknown"],
    [{ phone: "a", country: { lookup: "b", table: {} } }, { a: "22442222", b: "x" }, "lookup-missing"],
    [{ not: { lookup: "a", table: {} } }, { a: "y" }, "lookup-missing"],
    [{ value: "a", unless: "b" }, { a: "x", b: "perhaps" }, "flag-unreadable"],
    [{ value: "a", unless: { lookup: "b", table: {} } }, { a: "x", b: "y" }, "lookup-missing"],
    [{ object: { x: { parse: "a" } } }, { a: "{" }, "json-unreadable"],
    [{ phone: "a", withoutPlus: true }, { a: "call me" }, "phone-invalid"],
    [{ inFuture: "a" }, { a: "2025-06-01 12:00:01" }, "date-invalid"],
    [{ inFuture: "a" }, { a: true }, "date-invalid"],
    [{ inFuture: "a" }, { a: "constructor" }, "date-invalid"],
    [{ inFuture: { lookup: "a", table: {} } }, { a: "y" }, "lookup-missing"],
    [{ anyOf: ["b", { lookup: "a", table: {} }] }, { a: "y" }, "lookup-missing"],
    [{ allOf: ["b", { lookup: "a", table: {} }] }, { a: "y", b: 1 }, "lookup-missing"],
    [{ pick: { parse: "a" }, where: { b: 1 } }, { a: "{" }, "json-unreadable"],
    [{ bit: "a", mask: 2 }, { a: "yes" }, "flag-unreadable"],
    [{ bit: "a", mask: 2 }, { a: ["514"] }, "attribute-type"],
    [{ anyOf: ["b", { bit: "a", mask: 2 }] }, { a: "yes", b: false }, "flag-unreadable"],
  ])("%j cannot use what is in %j: %s", (rule, record, code) => {
    expect(read(rule, record)).toMatchObject({ code });
  });

  test("is not thrown by JSON that is nested without end, whether this Node can write it or not", () => {
    expect(read({ json: { parse: "a" } }, { a: DEEP }) ?? "").not.toBe("");
    expect(read({ parse: "a" }, { a: `[12345678901234567890,${DEEP}]` })).toMatchObject({
      code: "json-unreadable",
    });
  });

  test("cannot use JSON that is nested too deeply to be looked through for long numbers", () => {
    const text = `${"[".repeat(50_000)}1234567890123456789${"]".repeat(50_000)}`;
    expect(read({ parse: "a" }, { a: text })).toMatchObject({ code: "json-unreadable" });
  });

  test("makes the same UUID of the same value, and of no other", () => {
    const of = (value: string) => read({ uuid: "a" }, { a: value });
    expect(of("e\u0301")).toBe(of("\u00e9"));
    expect(of("a")).not.toBe(of("b"));
    expect(of("a")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("reads a null-like word of the source as nothing, exactly as it is written", () => {
    const nullWords = ["NULL", "\\N"];
    const mapping = compile({ config: { username: "u", sourceId: { firstOf: ["a", "b"] }, nullWords } });
    expect(mapping.sourceId?.({ a: " NULL ", b: "x" })).toBe("x");
    expect(mapping.sourceId?.({ a: "\\N", b: "x" })).toBe("x");
    expect(mapping.sourceId?.({ a: "Null", b: "x" })).toBe("Null");
  });

  test("finds a column whose letters are composed in another way", () => {
    const shape = aTable("u", "best\u00e4tigt");
    const mapping = compile({ shape, config: { username: "u", sourceId: "besta\u0308tigt" } });
    expect(mapping.sourceId?.(["ada", "x"])).toBe("x");
    expect([...mapping.usedFields.keys()]).toContain("best\u00e4tigt");
    const both = aTable("u", "\u00e4", "a\u0308");
    const exact = compile({ shape: both, config: { username: "u", sourceId: "a\u0308" } });
    expect(exact.sourceId?.(["ada", "x", "y"])).toBe("y");
  });

  test("for a column of a table takes its name as it is written", () => {
    const shape = aTable("u", "a.b[0]");
    const mapping = compile({ shape, config: { username: "u", sourceId: "a.b[0]" } });
    expect(mapping.sourceId?.(["ada", "x"])).toBe("x");
  });
});

describe("a verified flag", () => {
  const withFlag = (rule: Rule): Compiling => ({
    config: {
      ...BASE,
      attributes: { email: { firstOf: ["mail", "contact.mail", "mails[0].value"] }, email_verified: rule },
    },
  });

  test.each<[Rule]>([
    [{ constant: true }],
    [{ constant: "yes" }],
    [{ firstOf: ["verified", { constant: 1 }] }],
    [{ not: { constant: false } }],
    [{ lookup: "status", table: { ok: true }, otherwise: true }],
    [{ lookup: { constant: "ok" }, table: { ok: true } }],
    [{ present: "mail" }],
    [{ present: { firstOf: ["confirmed_at", "contact.mail"] } }],
    [{ not: { not: { present: "mail" } } }],
    [{ not: { present: "unconfirmed_since" } }],
    [{ lookup: { present: "unconfirmed_since" }, table: { false: true } }],
    [{ present: "contact" }],
    [{ present: 'contact["mail"]' }],
    [{ present: "mails[1].value" }],
    [{ present: "mails[*].value" }],
    [{ listed: "mail", in: "mail" }],
    [{ listed: { constant: "x" }, in: { constant: "x" } }],
    [{ template: "true{verified}" }],
    [{ anyOf: ["verified", { present: "mail" }] }],
    [{ anyOf: ["verified", { constant: true }] }],
    [{ not: { allOf: ["verified", { present: "unconfirmed_since" }] } }],
    [{ present: { pick: "mails", where: { primary: true }, path: "value" } }],
    [{ listed: "mail", in: { pick: "contact", where: { primary: true }, path: "mail" } }],
  ])("cannot be made by the rule %j, which says more than the row", (rule) => {
    expect(errorOf(withFlag(rule))).toMatchObject({
      code: "MAPPING_INVALID",
      message: expect.stringContaining(
        "could call an address or number verified that no row says is",
      ) as string,
      hint: expect.stringContaining("{ trustSource: true }") as string,
    });
  });

  test.each<[Rule, JsonObject, unknown]>([
    ["verified", { verified: true }, true],
    [{ constant: false }, {}, false],
    [{ firstOf: ["verified", { constant: false }] }, {}, false],
    [{ present: "confirmed_at" }, { confirmed_at: "2024-01-02" }, true],
    [{ present: "confirmed_at" }, { confirmed_at: null }, false],
    [{ not: "unconfirmed" }, { unconfirmed: 1 }, false],
    [{ listed: "mail", in: "verified" }, { mail: "a@x.org", verified: ["A@x.org"] }, true],
    [{ lookup: "status", table: { ok: true }, otherwise: false }, { status: "new" }, false],
    [{ trustSource: true }, {}, true],
    [{ trustSource: true, of: { not: { constant: false } } }, {}, true],
    [{ firstOf: ["verified", { trustSource: true }] }, { verified: false }, false],
    [{ firstOf: ["verified", { trustSource: true }] }, {}, true],
    [{ anyOf: ["verified", { present: "confirmed_at" }] }, { confirmed_at: "2024-01-02" }, true],
    [{ allOf: ["verified", { present: "confirmed_at" }] }, { verified: true }, false],
    [
      { listed: "mail", in: { pick: "seen", where: { ok: true }, path: "mail" } },
      {
        mail: "A@x.org",
        seen: [
          { mail: "b@x.org", ok: true },
          { mail: "a@x.org", ok: true },
        ],
      },
      true,
    ],
    [
      { listed: "mail", in: { pick: "seen", where: { ok: true }, path: "mail" } },
      { mail: "a@x.org", seen: [{ mail: "a@x.org", ok: false }] },
      false,
    ],
  ])("by the rule %j reads from %j the value %j", (rule, record, expected) => {
    const { attributes } = compile(withFlag(rule));
    const flag = attributes.find(({ attribute }) => attribute.name === "email_verified");
    expect(flag?.read(record)).toBe(expected);
  });

  test.each<[Rule, JsonObject, string]>([
    [{ present: { lookup: "status", table: { ok: "ok" } } }, { status: "bounced" }, "lookup-missing"],
    [{ present: { date: "at", format: "filetime" } }, { at: "9223372036854775807" }, "date-invalid"],
    [{ trustSource: true, of: { lookup: "status", table: {} } }, { status: "x" }, "lookup-missing"],
  ])("by the rule %j is not made by %j, which cannot be used", (rule, record, code) => {
    const { attributes } = compile(withFlag(rule));
    const flag = attributes.find(({ attribute }) => attribute.name === "email_verified");
    expect(flag?.read(record)).toMatchObject({ code });
  });

  test("cannot rest on there being an address where the username is the address", () => {
    const config: Mapping = { username: "login", attributes: { email_verified: { present: "login" } } };
    expect(errorOf({ config, pool: { usernameAttributes: ["email"] } }).message).toContain(
      "mapping.attributes.email_verified could call an address or number verified",
    );
    expect(() => compile({ config })).not.toThrow();
  });

  test("is trusted only where its rule says so", () => {
    expect([...compile(withFlag("verified")).trusted]).toEqual([]);
    expect([...compile(withFlag({ trustSource: true })).trusted]).toEqual(["email_verified"]);
    const first: Rule = { firstOf: ["verified", { trustSource: true }] };
    expect([...compile(withFlag(first)).trusted]).toEqual(["email_verified"]);
  });
});

test("a rule gives the providers of those who are social-only where one path cannot", () => {
  const path: Rule = { firstOf: ["identities[*].provider", "meta.provider"] };
  const { isSocialOnly } = compile({ config: { ...BASE, socialOnly: { path, noneOf: ["email"] } } });
  expect(isSocialOnly({ identities: [{ provider: "google" }], meta: { provider: "email" } })).toBe(true);
  expect(isSocialOnly({ identities: [], meta: { provider: "email" } })).toBe(false);
  expect(isSocialOnly({ meta: { provider: "google" } })).toBe(true);
  expect(isSocialOnly({})).toBe(false);
});

test("the operator's enabled takes the place of a preset's disabled", () => {
  const mapping = compile({ preset: { ...BASE, disabled: "blocked" }, config: { enabled: "active" } });
  expect(mapping.disabled?.({ blocked: true, active: true })).toBe(false);
});

describe("attributes by their names, beside rules", () => {
  const pool = { custom: [anAttribute("custom:a.b"), anAttribute("custom:c")] };
  const preset: Mapping = { username: "Username", attributesByName: true, attributes: { nickname: "nick" } };
  const namesOf = ({ attributes }: CompiledMapping) => attributes.map(({ attribute }) => attribute.name);
  const valuesOf = ({ attributes }: CompiledMapping, record: JsonObject) =>
    Object.fromEntries(
      attributes
        .map(({ attribute, read }) => [attribute.name, read(record)])
        .filter(([, value]) => value !== undefined),
    );

  test("are read from their fields where no rule speaks of them", () => {
    const record = {
      nick: "Ady",
      nickname: "no",
      email: "ada@example.com",
      "custom:a.b": 1,
      "custom:other": 2,
      sub: "s",
    };
    expect(valuesOf(compile({ preset, pool }), record)).toEqual({
      nickname: "Ady",
      email: "ada@example.com",
      "custom:a.b": 1,
    });
  });

  test("of a table are those that it has columns for", () => {
    const mapping = compile({ preset, pool, shape: aTable("Username", "email", "custom:c", "other") });
    expect(namesOf(mapping).sort()).toEqual(["custom:c", "email"]);
  });

  test("need not be found, but a rule in their place must", () => {
    expect(() => compile({ preset, pool }).requireFound()).not.toThrow();
    const config = { attributes: { email: "mail" } };
    expect(() => compile({ preset, config, pool }).requireFound()).toThrow("reads mail");
  });

  test("are left out one by one with null, and all with false", () => {
    const without = compile({ preset, config: { attributes: { email: null, name: null } }, pool });
    expect(namesOf(without)).not.toEqual(expect.arrayContaining(["email"]));
    expect(namesOf(without)).toContain("custom:c");
    expect(namesOf(compile({ preset, config: { attributesByName: false }, pool }))).toEqual(["nickname"]);
  });

  test("bring their flags with them only as long as the address is that of their name", () => {
    const row = {
      Username: "ada",
      email: "ada@example.com",
      email_verified: "true",
      mail: "other@example.com",
    };
    const mapping = compile({ preset, config: { attributes: { email: "mail" } }, pool });
    expect(() => mapping.noteFound(row)).toThrow("email_verified is not stated");
    expect(() => compile({ preset, pool }).noteFound(row)).not.toThrow();
  });

  test("can be asked for beside a config's own rules", () => {
    const config: Mapping = { attributesByName: true, attributes: { nickname: "nick" } };
    expect(namesOf(compile({ preset: { username: "u" }, config, pool }))).toEqual(
      expect.arrayContaining(["nickname", "email", "custom:c"]),
    );
  });
});
