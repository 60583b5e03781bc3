import { expect, test } from "vitest";
import { decode, decodeBase64 } from "../../../src/transform/password-hash/decode.ts";
import { spellPbkdf2 } from "../../../src/transform/password-hash/spell.ts";

test.each([
  ["QUI=", "AB"],
  ["QUI", "AB"],
  ["QUI==", undefined],
  ["QUJD=", undefined],
  ["QUJ", undefined],
  ["QQ=", undefined],
  ["", ""],
])("%j is base64 of %j", (text, bytes) => {
  expect(decodeBase64(text)?.toString()).toBe(bytes);
});

test.each([
  ["-_8=", "fbff"],
  ["-_8", "fbff"],
  ["+/8=", undefined],
  ["-_9=", undefined],
  ["-_8 ", undefined],
])("%j is base64 for addresses of the bytes %j", (text, bytes) => {
  expect(decode(text, "base64url")?.toString("hex")).toBe(bytes);
});

test("a hash of 128 bits is taken, a shorter one is not", () => {
  const parts = { iterations: 1_000, salt: Buffer.from("salt") };
  expect(spellPbkdf2({ ...parts, hash: Buffer.alloc(16) })).toMatchObject({ algorithm: "PBKDF2_SHA256" });
  expect(spellPbkdf2({ ...parts, hash: Buffer.alloc(15) })).toMatchObject({ code: "password-hash-damaged" });
});
