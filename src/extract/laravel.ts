import { openApplicationTable, TABLE_OPTIONS } from "./application-table.ts";
import { fieldsOf, hasKeys } from "./sample.ts";
import type { SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";

/** Rows of Laravel's table `users`, as CSV or JSON with the names of its columns. */
export const laravel: SourceType = {
  type: "laravel",
  options: TABLE_OPTIONS,
  recognise(sample) {
    const fields = fieldsOf(sample);
    const isLaravel = fields.has("email_verified_at") && OF_LARAVEL.some((field) => fields.has(field));
    return isLaravel ? "its users have email_verified_at and remember_token" : undefined;
  },
  open(path, options) {
    return openFromTextFile(path, (file) =>
      openApplicationTable(file, options, {
        name: "an export of Laravel's table users",
        isUser: (document) => hasKeys(document, "id", "email"),
      }),
    );
  },
};

/** Columns that stand beside email_verified_at in no other system that is known. */
const OF_LARAVEL = ["remember_token", "two_factor_recovery_codes"];
