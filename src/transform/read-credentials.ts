import type { Issue } from "../core/issue.ts";
import type { PasswordHash } from "../core/password-hash.ts";
import type { SourceRecord } from "../core/row.ts";
import type { CompiledMapping } from "./compile-mapping.ts";
import { describeHash } from "./password-hash/dialects.ts";
import type { Policies } from "./policies.ts";
import { isPresent, Unusable, type Reader } from "./reading.ts";
import { textOf } from "./text-of.ts";

/** With what a user signed in at the source, as far as it can go on; both are secrets. */
export interface Credentials {
  readonly passwordHash: PasswordHash | undefined;
  /** In plain text, exactly as the source has it. */
  readonly password: string | undefined;
}

/** Reads the plain-text password of one record, or why it cannot be used; undefined when the user has none. */
export type PasswordReader = (record: SourceRecord) => string | Unusable | undefined;

/** Makes the reader of plain-text passwords. What looks like a hash is none, so that nobody gets a hash as a password. */
export function createPasswordReader(read: Reader | undefined): PasswordReader {
  if (read === undefined) return () => undefined;
  return (record) => {
    const reading = read(record);
    if (reading === undefined || reading instanceof Unusable || !isPresent(reading)) {
      return reading instanceof Unusable ? reading : undefined;
    }
    if (typeof reading === "boolean") return A_FLAG;
    // As it is written: white space may be a part of it.
    const password = typeof reading === "string" ? reading : textOf(reading);
    if (password instanceof Unusable) return password;
    const kind = describeHash(password);
    return kind === undefined
      ? password
      : new Unusable("password-looks-hashed", `the password looks like a hash (${kind})`);
  };
}

const A_FLAG = new Unusable("attribute-type", "the password is true or false, as of a flag");

/** Whose credentials are read; `issues` takes what is wrong with them. */
export interface UserWithCredentials {
  readonly record: SourceRecord;
  /** Whether the user may not sign in. */
  readonly isDisabled: boolean;
  readonly issues: Issue[];
}

/** Reads what a user signed in with; of a user who may not sign in, nothing goes on. */
export function readCredentials(
  { record, isDisabled, issues }: UserWithCredentials,
  mapping: CompiledMapping,
  policies: Policies,
): Credentials {
  const password = usable(mapping.readPassword(record), "password", issues);
  const hash = policies.passwordHashes === "drop" ? undefined : mapping.readPasswordHash(record);
  // Beside the password itself, a hash that cannot be used is no loss.
  const passwordHash =
    password !== undefined && hash instanceof Unusable ? undefined : usable(hash, "passwordHash", issues);
  if (!isDisabled || (passwordHash ?? password) === undefined) return { passwordHash, password };
  const message = "the user may not sign in, and could with it until it is disabled";
  issues.push({ code: "password-withheld", attribute: undefined, message });
  return { passwordHash: undefined, password: undefined };
}

function usable<Value>(
  read: Value | Unusable | undefined,
  attribute: "password" | "passwordHash",
  issues: Issue[],
): Value | undefined {
  if (!(read instanceof Unusable)) return read;
  issues.push({ code: read.code, attribute, message: read.message });
  return undefined;
}
