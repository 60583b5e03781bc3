/** `error` rejects the user; `warning` drops one attribute and keeps the user. */
export type Severity = "error" | "warning";

/** Every trouble one user can have on the way to an outcome: how grave it is, and what the operator can do. */
export const ISSUES = {
  "row-ragged": {
    severity: "error",
    fix: "Mend the quoting or the number of fields of this line in the source; it is never padded or guessed",
  },
  "row-unreadable": { severity: "error", fix: "Mend this record in the source" },
  "row-too-long": {
    severity: "warning",
    fix: "An import job does not take so long a row, so the user goes by AdminCreateUser; shorten or leave out the longest attributes to change that",
  },
  "username-missing": { severity: "error", fix: "Map the username to a field that every row has" },
  "username-invalid": {
    severity: "error",
    fix: "Cognito takes 1 to 128 characters without spaces or control characters: map another field",
  },
  "username-shaped-like-alias": {
    severity: "error",
    fix: "This pool signs in by e-mail or phone alias, so a username may not look like one: map another field",
  },
  "username-reserved": {
    severity: "error",
    fix: "A native user of this name would keep the federated user from signing in: map another field, or leave the user to the provider",
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
  "attribute-immutable": {
    severity: "error",
    fix: "Mend the value at the source, or take away its rule: there is no second chance to set it",
  },
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
  "number-inexact": {
    severity: "warning",
    fix: "The attribute was left out, as digits of it would be lost; write it as a text, in quotes, to keep it",
  },
  "email-invalid": {
    severity: "warning",
    fix: "The e-mail address was left out; mend it at the source to keep it",
  },
  "phone-not-e164": {
    severity: "warning",
    fix: "The phone number was left out; write it with + and its country code, or state the country of such numbers with mapping.phoneCountry, to keep it",
  },
  "phone-extension": {
    severity: "warning",
    fix: "The phone number was left out; write it without its extension to keep it, if it reaches the user so",
  },
  "phone-invalid": {
    severity: "warning",
    fix: "The phone number was left out; mend it at the source to keep it",
  },
  "country-unknown": {
    severity: "warning",
    fix: "The phone number was left out; name its country by an ISO 3166 code or in English, or map it with a lookup",
  },
  "birthdate-invalid": {
    severity: "warning",
    fix: "The birthdate was left out; write it as YYYY-MM-DD to keep it",
  },
  "birthdate-partial": {
    severity: "warning",
    fix: "The birthdate was left out, as Cognito keeps full dates only; give year, month and day to keep it",
  },
  "locale-invalid": {
    severity: "warning",
    fix: "The locale was left out; write it as a language tag such as en-US, or map it with a lookup",
  },
  "zoneinfo-invalid": {
    severity: "warning",
    fix: "The time zone was left out; write its IANA name, such as Europe/Paris, or map it with a lookup",
  },
  "date-invalid": {
    severity: "warning",
    fix: "The date was left out; mend it, or state the format and zone in which the source writes it",
  },
  "updated-at-invalid": {
    severity: "warning",
    fix: "The time was left out; write it as epoch seconds or ISO 8601 with a zone to keep it",
  },
  "flag-unreadable": {
    severity: "warning",
    fix: "The flag was taken as false, and that of disabled users as true; say what its words mean with a lookup",
  },
  "flag-unbacked": {
    severity: "warning",
    fix: "The flag was left out, as its address or number is empty; map that to the field of the username if the flag is about it",
  },
  "lookup-missing": {
    severity: "warning",
    fix: "The value was left out; add it to the rule's table, or say otherwise or keepOthers",
  },
  "json-unreadable": {
    severity: "warning",
    fix: "The value was left out; mend the text, which is no JSON (or not PHP's, where its rule says so), at the source",
  },
  "password-hash-unsupported": {
    severity: "warning",
    fix: "The hash was left out and this user must reset the password: only whoever knows it can make another hash",
  },
  "password-hash-over-limit": {
    severity: "warning",
    fix: "The hash was left out and this user must reset the password: an import job refuses stronger parameters",
  },
  "password-hash-damaged": {
    severity: "warning",
    fix: "The hash was left out and this user must reset the password; export the field whole to keep it",
  },
  "password-hash-peppered": {
    severity: "warning",
    fix: "The hash was left out and this user must reset the password: Cognito does not have the source's secret",
  },
  "password-hash-unrecognised": {
    severity: "warning",
    fix: "The hash was left out and this user must reset the password; check mapping.passwordHash to keep it",
  },
  "verified-untrusted": {
    severity: "warning",
    fix: "The hook made verified what the row does not call so, so the flag was taken as false; say trustSource in the flag's rule if you answer for it",
  },
  "hook-skipped": {
    severity: "warning",
    fix: "The user was passed over, as the hook says; change the hook to bring it over",
  },
  "hook-rejected": {
    severity: "error",
    fix: "The hook decides: mend the user at the source, or change the hook",
  },
  "nothing-verified": {
    severity: "warning",
    fix: "An import job takes only users with a verified e-mail address or phone number, so the user goes by AdminCreateUser and cannot reset the password; verify it at the source, or say trustSource if you trust the source",
  },
  "no-contact": {
    severity: "warning",
    fix: "The user goes by AdminCreateUser, and nobody can send it a code: it cannot reset the password by itself; map an address or a number, or set policies.unimportable to reject",
  },
  "value-unsafe-in-csv": {
    severity: "warning",
    fix: "An import job's CSV cannot carry a backslash, double quote, tab or line break, so the user goes by AdminCreateUser; change the value to change that",
  },
  "value-set-after": {
    severity: "warning",
    fix: "An import job's CSV cannot carry a backslash, double quote, tab or line break, so the attribute is set by AdminUpdateUserAttributes once the user is in the pool; change the value to change that",
  },
  "password-withheld": {
    severity: "warning",
    fix: "Should the user be enabled again, it must reset the password: its hash is not imported",
  },
  "password-not-carried": {
    severity: "warning",
    fix: "Only import jobs take password hashes: this user must reset the password, or lose what keeps it from the import job",
  },
  "password-looks-hashed": {
    severity: "warning",
    fix: "The password was left out, as a hash must not become one: if the field holds hashes, map it with mapping.passwordHash",
  },
  "reset-code-undeliverable": {
    severity: "warning",
    fix: "The user is not sent a code, and has a random permanent password: forgot password works once an address or number of it is verified",
  },
  "code-sent": {
    severity: "warning",
    fix: "Cognito sends the user a code when it signs up, which no request can suppress and signUp.messages allows; and to an address or number that changes, unless it is known to be verified",
  },
  "not-by-sign-up": {
    severity: "warning",
    fix: "SignUp cannot carry it, so it was left out; whoever has rights on the pool can set it afterwards",
  },
  "rights-missing": {
    severity: "warning",
    fix: "It is left out, as nothing but SignUp can be called with an app client alone; plan without userPool.description to have it done with AWS credentials",
  },
  "disable-needs-rights": {
    severity: "error",
    fix: "Nobody is signed up who may not sign in and could not be disabled: plan without userPool.description, with AWS credentials, or set policies.disabled to skip",
  },
  "row-refused": {
    severity: "warning",
    fix: "The import job refused the row, so the user went by AdminCreateUser; mend what the message names at the source, or set policies.failedRows to leave",
  },
  "password-hash-refused": {
    severity: "warning",
    fix: "Cognito refused the password hash, or all of them, so the user was imported without one and must reset the password",
  },
  "group-invalid": {
    severity: "warning",
    fix: "The user is not put into this group; give it another name with mapping.groups.clean or a lookup",
  },
  "group-missing": {
    severity: "warning",
    fix: "The user is not put into this group, as policies.missingGroups says; create the group and plan again, or set the policy to create",
  },
  "groups-too-many": { severity: "error", fix: "Map fewer groups: none is dropped unasked" },
  "mfa-unavailable": {
    severity: "warning",
    fix: "Text messages do not become the second factor; turn on multi-factor authentication in the pool, or mend the number",
  },
  "mfa-not-importable": {
    severity: "warning",
    fix: "Tell the user to set up the authenticator again: no secret of one can be moved",
  },
  "identity-invalid": { severity: "warning", fix: "The identity is not linked; mend it at the source" },
  "identities-too-many": { severity: "error", fix: "Name fewer providers in mapping.linkedProviders.names" },
  "provider-unmapped": {
    severity: "error",
    fix: "Name the provider in mapping.linkedProviders.names, or set policies.socialOnly to skip or create",
  },
  "user-deleted": {
    severity: "warning",
    fix: "Set policies.deleted to create to bring the user over all the same",
  },
  "user-service-account": {
    severity: "warning",
    fix: "Set policies.serviceAccounts to create to bring it over all the same",
  },
  "user-anonymous": {
    severity: "warning",
    fix: "Set policies.anonymous to create to bring the user over all the same",
  },
  "user-disabled": {
    severity: "warning",
    fix: "Set policies.disabled to disable to create the user and disable it at once",
  },
  "user-social-only": {
    severity: "warning",
    fix: "Set policies.socialOnly to create to give the user a native account, or to link to link it to its provider",
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
