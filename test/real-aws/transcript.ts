/** One request and what came of it, with nothing in it that tells an account, a key, a pool or a person. */
export interface Exchange {
  readonly operation: string;
  readonly input: unknown;
  readonly output?: unknown;
  readonly error?: { readonly name: string; readonly message: string };
}

/** What identifies someone or opens something, and what stands for it in a transcript. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\?X-Amz-[^"\s]*/g, "?(query)"],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "(uuid)"],
  [/\b([a-z]{2}(?:-[a-z]+)+-\d)_[0-9A-Za-z]{9}\b/g, "$1_(pool)"],
  [/\bimport-[0-9A-Za-z]{10}\b/g, "import-(job)"],
  [/\b\d{12}\b/g, "(account)"],
  // AWS's words of who may not do something name the person who asked.
  [/:(role|assumed-role|user|federated-user)\/[^"\s]+/g, ":$1/($1)"],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, "(token)"],
  [/\b(?=[a-z]*\d)[0-9a-z]{26}\b/g, "(client)"],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, "(key)"],
];

/** Members that open something, or tell when, or nothing. */
const LEFT_OUT = new Set([
  "$metadata",
  "AccessToken",
  "ClientId",
  "ClientSecret",
  "IdToken",
  "RefreshToken",
  "Session",
  "nextBackwardToken",
  "nextForwardToken",
]);

/** Leaves out of a value what must not be published. */
export function sanitise(value: unknown): unknown {
  if (typeof value === "string") {
    return SECRETS.reduce((text, [secret, word]) => text.replaceAll(secret, word), value);
  }
  if (value instanceof Date) return "(time)";
  if (Array.isArray(value)) return value.map(sanitise);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !LEFT_OUT.has(name))
      .map(([name, item]) => [name, sanitise(item)]),
  );
}
