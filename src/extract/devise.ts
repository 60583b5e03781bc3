import type { JsonObject } from "../core/row.ts";
import { openApplicationTable, TABLE_OPTIONS } from "./application-table.ts";
import { isJsonObject } from "./json-row.ts";
import { fieldsOf, hasKeys } from "./sample.ts";
import type { SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";

/**
 * Rows of the table of users of a Rails application with Devise, as CSV or JSON with the names of its columns; and the
 * JSON that FusionAuth's script for Devise writes, whose users have FusionAuth's names.
 */
export const devise: SourceType = {
  type: "devise",
  alsoReads: ["fusionauth"],
  options: TABLE_OPTIONS,
  recognise(sample) {
    const fields = fieldsOf(sample);
    const isDevise = fields.has("encrypted_password") && OF_DEVISE.some((field) => fields.has(field));
    return isDevise ? "its users have encrypted_password and Devise's other columns" : undefined;
  },
  open(path, options) {
    return openFromTextFile(path, (file) =>
      openApplicationTable(file, options, {
        name: "an export of a table of Devise's users",
        isUser: (document) => hasKeys(document, "encrypted_password"),
        toRecord: (user) => (isForFusionAuth(user) ? fromFusionAuth(user) : user),
      }),
    );
  },
};

/** Columns of Devise's modules recoverable and rememberable, which stand beside encrypted_password nowhere else. */
const OF_DEVISE = ["reset_password_token", "reset_password_sent_at", "remember_created_at"];

/** Whether a user is written as FusionAuth's import takes it, its hash in parts. */
function isForFusionAuth(user: JsonObject): boolean {
  return hasKeys(user, "encryptionScheme", "password") && !Object.hasOwn(user, "encrypted_password");
}

/**
 * A user under Devise's names again. The script cut the bcrypt hash into its cost, 22 characters of salt and 31 of hash;
 * it calls users verified where confirmable says so, and all of them where the application does not use it.
 */
function fromFusionAuth(user: JsonObject): JsonObject | string {
  const { encryptionScheme, factor, salt, password, verified, active, data, ...others } = user;
  if (encryptionScheme !== "bcrypt") return "its encryptionScheme is not bcrypt, which is what Devise has";
  const known = isJsonObject(data) ? data : {};
  const hasPassword = password !== "" && password !== null && password !== undefined;
  const isWhole = typeof factor === "number" && typeof salt === "string" && typeof password === "string";
  if (hasPassword && !isWhole) return "its hash is not in the parts factor, salt and password";
  return {
    id: known["original_user_id"] ?? null,
    ...others,
    encrypted_password:
      hasPassword && isWhole ? `$2a$${String(factor).padStart(2, "0")}$${salt}${password}` : null,
    email_verified: verified ?? null,
    // Whoever is not active may not sign in, which a time of locking says here.
    locked_at: known["locked_at"] ?? (active === false ? "not active" : null),
  };
}
