import { isSecretField } from "../core/secret-field.ts";

/** What stands in the place of a secret. */
const REDACTED = "[redacted]";

/**
 * Secrets that are told by their form: signatures and tokens of pre-signed URLs and of signed requests, the user and
 * password of a URL, and password hashes.
 */
const SECRET_FORMS: readonly (readonly [form: RegExp, redacted: string])[] = [
  [/(X-Amz-(?:Signature|Security-Token|Credential))(=|%3D)[^&\s"'<>\\]+/gi, `$1$2${REDACTED}`],
  [/\b(x-amz-security-token|authorization)(["']?\s*:\s*)[^\r\n\\]+/gi, `$1$2${REDACTED}`],
  // To the last @, as a password can hold one. What a hint says of the form is no secret.
  [/(\b[a-z][a-z\d+.-]*:\/\/)(?!USER:PASSWORD@|TOKEN@)[^\s"'<>]+@/gi, `$1${REDACTED}@`],
  [
    /\$(?:2[abxyz]?|argon2(?:id|i|d)|pbkdf2[\w-]*|scrypt|s[01]|bcrypt[\w-]*|P|H|y|[1567])\$[^\s"';}\]]+/g,
    REDACTED,
  ],
];

/** Environment variables whose values are secrets of AWS. */
const SECRET_VARIABLES = ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] as const;

/** Shorter values are words of a text, such as the credentials of a local Cognito. */
const MIN_SECRET_LENGTH = 12;

/** A text for the terminal or a log, without any secret that is told by its form or stands in the environment. */
export function redactText(text: string): string {
  let redacted = text;
  for (const name of SECRET_VARIABLES) {
    const secret = process.env[name] ?? "";
    if (secret.length >= MIN_SECRET_LENGTH) redacted = redacted.replaceAll(secret, REDACTED);
  }
  for (const [form, replacement] of SECRET_FORMS) redacted = redacted.replaceAll(form, replacement);
  return redacted;
}

/** Names that no source has and that hold secrets all the same. */
const SECRET_NAME = /presigned|authorization|signature|cookie/i;

/** The facts of a log line without secrets: neither under a name that says so, nor by their form, at whatever depth. */
export function redactFacts(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name,
      typeof value !== "number" && (SECRET_NAME.test(name) || isSecretField(name)) ? REDACTED : redact(value),
    ]),
  );
}

function redact(value: unknown): unknown {
  if (typeof value === "string") return redactText(value);
  if (Array.isArray(value)) return value.map(redact);
  if (value instanceof Error) return redactFacts({ name: value.name });
  if (typeof value === "object" && value !== null) return redactFacts({ ...value });
  return value;
}
