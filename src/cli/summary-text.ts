import { existsSync } from "node:fs";
import { join } from "node:path";
import pc from "picocolors";
import type { OutcomeKind } from "../core/outcome.ts";
import { mayHoldPassword } from "../core/secret-field.ts";
import type { RunSummary } from "../report/summary.ts";
import { examplesOf, fixOf, furtherWarnings } from "../report/causes.ts";
import { clashText, findingsText, rightsText, timeForecastText } from "./forecast-text.ts";
import { timeText } from "./time-text.ts";
import { undoCountsText } from "./undo-text.ts";
import { wrapText } from "./wrap-text.ts";

/** Unused fields that are named; a document can have hundreds. */
const MAX_UNUSED_SHOWN = 12;

/** What a plan does not know: Cognito says it of each user when the user is sent. */
const PRESENT_ARE_SKIPPED = "who is in the pool already will be skipped: a plan does not look";

/** A run's numbers for people: what is in, what came of it, why, and where the files are. */
export function summaryText(summary: RunSummary): string {
  return [
    heading(summary),
    source(summary),
    routes(summary),
    passwords(summary),
    activeUsers(summary),
    messages(summary),
    aliases(summary),
    outcomes(summary),
    followUps(summary),
    clashText(summary),
    timeForecastText(summary),
    undo(summary),
    purged(summary),
    findingsText(summary),
    reasons(summary),
    rightsText(summary),
    files(summary),
    next(summary),
  ]
    .filter((section) => section !== "")
    .join("\n");
}

/** What a run of a state is called. */
export const STATE_NAMES: Readonly<Record<RunSummary["state"], string>> = {
  planning: "unfinished plan",
  planned: "plan, nothing sent yet",
  applying: "unfinished run",
  done: "finished run",
  undoing: "run that is being undone",
  undone: "run that was undone",
  purging: "run that is being purged",
  purged: "run that was purged",
};

function heading({ runId, state, userPoolId }: RunSummary): string {
  return pc.bold(`Run ${runId} (${STATE_NAMES[state]}) into ${userPoolId}`);
}

function source({ source: { name, description, rows, unusedFields } }: RunSummary): string {
  const shown = unusedFields.slice(0, MAX_UNUSED_SHOWN).join(", ");
  const more = unusedFields.length - MAX_UNUSED_SHOWN;
  return [
    `  ${label("source")}${rows} users from ${name} (${description})`,
    ...(unusedFields.length === 0
      ? []
      : [
          `  ${label("unused")}${wrapText(`${shown}${more > 0 ? ` and ${more} more` : ""}`, LABEL_INDENT).slice(LABEL_INDENT)}`,
        ]),
  ].join("\n");
}

function routes({ state, routes: byRoute }: RunSummary): string {
  const signUp = byRoute["sign-up"];
  // Nobody goes by another route where users sign up.
  const shown = Object.entries(byRoute).filter(
    ([route]) => route === "none" || (route === "sign-up") === signUp > 0,
  );
  const counts = shown.map(([route, count]) => `${count} ${route === "none" ? "not sent" : `by ${route}`}`);
  if (state !== "planned") return `  ${label("route")}${counts.join(", ")}`;
  return `  ${label("will go")}${counts.join(", ")}\n${pc.dim(`${" ".repeat(LABEL_INDENT)}${PRESENT_ARE_SKIPPED}`)}`;
}

function passwords({
  passwords: { kept, set, reset, locked },
  routes: byRoute,
  source: { unusedFields },
}: RunSummary): string {
  if (kept + set + reset + locked === 0) return "";
  const unread =
    kept + set > 0 || byRoute["sign-up"] > 0
      ? []
      : unusedFields.filter((field) => mayHoldPassword(field.slice(field.lastIndexOf(".") + 1)));
  return [
    `  ${label("passwords")}${kept} kept by their hashes, ${set > 0 ? `${set} set as they were, ` : ""}${reset} to be set anew${locked > 0 ? `, ${pc.yellow(`${locked} get in only by an administrator`)}` : ""}`,
    ...(unread.length === 0
      ? []
      : [
          pc.yellow(
            `            nothing reads ${unread.join(", ")}: see mapping.passwordHash in docs/passwords.md`,
          ),
        ]),
  ].join("\n");
}

