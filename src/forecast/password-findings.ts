import type { ForecastFinding } from "../core/forecast.ts";
import type { Known } from "./known.ts";
import { users } from "./words.ts";

/** Whether users get in with the password they have, and what an import job still lacks. */
export function passwordFindings(known: Known): readonly ForecastFinding[] {
  return [...leftOut(known), ...locked(known), ...role(known), ...hashes(known)];
}

/** A file of an earlier run holds no secret, and nobody sees that on it: the columns are there. */
function leftOut({ counts, policies, lacksPasswords }: Known): readonly ForecastFinding[] {
  const without = counts.created - counts.withHash - counts.withPassword;
  if (!lacksPasswords || without <= 0 || policies.passwordHashes !== "import") return [];
  return [
    {
      code: "secrets-left-out",
      severity: "warning",
      message: `The source is a file of an earlier run, from which passwords and their hashes are left out: ${users(without)} come without, and have to set a new password`,
      fix: "To keep their passwords, mend these rows in the source itself and plan the whole source again: who is in the pool already is skipped",
      users: without,
    },
  ];
}

function locked({ counts, policies, signUp }: Known): readonly ForecastFinding[] {
  const left = counts.withTemporary;
  if (signUp !== undefined || left === 0 || policies.passwordAfterCreate !== "none") return [];
  return [
    {
      code: "users-locked",
      severity: "warning",
      message: `AdminCreateUser makes ${users(left)}, to whom "forgot password" is refused: they get in only once an administrator acts`,
      fix: "Set policies.passwordAfterCreate to random-permanent or reset-required",
      users: left,
    },
  ];
}

function role({ counts, logsRoleArn }: Known): readonly ForecastFinding[] {
  if (counts.routes["import-job"] === 0 || logsRoleArn !== undefined) return [];
  return [
    {
      code: "log-role-unnamed",
      severity: "warning",
      message: "The plan names no role that lets import jobs write their log, and cannot be applied without",
      fix: "Give --logs-role-arn to plan or to apply",
    },
  ];
}

function hashes({ counts, policies }: Known): readonly ForecastFinding[] {
  if (counts.withHash === 0 || policies.passwordHashes !== "import") return [];
  return [
    {
      code: "hashes-untried",
      severity: "note",
      message: `Password hashes come with ${users(counts.withHash)}. AWS does not tell beforehand whether a pool takes any; the first import job shows it`,
      fix: "If it takes none the run stops before anybody with a hash is sent; with policies.passwordHashes: import-or-drop they go without",
      users: counts.withHash,
    },
  ];
}
