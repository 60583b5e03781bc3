import { createRequire } from "node:module";
import type { ReportLedger } from "../../ledger/ledger.ts";
import type { RunSummary } from "../summary.ts";
import { causeList } from "./cause-list.ts";
import { fileList } from "./file-list.ts";
import { flowChart } from "./flow-chart.ts";
import { findingList, needs, timeForecast } from "./forecast.ts";
import { html, trusted, type Content, type Markup } from "./markup.ts";
import { activeUserTable, followUpTable, passwordTable, undoTable } from "./numbers.ts";
import { pageFile, policyHash } from "./page-file.ts";
import { runFacts, tiles, verdict } from "./overview.ts";
import { userList, userRows, type ShownValues } from "./user-list.ts";
import { progressChart } from "./progress-chart.ts";
import { PAGE_NAMES } from "./words.ts";

const packaged = createRequire(import.meta.url);

/** How a page is made. */
export interface PageOptions {
  /** `masked`: it may be passed on, as nothing in it says who a user is. */
  readonly shown: ShownValues;
  readonly madeAt: Date;
  /** Whether the page lies beside the run's other files, so that links lead to them. */
  readonly isBeside: boolean;
}

/**
 * The page about a run, as one file of HTML that loads nothing: the same for a plan and for what came of it. Pulled as it is
 * written, so that it takes no more memory for more users. Personal data stand in it unless it is `masked`.
 */
export async function* reportPage(
  ledger: ReportLedger,
  summary: RunSummary,
  options: PageOptions,
): AsyncIterable<string> {
  const style = pageFile("page.css");
  const script = pageFile("list-users.js");
  const { version } = packaged("poolferry/package.json") as { readonly version: string };
  const source = await ledger.source();
  const { flows } = await ledger.counts();
  const progress = progressChart(await ledger.timeline());
  const isPlan = summary.state === "planned";
  const title = `${PAGE_NAMES[summary.state]}: ${summary.userPoolId}`;
  yield html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${trusted(policyHash(style))}; script-src ${trusted(policyHash(script))}; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="poolferry ${version}">
<title>${title} – poolferry</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#users">Skip to the users</a>
<header>
<h1>${PAGE_NAMES[summary.state]}</h1>
<p class="pool">into the user pool ${ledger.facts.pool.name || summary.userPoolId}</p>
${runFacts(summary, ledger, { ...options, version })}
</header>
<main>
${verdict(summary)}
${tiles(summary)}
${isPlan ? planForecast(summary) : undefined}
${flows === undefined ? undefined : section("flow", "From source to outcome", flowChart(flows, summary.state))}
${progress === undefined ? undefined : section("progress", "Progress over time", progress)}
${section("causes", "Why users are not as wanted", causeList(summary))}
${section("passwords", "Passwords, bill and follow-ups", numbersOf(summary))}
${isPlan ? undefined : pastForecast(summary)}
<section id="users" aria-labelledby="users-heading"><h2 id="users-heading">Users who are not as wanted</h2>
${userList(summary)}
<script type="text/plain" id="users-rows">`.text;
  yield* userRows(ledger, options.shown);
  yield html`</script></section>
${section("files", "Files of the run", [fileList(summary, { ...options, isTable: source?.isTable ?? true }), unusedFields(summary)])}
</main>
<footer><p>${NOTES[options.shown]}</p></footer>
<script type="module">${trusted(script)}</script>
</body>
</html>
`.text;
}

const NOTES: Readonly<Record<ShownValues, string>> = {
  plain:
    "This page holds personal data of users, as the files beside it do. It was made to be read on this machine, and loads nothing from anywhere.",
  masked:
    "Usernames and ids are shown in outline and messages are left out, so that this page can be passed on. It loads nothing from anywhere.",
};

function section(id: string, heading: string, content: Content): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-heading">
    <h2 id="${id}-heading">${heading}</h2>
    ${content}
  </section>`;
}

function numbersOf(summary: RunSummary): Content {
  const tables = [passwordTable(summary), activeUserTable(summary), undoTable(summary)];
  const shown = tables.filter((table) => table !== undefined);
  const followUps = followUpTable(summary);
  if (shown.length === 0 && followUps === undefined) return html`<p>This run creates nobody.</p>`;
  return [
    html`<div class="pair">${shown.map((table) => html`<div>${table}</div>`)}</div>`,
    followUps === undefined ? undefined : [html`<h3>Follow-ups</h3>`, followUps],
  ];
}

/** What the plan foresees of its being carried out. */
function planForecast({ forecast }: RunSummary): Content {
  if (forecast === undefined) return undefined;
  const findings = findingList(forecast);
  return [
    findings === undefined ? undefined : section("findings", "Before you carry it out", findings),
    section("forecast", "How long it takes, and what it needs", [timeForecast(forecast), needs(forecast)]),
  ];
}

/** What the plan had foreseen, for who compares. */
function pastForecast({ forecast }: RunSummary): Content {
  if (forecast === undefined) return undefined;
  const content = html`<details>
    <summary>Time, steps and what it needed</summary>
    ${findingList(forecast)}${timeForecast(forecast)}${needs(forecast)}
  </details>`;
  return section("foresaw", "What the plan foresaw", content);
}

function unusedFields({ source: { unusedFields: fields } }: RunSummary): Content {
  if (fields.length === 0) return undefined;
  return html`<details>
    <summary>Fields of the source that nothing reads (${fields.length})</summary>
    <p>${fields.map((field, place) => [place === 0 ? "" : ", ", html`<code>${field}</code>`])}</p>
  </details>`;
}