/** Who counts in the bill of the month, and why. */
function activeUsers({ activeUsers: { count, of, causes }, forecast }: RunSummary): string {
  if (of === 0) return "";
  const shares = Object.entries(causes)
    .filter(([, share]) => share > 0)
    .map(([cause, share]) => `${share} by ${cause}`);
  const why = shares.length === 0 ? "" : ` (${shares.join(", ")})`;
  const price =
    forecast === undefined || count === 0
      ? ""
      : `\n            ${pc.dim(`what one costs: ${forecast.money.pricingUrl}`)}`;
  return `  ${label("active")}${count} of ${of} users count as active in the month's bill${why}${price}`;
}

/** Whom the run sends a message; nobody unless the operator chose that. */
function messages({ state, policies, followUps: counts }: RunSummary): string {
  if (policies.passwordAfterCreate !== "reset-required") return "";
  const { planned, done } = counts["reset-password"];
  const isPlan = state === "planned";
  if (planned === 0 && !isPlan) return "";
  const whom = isPlan
    ? `${planned} users will be sent a code to set a password, by e-mail or text message, after AdminCreateUser made them`
    : `${done} of ${planned} users were sent a code to set a password`;
  const others =
    isPlan && policies.failedRows === "admin-create"
      ? "; so will be those whose rows an import job refuses"
      : "";
  return pc.yellow(`  ${label("messages")}${whom}${others} (policies.passwordAfterCreate: reset-required)`);
}

/** That aliases may be taken from users of the pool; they never are unless the operator chose that. */
function aliases({ policies, routes: byRoute }: RunSummary): string {
  const mayCreate = byRoute["admin-create"] > 0 || policies.failedRows === "admin-create";
  if (!policies.forceAliasCreation || !mayCreate) return "";
  return pc.yellow(
    `  ${label("aliases")}AdminCreateUser takes verified addresses and numbers from users of the pool who have them as aliases (policies.forceAliasCreation)`,
  );
}

const OUTCOME_COLOURS: Readonly<Record<OutcomeKind, (text: string) => string>> = {
  imported: pc.green,
  updated: pc.green,
  skipped: pc.yellow,
  failed: pc.red,
  rejected: pc.red,
};

function outcomes({ outcomes: counts, unsettled }: RunSummary): string {
  const parts = (Object.entries(counts) as [OutcomeKind, number][]).map(([kind, count]) =>
    count === 0 ? `0 ${kind}` : OUTCOME_COLOURS[kind](`${count} ${kind}`),
  );
  if (unsettled > 0) parts.push(`${unsettled} not yet settled`);
  return `  ${label("outcome")}${parts.join(", ")}`;
}

function followUps({ followUps: counts }: RunSummary): string {
  const kinds = Object.entries(counts);
  const parts = kinds
    .filter(([, { planned }]) => planned > 0)
    .map(([kind, { planned, done, failed }]) => {
      const trouble = failed > 0 ? `, ${pc.red(`${failed} failed`)}` : "";
      return `${planned} ${kind} (${done} done${trouble})`;
    });
  const untouched = kinds
    .filter(([, count]) => count.untouched > 0)
    .map(([kind, count]) => pc.yellow(`${count.untouched} ${kind}`));
  return [
    ...(parts.length === 0 ? [] : [`  ${label("follow-up")}${parts.join(", ")}`]),
    ...(untouched.length === 0
      ? []
      : [
          `  ${label("not done")}${untouched.join(", ")}, of users who were in the pool before: these are not changed`,
        ]),
  ].join("\n");
}

