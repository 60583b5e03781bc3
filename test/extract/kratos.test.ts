import { describe, expect, test } from "vitest";
import { detectSourceType } from "../../src/extract/detect.ts";
import { kratos } from "../../src/extract/kratos.ts";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { kratos as preset } from "../../src/transform/presets/kratos.ts";
import { describeFileSource } from "../contract/file-contract.ts";
import type { KnownUser } from "../contract/source-contract.ts";
import { aBareRow, aDecider, rowsOf, sentAttributes } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const recordOf = ({ id, name, email }: KnownUser) => ({
  id,
  schema_id: "default",
  traits: { name, email },
});
describeFileSource("a page of Ory Kratos' identities", {
  type: kratos,
  writeUser: (user) => JSON.stringify(recordOf(user)),
  expectedRecord: recordOf,
  wrongFormats: [{ title: "CSV", text: "id,email\n1,ada@example.com\n", hint: "csv:PATH" }],
  start: "[",
  between: ",\n",
  end: "]",
  firstLine: undefined,
  broken: { text: "null", place: "element 2" },
});

describe("Ory Kratos' shapes", () => {
  test("NDJSON, a document with a list, and an identity alone are read as well", async () => {
    const identity = { id: "1", schema_id: "s", traits: {}, verifiable_addresses: [{ value: "a" }] };
    for (const text of [
      `${JSON.stringify(identity)}\n`,
      JSON.stringify(identity, undefined, 2),
      JSON.stringify({ identities: [identity], next_page_token: "x" }),
    ]) {
      const path = aFile(text);
      expect((await detectSourceType(path, SOURCE_TYPES)).type.type).toBe("kratos");
      expect((await rowsOf(await kratos.open(path, {}))).map(({ record }) => record)).toEqual([identity]);
    }
  });

  test("a credential that was exported and holds nothing is none; one that was not exported stays", async () => {
    const credentials = {
      password: { type: "password", identifiers: ["a"], config: {} },
      webauthn: { type: "webauthn", identifiers: ["a"] },
      oidc: { type: "oidc", config: { providers: [{ provider: "google", subject: "1" }] } },
    };
    const text = JSON.stringify([{ id: "1", schema_id: "s", traits: {}, credentials }]);
    expect(await rowsOf(await kratos.open(aFile(text), {}))).toMatchObject([
      { record: { credentials: { webauthn: credentials.webauthn, oidc: credentials.oidc } } },
    ]);
    const [row] = await rowsOf(await kratos.open(aFile(text), {}));
    expect(row?.record).not.toHaveProperty("credentials.password");
  });
});

describe("Ory Kratos' preset", () => {
  const decide = aDecider({ preset: preset.mapping });
  const verified = (over: object) =>
    sentAttributes(
      decide(
        aBareRow({
          id: "1",
          traits: { email: "Ada@Example.com" },
          verifiable_addresses: [{ value: "ada@example.com", via: "email", verified: true, ...over }],
        }),
      ),
    ).get("email_verified");

  test("calls an address verified where a verified one is the same, whatever its case", () => {
    expect(verified({})).toBe("true");
  });

  test.each([
    ["is not verified", { verified: false }],
    ["is another one", { value: "ada@example.org" }],
    ["is a number", { via: "sms" }],
  ])("calls none verified where the only one %s", (_what, over) => {
    expect(verified(over)).toBe("false");
  });

  test("counts who has a provider, and no password that was exported, as social-only", () => {
    const oidc = { type: "oidc", identifiers: ["google:1"] };
    const isSkipped = (credentials: { readonly [key: string]: { readonly type: string } }) =>
      decide(aBareRow({ id: "1", traits: { email: "a@example.com" }, credentials })).notSent?.kind ===
      "skipped";
    expect(isSkipped({ oidc })).toBe(true);
    expect(isSkipped({ oidc, password: { type: "password" } })).toBe(false);
    expect(isSkipped({ password: { type: "password" } })).toBe(false);
    expect(isSkipped({})).toBe(false);
  });
});
