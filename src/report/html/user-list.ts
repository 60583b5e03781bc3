import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { FollowUp } from "../../core/follow-up.ts";
import { mask } from "../../core/mask.ts";
import { visible } from "../../core/visible.ts";
import type { ReportLedger } from "../../ledger/ledger.ts";
import type { ReportedPlace } from "../place-cells.ts";
import { adviceOnCause } from "./cause-list.ts";
import { html, scriptJson, type Markup } from "./markup.ts";
import type { RunSummary } from "../summary.ts";

/** Whether what identifies a user stands in the page, or only its outline. */
export type ShownValues = "plain" | "masked";

/** Of whom the page tells, in this order, and the file that has all of them. */
const LISTED = [
  { kind: "failed", label: "failed", file: "failed.csv" },
  { kind: "rejected", label: "rejected", file: "rejected.csv" },
  { kind: "follow-up", label: "imported, a follow-up failed", file: "follow-ups.csv" },
  { kind: "skipped", label: "skipped", file: "skipped.csv" },
  { kind: "warning", label: "with a warning", file: "warnings.csv" },
] as const;

type ListedKind = (typeof LISTED)[number]["kind"];

/** Rows of the list: more make the page heavy, and nobody reads them there. */
const MOST_ROWS = 200_000;
/** Characters of the list before it is compressed: some 10 MB in the page. */
const MOST_CHARACTERS = 40_000_000;
/** Of one message. */
const MOST_OF_A_CELL = 400;

/** Rows that are compressed at once. */
const BLOCK_ROWS = 500;

/** One row, as src/report/browser/list-users.ts reads it. */
type ListedRow = readonly [
  kind: number,
  row: number,
  line: number | null,
  sourceId: string,
  username: string,
  reason: string,
  message: string,
];

interface Listed extends ReportedPlace {
  readonly reason: string;
  readonly message: string;
}

/** The list without its rows: a form and a table that the script of the page fills, and what to do where none runs. */
export function userList(summary: RunSummary): Markup {
  const causes = [...summary.reasons.map(({ reason }) => reason), ...summary.issues.map(({ code }) => code)];
  const advice = [...new Set(causes)].map((code) => [code, adviceOnCause(code) ?? ""] as const);
  const settings = { kinds: LISTED, advice: Object.fromEntries(advice.filter(([, text]) => text !== "")) };
  return html`<p id="users-absent">
      This table needs JavaScript and a browser of 2023 or newer. The same users are in
      <code>failed.csv</code>, <code>rejected.csv</code>, <code>skipped.csv</code>,
      <code>follow-ups.csv</code> and <code>warnings.csv</code>.
    </p>
    <form id="users-form" hidden>
      <label>Search <input type="search" id="users-text" autocomplete="off" spellcheck="false" /></label>
      <label
        >Outcome
        <select id="users-kind"></select
      ></label>
      <label
        >Cause
        <select id="users-reason"></select
      ></label>
      <button type="reset">Clear</button>
    </form>
    <p id="users-cut" class="note" hidden></p>
    <p id="users-count" role="status" aria-live="polite"></p>
    <p id="users-advice" class="note" hidden></p>
    <div id="users-table" class="scroll" tabindex="0" role="region" aria-label="Table of users" hidden>
      <table class="users">
        <caption class="unseen">
          Users who are not as wanted, as far as the filters let them through
        </caption>
        <thead>
          <tr>
            <th scope="col" class="number">row</th>
            <th scope="col" class="number">line</th>
            <th scope="col">user</th>
            <th scope="col">outcome</th>
            <th scope="col">cause and message</th>
            <th scope="col" class="advice">what to do</th>
          </tr>
        </thead>
        <tbody></tbody>
      </table>
    </div>
    <nav id="users-pages" aria-label="Pages of the table" hidden>
      <button type="button" data-page="first">First</button>
      <button type="button" data-page="previous">Previous</button>
      <span id="users-page"></span>
      <button type="button" data-page="next">Next</button>
      <button type="button" data-page="last">Last</button>
    </nav>
    <script type="application/json" id="users-settings">
      ${scriptJson(settings)}
    </script>`;
}