function undo({ undo: counts, runDir, purged: purge }: RunSummary): string {
  if (counts === undefined) return "";
  const file = purge === undefined ? `\n            ${pc.dim(join(runDir, "undo.csv"))}` : "";
  return `  ${label("undo")}${undoCountsText(counts)}${file}`;
}

function purged({ purged: purge, state, runDir }: RunSummary): string {
  if (purge === undefined) return "";
  const was = `  ${label("purged")}${timeText(purge.at)} UTC; before that it was a ${STATE_NAMES[purge.was]}`;
  return state === "purged" ? was : `${was}\n  ${label("go on")}poolferry purge --run-dir ${runDir}`;
}

function reasons(summary: RunSummary): string {
  const lines = summary.reasons.map(
    ({ kind, reason, example, count }) =>
      `    ${count} ${kind}: ${reason}${fixText(summary, reason) ?? (example === undefined ? "" : ` (${example})`)}${examplesText(summary, reason)}`,
  );
  const warnings = furtherWarnings(summary).map(
    ({ code, count }) =>
      `    ${count} with a warning: ${code}${fixText(summary, code) ?? ""}${examplesText(summary, code)}`,
  );
  return [...lines, ...warnings].join("\n");
}

/** What to do about a cause; nothing where a finding has said it already. */
function fixText({ state, forecast }: RunSummary, cause: string): string | undefined {
  const fix = fixOf(cause);
  if (fix === undefined) return undefined;
  const isSaid = state === "planned" && forecast?.findings.some(({ code }) => code === cause) === true;
  return isSaid ? "" : dimmed(fix);
}

function examplesText(summary: RunSummary, code: string): string {
  const examples = examplesOf(summary, code);
  return examples === "" ? "" : dimmed(examples);
}

const dimmed = (text: string): string => `\n${pc.dim(wrapText(text, CAUSE_INDENT))}`;

const CAUSE_INDENT = 8;

function files({ runDir, state, purged: purge }: RunSummary): string {
  if (purge !== undefined) return `  ${label("folder")}${runDir}`;
  const names =
    state === "done" || state === "undoing" || state === "undone"
      ? [
          "identity-map.csv",
          "failed.csv",
          "skipped.csv",
          "rejected.csv",
          "duplicates.csv",
          "warnings.csv",
          "follow-ups.csv",
          "report.html",
          "report.json",
        ]
      : ["rejected.csv", "duplicates.csv", "skipped.csv", "warnings.csv", "report.html", "report.json"];
  return [
    `  ${label("folder")}${runDir}`,
    // A worker beside the one that ended the run has only the ledger's place.
    ...names
      .map((name) => join(runDir, name))
      .filter((path) => existsSync(path))
      .map((path) => `            ${pc.dim(path)}`),
  ].join("\n");
}

function next(summary: RunSummary): string {
  const { runDir, state, workers = 0, isHeld } = summary;
  const command = nextCommand(summary);
  const atWork = workers === 0 || state !== "applying" ? [] : [`  ${label("workers")}${workers} at work`];
  if (isHeld === true && state !== "done") {
    const look = `a process is at work on it: poolferry watch --run-dir ${runDir}`;
    return [...atWork, `  ${label("busy")}${look}`].join("\n");
  }
  return [...atWork, ...(command === undefined ? [] : [`  ${label("go on")}${command}`])].join("\n");
}

/** What goes on with a run that was stopped. */
function nextCommand({ runDir, state, undoAction }: RunSummary): string | undefined {
  if (state === "applying") return `poolferry resume --run-dir ${runDir}`;
  if (state !== "undoing") return undefined;
  const undoOf = `poolferry undo --run-dir ${runDir}`;
  return undoAction === undefined
    ? `${undoOf} with --delete or --disable, as it was begun`
    : `${undoOf} --${undoAction}`;
}

/** Columns that a label takes. */
const LABEL_INDENT = 12;

function label(text: string): string {
  return text.padEnd(10);
}
