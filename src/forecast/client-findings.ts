import type { ForecastFinding } from "../core/forecast.ts";
import type { AppClient, Known } from "./known.ts";
import { users } from "./words.ts";

/** Documented: until a user with an imported hash has signed in once, Cognito needs the password itself, and SRP is refused. */
export function clientFindings({ appClients, counts }: Known): readonly ForecastFinding[] {
  if (appClients === undefined || counts.withHash === 0) return [];
  if (appClients.kind === "unknown") {
    return [
      {
        code: "app-clients-unknown",
        severity: "note",
        message: `Whether the pool's app clients let ${users(counts.withHash)} with password hashes in is not known: ${appClients.why}`,
        fix: `See that they ${FLOWS}`,
        users: counts.withHash,
      },
    ];
  }
  const { clients, hasMore } = appClients;
  const asked = clients.filter(({ isApart }) => !isApart);
  const lacking = asked.filter(({ takesPasswords }) => !takesPasswords);
  if (clients.length === 0) return [noClients(counts.withHash)];
  if (lacking.length === 0) return [];
  const isNone = lacking.length === asked.length && !hasMore;
  return [
    {
      code: "app-clients-without-password-flow",
      severity: isNone ? "error" : "warning",
      message: `${isNone ? "No app client that users sign in with" : `Not every app client (${named(lacking)} ${lacking.length === 1 ? "does" : "do"} not)`} takes a password as it is, without which ${users(counts.withHash)} with password hashes cannot sign in for the first time`,
      fix: `Have them ${FLOWS} until these users have signed in once; UpdateUserPoolClient resets what it is not given, so send all settings`,
      users: counts.withHash,
    },
  ];
}

const FLOWS = "allow ALLOW_USER_PASSWORD_AUTH or ALLOW_ADMIN_USER_PASSWORD_AUTH";

function noClients(count: number): ForecastFinding {
  return {
    code: "app-clients-without-password-flow",
    severity: "note",
    message: `The pool has no app client yet, and the first sign-in of ${users(count)} with password hashes needs one that takes a password as it is`,
    fix: `Have the one that you make ${FLOWS}`,
    users: count,
  };
}

const MAX_NAMED = 3;

function named(clients: readonly AppClient[]): string {
  const names = clients.slice(0, MAX_NAMED).map(({ name }) => name);
  const others = clients.length - names.length;
  return [...names, ...(others > 0 ? [`${others} more`] : [])].join(", ");
}