/**
 * The rows of the list as text for a script element: JSON, compressed by gzip, in base64. Reads as much of the ledger as it
 * has room for, the gravest first; the last line says of which kinds some are left out.
 */
export async function* userRows(ledger: ReportLedger, shown: ShownValues): AsyncIterable<string> {
  let rest: Buffer = Buffer.alloc(0);
  const compressed = Readable.from(jsonBlocks(ledger, shown)).compose(createGzip());
  for await (const chunk of compressed as AsyncIterable<Buffer>) {
    const bytes = Buffer.concat([rest, chunk]);
    // Base64 makes four characters of three bytes.
    const whole = bytes.length - (bytes.length % 3);
    yield bytes.toString("base64", 0, whole);
    rest = bytes.subarray(whole);
  }
  yield rest.toString("base64");
}

async function* jsonBlocks(ledger: ReportLedger, shown: ShownValues): AsyncIterable<string> {
  yield '{"rows":[';
  const cut = new Set<ListedKind>();
  let [rows, characters] = [0, 0];
  let block: string[] = [];
  for (const [place, { kind }] of LISTED.entries()) {
    for await (const listed of listedUsers(ledger, kind)) {
      if (rows >= MOST_ROWS || characters >= MOST_CHARACTERS) {
        cut.add(kind);
        break;
      }
      const text = JSON.stringify(toRow(place, listed, shown));
      rows += 1;
      characters += text.length;
      block.push(rows === 1 ? text : `,${text}`);
      if (block.length < BLOCK_ROWS) continue;
      yield block.join("\n");
      block = [];
    }
  }
  yield `${block.join("\n")}],"cut":${JSON.stringify([...cut])}}`;
}

function toRow(
  kind: number,
  { seq, line, sourceId, username, reason, message }: Listed,
  shown: ShownValues,
): ListedRow {
  const identity = shown === "plain" ? shorten : masked;
  return [
    kind,
    seq,
    line ?? null,
    sourceId === username ? "" : identity(sourceId ?? ""),
    identity(username ?? ""),
    reason,
    // A message may quote a value.
    shown === "plain" ? shorten(message) : "",
  ];
}

function shorten(text: string): string {
  const seen = visible(text);
  return seen.length > MOST_OF_A_CELL ? `${seen.slice(0, MOST_OF_A_CELL)}…` : seen;
}

function masked(text: string): string {
  return text === "" ? "" : mask(visible(text));
}

async function* listedUsers(ledger: ReportLedger, kind: ListedKind): AsyncIterable<Listed> {
  switch (kind) {
    case "failed":
    case "rejected":
    case "skipped":
      for await (const { reason = "", message = "", ...user } of ledger.usersWithOutcome(kind))
        // Whom a sync has found as they should be; nobody has to look at them.
        if (reason !== "unchanged") yield { ...user, reason, message };
      return;
    case "follow-up":
      for await (const { followUp, message, ...user } of ledger.failedFollowUps())
        yield { ...user, reason: "follow-up-failed", message: `${followUpText(followUp)}: ${message}` };
      return;
    case "warning":
      for await (const { code, attribute, message, outcome, ...user } of ledger.warnings()) {
        // Why a user was skipped is a warning as well, and told already.
        if (outcome === "skipped") continue;
        const text = attribute === undefined ? message : `${attribute}: ${message}`;
        yield { ...user, reason: code, message: text };
      }
  }
}

function followUpText(followUp: FollowUp): string {
  switch (followUp.kind) {
    case "disable":
    case "set-own-password":
    case "confirm":
    case "set-password":
    case "reset-password":
    case "set-mfa":
      return followUp.kind;
    case "set-attributes":
      return `${followUp.kind} ${followUp.attributes.map(([name]) => name).join(" ")}`;
    case "add-to-group":
      return `${followUp.kind} ${followUp.group}`;
    case "link-provider":
      return `${followUp.kind} ${followUp.provider}`;
  }
}
