import type { ForecastFinding } from "../core/forecast.ts";
import type { Known } from "./known.ts";
import { toReset } from "./message-findings.ts";
import { users } from "./words.ts";

/**
 * Which of the pool's Lambda triggers run for the plan's users, and when. For import jobs none is documented, so that none does is our
 * guess; for the operations named here they are documented.
 */
export function triggerFindings(known: Known): readonly ForecastFinding[] {
  const has = (trigger: string): boolean => known.pool.setup?.triggers.includes(trigger) === true;
  return [
    ...(has("PreSignUp") ? preSignUp(known) : []),
    ...(has("UserMigration") ? userMigration(known) : []),
    ...(has("PostConfirmation") ? postConfirmation(known) : []),
    ...atSignIn(known),
    ...aboutMessages(known),
  ];
}

function preSignUp({ counts: { routes } }: Known): readonly ForecastFinding[] {
  const single = routes["admin-create"] + routes["sign-up"];
  const operation = routes["sign-up"] > 0 ? "SignUp" : "AdminCreateUser";
  if (single === 0) {
    return [
      {
        code: "trigger-never-runs",
        severity: "note",
        message:
          "The trigger PreSignUp runs for AdminCreateUser and SignUp; AWS names none for import jobs, by which all of this plan go",
      },
    ];
  }
  return [
    {
      code: "trigger-runs",
      severity: "warning",
      message: `The trigger PreSignUp runs for each call of ${operation} (${users(single)}), and can refuse it${routes["import-job"] > 0 ? "; AWS names none for import jobs" : ""}`,
      fix: "See that it lets these in and keeps up with the pace; whom it refuses has failed",
      users: single,
    },
  ];
}

/** Documented: it is asked about users who are not in the pool. */
function userMigration(known: Known): readonly ForecastFinding[] {
  const count = toReset(known);
  if (count === 0) return [];
  return [
    {
      code: "trigger-never-runs",
      severity: "warning",
      message: `The trigger UserMigration is asked only about users who are not in the pool. No password comes along with ${users(count)}, and once they are in, it cannot fetch theirs`,
      fix: "Leave out here whom the trigger is to move at sign-in, or bring hashes",
      users: count,
    },
  ];
}

/** Documented: it runs on ConfirmSignUp, AdminConfirmSignUp and ConfirmForgotPassword. */
function postConfirmation(known: Known): readonly ForecastFinding[] {
  const confirmed = known.counts.followUps.confirm;
  const count = confirmed + (known.signUp === undefined ? toReset(known) : 0);
  if (count === 0) return [];
  return [
    {
      code: "trigger-runs",
      severity: "warning",
      message: `The trigger PostConfirmation runs for ${users(count)}: ${confirmed > 0 ? "when the run confirms them" : "when they set a password after the move"}, not when they are created`,
      fix: "See that it does not greet them as new, or create them twice elsewhere: triggerSource tells the two apart",
      users: count,
    },
  ];
}

const SIGN_IN_TRIGGERS = ["PreAuthentication", "PostAuthentication", "PreTokenGeneration"];

function atSignIn({ pool }: Known): readonly ForecastFinding[] {
  const set = SIGN_IN_TRIGGERS.filter((trigger) => pool.setup?.triggers.includes(trigger));
  if (set.length === 0) return [];
  return [
    {
      code: "trigger-runs",
      severity: "note",
      message: `Not the run, but everybody's first sign-in runs the ${set.length === 1 ? "trigger" : "triggers"} ${set.join(", ")}`,
    },
  ];
}

const MESSAGE_TRIGGERS = ["CustomMessage", "CustomEmailSender", "CustomSMSSender"];

function aboutMessages(known: Known): readonly ForecastFinding[] {
  const { counts, pool } = known;
  const set = MESSAGE_TRIGGERS.filter((trigger) => pool.setup?.triggers.includes(trigger));
  const sent = counts.followUps["reset-password"] + counts.routes["sign-up"];
  const count = Math.max(sent, toReset(known));
  if (set.length === 0 || count === 0) return [];
  return [
    {
      code: "trigger-runs",
      severity: "note",
      message: `The ${set.length === 1 ? "trigger" : "triggers"} ${set.join(", ")} ${set.length === 1 ? "runs" : "run"} for each code: ${sent > 0 ? `of ${users(sent)} during the run` : `of ${users(count)} once they ask for one`}`,
      users: count,
    },
  ];
}
