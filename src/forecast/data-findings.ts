import type { ForecastFinding } from "../core/forecast.ts";
import type { IssueCode } from "../core/issue.ts";
import { prepareCommand } from "../core/prepare-command.ts";
import { isSecretField } from "../core/secret-field.ts";
import type { Known } from "./known.ts";
import { users } from "./words.ts";

/** How many users have one of these troubles; who has two of them is counted twice. */
export function countOf({ counts }: Known, ...codes: readonly IssueCode[]): number {
  return counts.issues.reduce((sum, { code, count }) => (codes.includes(code) ? sum + count : sum), 0);
}

/** What the pool wants of users and the data does not have. */
export function dataFindings(known: Known): readonly ForecastFinding[] {
  return [...required(known), ...customMissing(known), ...unverified(known)];
}

function required(known: Known): readonly ForecastFinding[] {
  const lacking = countOf(known, "attribute-required");
  if (lacking === 0) return [];
  const [cause] = known.census.causes([{ code: "attribute-required", count: lacking }]);
  const names = cause?.attributes.map(({ name, users: count }) => `${name} (${users(count)})`) ?? [];
  return [
    {
      code: "attribute-required",
      severity: "error",
      message: `The pool requires of every user what some lack: ${names.join(", ")}`,
      fix: "Give these at the source or by a rule of the mapping; what a pool requires cannot be changed later, so a pool that does not is a new one",
      users: lacking,
    },
  ];
}

/** Fields whose names say that they are custom attributes, in a source that was read by the names of attributes. */
function customMissing({ pool, unusedFields }: Known): readonly ForecastFinding[] {
  const here = new Set(pool.attributes.map(({ name }) => name));
  const missing = unusedFields.filter(
    (field) => field.startsWith("custom:") && !here.has(field) && !isSecretField(field),
  );
  if (missing.length === 0) return [];
  const command = prepareCommand(pool.id, missing);
  return [
    {
      code: "custom-attribute-missing",
      severity: "warning",
      message: `The source has ${missing.map((name) => shown(name)).join(", ")}, and the pool has no such ${missing.length === 1 ? "attribute" : "attributes"}, so the values stay behind`,
      fix:
        command === undefined
          ? "Map the fields to attributes whose names Cognito takes: 20 characters at the most, without spaces"
          : "Add them, for good, and plan again",
      command,
    },
  ];
}

const MAX_NAME_SHOWN = 60;

function shown(name: string): string {
  return name.length > MAX_NAME_SHOWN ? `${name.slice(0, MAX_NAME_SHOWN)}…` : name;
}

/** Documented: an import job takes only users one of whose automatically verified attributes is verified. */
function unverified({ pool, signUp, counts }: Known): readonly ForecastFinding[] {
  const lacking = counts.nothingVerified;
  if (signUp !== undefined || lacking === 0) return [];
  return [
    {
      code: "nothing-verified",
      severity: "warning",
      message: `Of ${users(lacking)} nothing is verified of what the pool verifies by itself (${pool.autoVerified.join(" or ")}), so no import job takes them`,
      fix: "Verify them at the source, or say trustSource in the flag's rule if you answer for it; as it is they go by AdminCreateUser, and count as active in the month's bill",
      users: lacking,
    },
  ];
}
