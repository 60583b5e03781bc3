import type { ReportLedger } from "../../ledger/ledger.ts";
import type { RunSummary } from "../summary.ts";
import type { ShownValues } from "./user-list.ts";
import { html, type Content, type Markup } from "./markup.ts";
import { number, percent, users, type Shade } from "./words.ts";

/** What the page is about: which run, into which pool, from where, and when. */
export function runFacts(
  summary: RunSummary,
  { facts }: Pick<ReportLedger, "facts">,
  {
    madeAt,
    version,
    shown,
  }: { readonly madeAt: Date; readonly version: string; readonly shown: ShownValues },
): Markup {
  const { pool, connection } = facts;
  const { source, runId, purged } = summary;
  const rows: readonly (readonly [string, Content])[] = [
    ["Run", html`<code>${runId}</code>`],
    ["User pool", html`<code>${pool.id}</code>${pool.name === "" ? "" : ` · ${pool.name}`}`],
    ["AWS account", pool.account],
    ["Region", connection.region],
    [
      "Source",
      html`<span class="long">${shown === "plain" ? source.name : withoutFolders(source.name)}</span>
        <span class="muted">${source.description}</span>`,
    ],
    ["Planned", timeOf(plannedAt(runId))],
    ["Purged", purged === undefined ? undefined : timeOf(new Date(purged.at))],
    ["Page made", timeOf(madeAt)],
    ["By", `poolferry ${version}`],
  ];
  return html`<dl class="facts">
    ${rows
      .filter(([, content]) => content !== undefined && content !== "")
      .map(
        ([name, content]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${content}</dd>
          </div>`,
      )}
  </dl>`;
}

/** A source without the folders in which it lies: they may bear the name of who works there. */
function withoutFolders(name: string): string {
  return name.replace(/^([\w-]+:).*[\\/]/s, "$1");
}

/** A run's id begins with the time when its plan was begun, in UTC. */
function plannedAt(runId: string): Date | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-/.exec(runId) ?? [];
  if (second === undefined) return undefined;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function timeOf(time: Date | undefined): Markup | undefined {
  if (time === undefined) return undefined;
  const iso = time.toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace("T", " ")} UTC</time>`;
}

/** The answer in a sentence, and whether all is well. */
export function verdict(summary: RunSummary): Markup {
  const { outcomes, unsettled, source, state } = summary;
  const there = outcomes.imported + outcomes.updated;
  const lost = outcomes.failed + outcomes.rejected;
  const parts = [
    state === "planned"
      ? `Nothing was sent yet. ${number(unsettled)} of ${users(source.rows)} can be sent`
      : `${number(there)} of ${users(source.rows)} came into the pool by this run`,
    ...(state !== "planned" && unsettled > 0 ? [`${number(unsettled)} have no outcome yet`] : []),
    ...(lost > 0 ? [`${number(lost)} ${state === "planned" ? "cannot" : "did not"}`] : []),
    ...(outcomes.skipped > 0
      ? [`${number(outcomes.skipped)} ${outcomes.skipped === 1 ? "is" : "are"} passed over`]
      : []),
  ];
  const isWell = summary.exitCode === 0 && !(state === "planned" && hasTrouble(summary));
  return html`<p class="verdict ${isWell ? "well" : "attention"}">
    <strong>${isWell ? "All as wanted." : "Needs a look."}</strong> ${parts.join(", ")}.
  </p>`;
}

/** Whether something stands in the way of a plan, or most would not want it so. */
function hasTrouble({ forecast }: RunSummary): boolean {
  return forecast?.findings.some(({ severity }) => severity !== "note") ?? false;
}

/** The numbers that people ask for first. */
export function tiles({ outcomes, unsettled, source, state }: RunSummary): Markup {
  const all: readonly (readonly [string, number, Shade | "plain"])[] = [
    ["in the source", source.rows, "plain"],
    ...(unsettled > 0 || state === "planned"
      ? [[state === "planned" ? "to be sent" : "not yet settled", unsettled, "waiting"] as const]
      : []),
    ...(state === "planned" ? [] : [["imported", outcomes.imported, "imported"] as const]),
    ...(outcomes.updated > 0 ? [["updated", outcomes.updated, "updated"] as const] : []),
    ...(state === "planned" ? [] : [["failed", outcomes.failed, "failed"] as const]),
    ["rejected", outcomes.rejected, "rejected"],
    ["skipped", outcomes.skipped, "skipped"],
  ];
  return html`<ul class="tiles">
    ${all.map(
      ([name, count, shade]) =>
        html`<li class="${shade}">
          <strong>${number(count)}</strong>
          <span
            >${name}${
              shade === "plain" || count === 0 ? "" : html` <small>${percent(count, source.rows)}</small>`
            }</span
          >
        </li>`,
    )}
  </ul>`;
}
