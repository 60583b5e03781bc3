/** `error` rejects the user; `warning` drops one attribute and keeps the user. */
export type Severity = "error" | "warning";

/** Every trouble one user can have before anything is sent: how grave it is, and what the operator can do. */
export const ISSUES = {
  "row-ragged": {
    severity: "error",
    fix: "Mend the quoting or the number of fields of this line in the source; it is never padded or guessed",
  },
  "row-unreadable": { severity: "error", fix: "Mend this record in the source" },
  "row-too-long": { severity: "error", fix: "Shorten or leave out the longest attributes" },
  "username-missing": { severity: "error", fix: "Map the username to a field that every row has" },
  "username-invalid": {
    severity: "error",
    fix: "Cognito takes 1 to 128 characters without spaces or control characters: map another field",
  },
  "username-shaped-like-alias": {
    severity: "error",
    fix: "This pool signs in by e-mail or phone alias, so a username may not look like one: map another field",
  },
  "username-not-alias": {
    severity: "error",
    fix: "This pool's usernames are e-mail addresses or phone numbers: map the username to one",
  },
  "username-differs": {
    severity: "error",
    fix: "In this pool the attribute must equal the username: map both to the same field",
  },
  "attribute-required": { severity: "error", fix: "Map this attribute: the pool requires it of every user" },
  "attribute-too-long": {
    severity: "warning",
    fix: "The attribute was left out; shorten it at the source to keep it",
  },
  "attribute-too-short": {
    severity: "warning",
    fix: "The attribute was left out; mend it at the source to keep it",
  },
  "attribute-out-of-range": {
    severity: "warning",
    fix: "The attribute was left out; mend it at the source to keep it",
  },
  "attribute-type": {
    severity: "warning",
    fix: "The attribute was left out; mend it at the source to keep it",
  },
  "email-invalid": {
    severity: "warning",
    fix: "The e-mail address was left out; mend it at the source to keep it",
  },
  "phone-not-e164": {
    severity: "warning",
    fix: "The phone number was left out; write it as + country code and digits to keep it",
  },
  "birthdate-invalid": {
    severity: "warning",
    fix: "The birthdate was left out; write it as YYYY-MM-DD to keep it",
  },
  "updated-at-invalid": {
    severity: "warning",
    fix: "The time was left out; write it as epoch seconds or ISO 8601 with a zone to keep it",
  },
  "flag-unreadable": { severity: "warning", fix: "The flag was taken as false; write true or false" },
  "flag-unbacked": {
    severity: "warning",
    fix: "The flag was left out, as its address or number is empty; map that to the field of the username if the flag is about it",
  },
  "nothing-verified": {
    severity: "error",
    fix: "An import job takes only users with a verified e-mail address or phone number; verify it at the source, or map a constant true if you trust the source",
  },
  "value-unsafe-in-csv": {
    severity: "error",
    fix: "An import job's CSV cannot carry a backslash, double quote, tab or line break; change the value or map another",
  },
  "user-disabled": {
    severity: "error",
    fix: "An import job would enable this user again: create it by hand, or change the disabled rule of the mapping",
  },
  "user-social-only": {
    severity: "warning",
    fix: "This user signs in through another provider only; set socialOnly: create to give it a native account",
  },
  "duplicate-username": {
    severity: "error",
    fix: "Remove all but one of these users from the source, or set policies.duplicates to keep the first or the newest",
  },
  "duplicate-email": {
    severity: "error",
    fix: "Only one user of this pool may sign in with an address: remove it from the others; where it is an alias, an unverified one is no trouble",
  },
  "duplicate-phone": {
    severity: "error",
    fix: "Only one user of this pool may sign in with a number: remove it from the others; where it is an alias, an unverified one is no trouble",
  },
  "duplicate-preferred-username": {
    severity: "error",
    fix: "Only one user of this pool may sign in with a preferred username: remove it from the others",
  },
} as const satisfies Record<string, { severity: Severity; fix: string }>;

/** The stable code of an {@link Issue}. */
export type IssueCode = keyof typeof ISSUES;

/** One trouble of one user, found before anything was sent. Never holds a secret. */
export interface Issue {
  readonly code: IssueCode;
  /** The attribute it is about, or undefined when it is about the whole row. */
  readonly attribute: string | undefined;
  /** What is wrong, in one clause that stands alone in a report. */
  readonly message: string;
}

/** Whether the issue rejects its user. */
export function isRejecting(issue: Issue): boolean {
  return ISSUES[issue.code].severity === "error";
}
