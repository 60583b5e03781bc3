import { aFile } from "./files.ts";

/** A member of the sources of these tests. */
export interface Member {
  readonly username: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
  readonly birthdate?: string;
  readonly phone_number?: string;
  readonly disabled?: boolean;
  readonly teams?: readonly string[];
  readonly mfa?: string;
  readonly identities?: readonly { readonly provider: string; readonly id: string }[];
}

/** Members m1 to mN without a verified contact, who therefore go by AdminCreateUser; `change` makes some others. */
export function members(
  count: number,
  change: (number: number) => Partial<Member> = () => ({}),
): readonly Member[] {
  return Array.from({ length: count }, (_, index) => {
    const username = `m${index + 1}`;
    return { username, email: `${username}@example.com`, email_verified: false, ...change(index + 1) };
  });
}

/** A config file whose source these members are, and which maps what they have beside attributes. */
export function aMemberConfig(
  list: readonly Member[],
  unsafeValues: "set-after" | "admin-create" = "set-after",
): string {
  // Every path stands in some row, as a mapping of the operator's must.
  const blank = { disabled: false, teams: [], mfa: "", identities: [] };
  const path = aFile(
    list.map((member) => `${JSON.stringify({ ...blank, ...member })}\n`).join(""),
    "members.ndjson",
  );
  return aFile(
    `source: { type: ndjson, path: ${path} }
policies: { unsafeValues: ${unsafeValues} }
mapping:
  disabled: disabled
  groups: teams
  mfa: mfa
  linkedProviders:
    list: identities
    provider: provider
    subject: id
    names: { google: Google, corp: Corp }
`,
    "ferry.yaml",
  );
}
