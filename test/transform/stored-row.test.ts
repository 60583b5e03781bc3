import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../../src/core/row.ts";
import { createRowStorer } from "../../src/transform/stored-row.ts";
import { DOCUMENTS } from "../support/builders.ts";

const NONE: ReadonlySet<string> = new Set();

describe("a stored row of a document", () => {
  const store = (record: JsonObject): unknown => JSON.parse(createRowStorer(DOCUMENTS, NONE)(record) ?? "");

  test("leaves secrets out at any depth, and keeps the rest", () => {
    const stored = store({
      user_id: "auth0|1",
      password: "hunter2",
      passwordHash: "$2b$10$hunter2",
      last_password_reset: "2024-01-01",
      identities: [
        { provider: "auth0", access_token: "hunter2", profileData: { salt: "hunter2", name: "Ada" } },
      ],
      mfa: { totp_secret: "hunter2", totp_enabled: true },
    });
    expect(stored).toEqual({
      user_id: "auth0|1",
      last_password_reset: "2024-01-01",
      identities: [{ provider: "auth0", profileData: { name: "Ada" } }],
      mfa: { totp_enabled: true },
    });
  });

  test.each([{}, { password: "hunter2" }])(
    "holds whatever is nested too deeply for a recursion, beside %j",
    (more) => {
      const deep = JSON.parse("[".repeat(50_000) + '{"pin":"hunter2"}' + "]".repeat(50_000)) as JsonValue;
      const stored = createRowStorer(DOCUMENTS, NONE)({ id: 1, deep, ...more });
      expect(stored).toBe(`{"id":1,"deep":${"[".repeat(50_000)}{}${"]".repeat(50_000)}}`);
      const plain = createRowStorer(
        DOCUMENTS,
        NONE,
      )({ deep: JSON.parse("[".repeat(50_000) + "]".repeat(50_000)) });
      expect(plain).toHaveLength(100_009);
    },
  );

  test("leaves out the fields that the mapping reads as secrets, and the others all the same", () => {
    const storeRow = createRowStorer(DOCUMENTS, new Set(["legacy"]));
    const record = { legacy: { h: "hunter2" }, more: { legacy: 1, token: "hunter2" }, password: "hunter2" };
    expect(storeRow(record)).toBe('{"more":{"legacy":1}}');
    expect(storeRow({ legacy: "hunter2", id: [{ pin: "hunter2" }, null, "x"] })).toBe('{"id":[{},null,"x"]}');
    expect(storeRow({ id: 1 })).toBe('{"id":1}');
  });

  test("keeps keys that every object has", () => {
    const text = '{"__proto__":{"x":1,"password":"hunter2"},"constructor":"c","toJSON":"j"}';
    const stored = createRowStorer(DOCUMENTS, NONE)(JSON.parse(text) as JsonObject);
    expect(stored).toBe('{"__proto__":{"x":1},"constructor":"c","toJSON":"j"}');
  });

  test("leaves secrets out also after more keys than are remembered", () => {
    const storeRow = createRowStorer(DOCUMENTS, NONE);
    for (let index = 0; index < 11_000; index += 1) storeRow({ [`key${index}`]: 1 });
    expect(storeRow({ late_password: "hunter2", late: 1 })).toBe('{"late":1}');
  });

  test("is whole or none of a document that is nested without end, as this Node can write it", () => {
    const text = `{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
    const stored = createRowStorer(DOCUMENTS, NONE)(JSON.parse(text) as JsonObject);
    expect([text, undefined]).toContain(stored);
  });
});

describe("a stored row of a table", () => {
  test("keeps its columns, with those of secrets empty", () => {
    const record = ["ada", "hunter2", "a@example.com"];
    expect(createRowStorer({ kind: "table", columns: ["username", "password", "email"] }, NONE)(record)).toBe(
      '["ada","","a@example.com"]',
    );
    expect(record).toEqual(["ada", "hunter2", "a@example.com"]);
  });

  test("is whole when no column is secret", () => {
    expect(
      createRowStorer({ kind: "table", columns: ["username", "email"] }, NONE)(["ada", "a@example.com"]),
    ).toBe('["ada","a@example.com"]');
  });
});

describe("a field that the mapping reads as a secret", () => {
  const secret = new Set(["legacy"]);

  test("is left out of a document, whatever its name", () => {
    const text = '{"__proto__":1,"legacy":{"h":"hunter2"},"deep":{"legacy":"kept"}}';
    const stored = createRowStorer(DOCUMENTS, secret)(JSON.parse(text) as JsonObject);
    expect(stored).toBe('{"__proto__":1,"deep":{"legacy":"kept"}}');
  });

  test("is empty in a table", () => {
    const storeRow = createRowStorer({ kind: "table", columns: ["username", "legacy"] }, secret);
    expect(storeRow(["ada", "hunter2"])).toBe('["ada",""]');
  });
});
