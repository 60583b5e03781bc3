import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/core/row.ts";
import { createRowStorer } from "../../src/transform/stored-row.ts";

describe("a stored row of a document", () => {
  const store = (record: JsonObject): unknown => JSON.parse(createRowStorer(undefined)(record));

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

  test("keeps keys that every object has", () => {
    const text = '{"__proto__":{"x":1,"password":"hunter2"},"constructor":"c","toJSON":"j"}';
    const stored = createRowStorer(undefined)(JSON.parse(text) as JsonObject);
    expect(stored).toBe('{"__proto__":{"x":1},"constructor":"c","toJSON":"j"}');
  });

  test("leaves secrets out also after more keys than are remembered", () => {
    const storeRow = createRowStorer(undefined);
    for (let index = 0; index < 11_000; index += 1) storeRow({ [`key${index}`]: 1 });
    expect(storeRow({ late_password: "hunter2", late: 1 })).toBe('{"late":1}');
  });
});

describe("a stored row of a table", () => {
  test("keeps its columns, with those of secrets empty", () => {
    const record = ["ada", "hunter2", "a@example.com"];
    expect(createRowStorer(["username", "password", "email"])(record)).toBe('["ada","","a@example.com"]');
    expect(record).toEqual(["ada", "hunter2", "a@example.com"]);
  });

  test("is whole when no column is secret", () => {
    expect(createRowStorer(["username", "email"])(["ada", "a@example.com"])).toBe('["ada","a@example.com"]');
  });
});
