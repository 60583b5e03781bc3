import pc from "picocolors";
import type { RunSummary } from "../report/summary.ts";
import type { RunTarget } from "../run/run-target.ts";

/** What carrying a plan out writes, and where: what a yes to it is about. */
export function targetText(summary: RunSummary, target: RunTarget, configPath: string | undefined): string {
  const { userPoolId, userPoolName, region, account, endpointUrl } = target;
  const named = userPoolName === "" ? userPoolId : `"${userPoolName}" (${userPoolId})`;
  const where = [
    ...(account === undefined ? ["account not known"] : [`account ${account}`]),
    ...(region === undefined ? [] : [`region ${region}`]),
    ...(endpointUrl === undefined ? [] : [`at ${endpointUrl}, which is not AWS`]),
  ];
  const lines: readonly (readonly [label: string, value: string])[] = [
    ["pool", `${named}, ${where.join(", ")}`],
    ["users", usersText(summary)],
    ...followUpLines(summary),
    ["messages", messagesText(summary)],
    ["config", configPath ?? "none, only what the command and the environment say"],
  ];
  return [pc.bold("A yes writes:"), ...lines.map(([label, value]) => `  ${label.padEnd(10)}${value}`)].join(
    "\n",
  );
}

function usersText({ routes }: RunSummary): string {
  const sent = Object.entries(routes).filter(([route, count]) => route !== "none" && count > 0);
  const left = routes.none === 0 ? "" : `; ${routes.none} are not sent`;
  return `${sent.map(([route, count]) => `${count} by ${route}`).join(", ")}${left}`;
}

/** What is done to users once they are there, such as to disable them. */
function followUpLines({ followUps }: RunSummary): readonly (readonly [label: string, value: string])[] {
  const planned = Object.entries(followUps).filter(([, count]) => count.planned > 0);
  if (planned.length === 0) return [];
  return [["then", planned.map(([kind, count]) => `${count.planned} ${kind}`).join(", ")]];
}

function messagesText({ routes, followUps, policies }: RunSummary): string {
  if (routes["sign-up"] > 0)
    return "a code for each who signs up, where the pool verifies addresses or numbers by itself";
  if (policies.passwordAfterCreate !== "reset-required") return "none";
  const others = policies.failedRows === "admin-create" ? ", and for those whose rows a job refuses" : "";
  return pc.yellow(`a code to set a password for ${followUps["reset-password"].planned} users${others}`);
}
