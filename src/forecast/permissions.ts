import { FOLLOW_UP_KINDS } from "../core/follow-up.ts";
import type { ForecastPermissions } from "../core/forecast.ts";
import { FOLLOW_UP_OPERATIONS } from "../cognito/follow-up-operations.ts";
import type { Operation } from "../cognito/quota.ts";
import type { Known } from "./known.ts";

/** What no step of any plan is done without, and what only trouble takes. */
interface Needs {
  readonly needed: readonly Operation[];
  readonly perhaps: readonly Operation[];
}

/**
 * The actions of IAM that carrying out a plan takes. SignUp and the upload are called without credentials, so there is none for
 * them (documented).
 */
export function permissionsOf(known: Known): ForecastPermissions {
  const { signUp, counts, refused } = known;
  if (signUp?.access === "client" || counts.created === 0) return { needed: [], perhaps: [], refused };
  const all = [reading(known), importing(known), creating(known), following(known)];
  const needed = new Set(all.flatMap((needs) => needs.needed.map(actionOf)));
  const perhaps = new Set(all.flatMap((needs) => needs.perhaps.map(actionOf)));
  // To hand the role of the log to Cognito is an action of its own.
  if (counts.routes["import-job"] > 0) needed.add("iam:PassRole");
  const sorted = [...needed].sort();
  const others = [...perhaps].filter((action) => !needed.has(action)).sort();
  return {
    needed: sorted,
    perhaps: others,
    refused: refused.filter((action) => needed.has(action) || perhaps.has(action)),
  };
}

/** The action of IAM that a call of an operation takes. */
function actionOf(operation: Operation): string {
  return `${LOG_OPERATIONS.has(operation) ? "logs" : "cognito-idp"}:${operation}`;
}

const LOG_OPERATIONS: ReadonlySet<Operation> = new Set([
  "DescribeLogGroups",
  "DescribeLogStreams",
  "GetLogEvents",
]);

function reading({ signUp }: Known): Needs {
  return {
    needed: ["DescribeUserPool", ...(signUp === undefined ? (["GetCSVHeader"] as const) : [])],
    // The documented rates are taken without the first; users are looked up where an answer was lost.
    perhaps: ["GetProvisionedLimit", "ListUsers"],
  };
}

function importing({ counts, policies }: Known): Needs {
  if (counts.routes["import-job"] === 0) return NOTHING;
  return {
    needed: [
      "CreateUserImportJob",
      "StartUserImportJob",
      "DescribeUserImportJob",
      "DescribeLogGroups",
      "DescribeLogStreams",
      "GetLogEvents",
      "ListUsers",
    ],
    perhaps: [
      "ListUserImportJobs",
      ...(policies.failedRows === "admin-create" ? (["AdminCreateUser"] as const) : []),
      ...(policies.failedRows === "admin-create" ? passwordOperations(policies) : []),
    ],
  };
}

/** What is done to the password of a user whom AdminCreateUser made since an import job refused its row. */
function passwordOperations({ passwordAfterCreate }: Known["policies"]): readonly Operation[] {
  switch (passwordAfterCreate) {
    case "none":
      return [];
    case "random-permanent":
      return ["AdminSetUserPassword"];
    case "reset-required":
      return ["AdminSetUserPassword", "AdminResetUserPassword"];
  }
}

function creating({ counts }: Known): Needs {
  return counts.routes["admin-create"] === 0 ? NOTHING : { needed: ["AdminCreateUser"], perhaps: [] };
}

function following({ counts, policies }: Known): Needs {
  const kinds = FOLLOW_UP_KINDS.filter((kind) => counts.followUps[kind] > 0);
  const joins = kinds.includes("add-to-group") && policies.missingGroups === "create";
  return {
    needed: [...kinds.map((kind) => FOLLOW_UP_OPERATIONS[kind]), ...(joins ? (["ListGroups"] as const) : [])],
    perhaps: joins ? ["CreateGroup"] : [],
  };
}

const NOTHING: Needs = { needed: [], perhaps: [] };
