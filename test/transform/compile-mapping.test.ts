import { describe, expect, test } from "vitest";
import { FerryError } from "../../src/core/ferry-error.ts";
import type { JsonObject, SourceShape } from "../../src/core/row.ts";
import { compileMapping, type CompiledMapping } from "../../src/transform/compile-mapping.ts";
import type { Mapping } from "../../src/transform/mapping.ts";
import { anAttribute, aPool, DOCUMENTS, type PoolSettings } from "../support/builders.ts";

interface Compiling {
  readonly preset?: Mapping;
  readonly config?: Mapping;
  readonly shape?: SourceShape;
  readonly pool?: PoolSettings;
}

function compile({ preset, config, shape = DOCUMENTS, pool }: Compiling): CompiledMapping {
  return compileMapping({ preset, config }, shape, aPool(pool));
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
    expect([...mapping.usedFields]).toEqual(["email", "custom:tier", "username", "sub"]);
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
    [{ firstOf: ["a", { constant: "x" }] }, {}, "x"],
    [{ not: "a" }, { a: "yes" }, false],
    [{ not: "a" }, { a: 0 }, true],
    [{ not: "a" }, {}, undefined],
    [{ not: "a" }, { a: "odd" }, "odd"],
  ])("%j reads from %j the value %j", (rule, record, expected) => {
    expect(read(rule, record)).toEqual(expected);
  });

  test("for a column of a table takes its name as it is written", () => {
    const shape = aTable("u", "a.b[0]");
    const mapping = compile({ shape, config: { username: "u", sourceId: "a.b[0]" } });
    expect(mapping.sourceId?.(["ada", "x"])).toBe("x");
  });
});
