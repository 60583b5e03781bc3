import { expect, test } from "vitest";
import { secretHashOf } from "../../src/cognito/sign-up.ts";

test("a secret hash is Base64 of HMAC-SHA256 over username and client id: case 2 of RFC 4231, cut in two", () => {
  const published = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  const client = { id: "for nothing?", secret: "Jefe" };
  expect(secretHashOf("what do ya want ", client)).toBe(Buffer.from(published, "hex").toString("base64"));
});

test("a username beyond ASCII is hashed as UTF-8, as OpenSSL does it", () => {
  // printf 'Zoë1example' | openssl dgst -sha256 -hmac s3cret -binary | base64
  expect(secretHashOf("Zoë", { id: "1example", secret: "s3cret" })).toBe(
    "lPmn6RHAuS85NpOZ5R5xDx10oZRYSwzFaFgtYnFTzCU=",
  );
});
