import { expect, test, vi } from "vitest";
import { redactFacts, redactText } from "../../src/cli/redact.ts";

const SECRET = "zzCanary";
const URL_WITH_SIGNATURE = `https://bucket.s3.amazonaws.com/1?X-Amz-Security-Token=${SECRET}%2B&X-Amz-Signature=${SECRET}`;

test.each([
  URL_WITH_SIGNATURE,
  encodeURIComponent(URL_WITH_SIGNATURE),
  `The Canonical String should have been 'POST\nhost:x\nx-amz-security-token:${SECRET}\n`,
  `authorization: AWS4-HMAC-SHA256 Credential=x, Signature=${SECRET}`,
  `http://user:${SECRET}@proxy.example.com:8080/ cannot be reached`,
  `postgres://user:x@y/${SECRET}@db.example.com:5432/shop`,
  `Value '$2b$10$${SECRET}' at 'x'`,
  `$argon2id$v=19$m=1,t=1,p=1$c2FsdA$${SECRET}`,
  `$pbkdf2-sha256$600000$c2FsdA$${SECRET}`,
])("the secret in '%s' is not printed", (text) => {
  expect(redactText(text)).toContain("[redacted]");
  expect(redactText(text)).not.toContain(SECRET);
});

test("the secrets of AWS in the environment are not printed, wherever they come from", () => {
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", `${SECRET}-access-key`);
  vi.stubEnv("AWS_SESSION_TOKEN", `${SECRET}-session-token`);
  expect(redactText(`<${SECRET}-access-key> and <${SECRET}-session-token>`)).toBe(
    "<[redacted]> and <[redacted]>",
  );
  // So short that it may be a word.
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  expect(redactText("a local Cognito")).toBe("a local Cognito");
  vi.unstubAllEnvs();
});

test("the form of an address is shown", () => {
  for (const form of ["postgres://USER:PASSWORD@HOST:5432/DATABASE", "https://TOKEN@ORG.okta.com"])
    expect(redactText(`It has the form ${form}`)).toBe(`It has the form ${form}`);
});

test("ordinary texts stay as they are", () => {
  const text =
    "part 1: uploaded; user pool us-east-1_abc $5 at https://cognito-idp.us-east-1.amazonaws.com (ada@node_modules/@aws-sdk)";
  expect(redactText(text)).toBe(text);
});

test.each([
  "preSignedUrl",
  "PreSignedUrl",
  "password",
  "temporaryPassword",
  "passwordHash",
  "hash",
  "token",
  "sessionToken",
  "secretAccessKey",
  "authorization",
  "secretHash",
  "clientSecret",
  "totpSeed",
  "X-Amz-Signature",
])("the value of %s is in no log line, at whatever depth", (name) => {
  for (const value of [SECRET, [SECRET], { deeper: SECRET }]) {
    const facts = { [name]: value, part: 1, call: { headers: [{ [name]: value }] } };
    const redacted = redactFacts(facts);
    expect(JSON.stringify(redacted)).not.toContain(SECRET);
    expect(redacted).toMatchObject({ [name]: "[redacted]", part: 1 });
  }
});

test("secrets are found by their form under any name, and an error shows nothing but its name", () => {
  const cause = Object.assign(new Error(SECRET), { input: SECRET });
  const redacted = redactFacts({ why: URL_WITH_SIGNATURE, cause, list: [URL_WITH_SIGNATURE] });
  expect(JSON.stringify(redacted)).not.toContain(SECRET);
  expect(redacted).toMatchObject({ cause: { name: "Error" } });
});
