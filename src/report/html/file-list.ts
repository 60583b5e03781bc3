import type { RunSummary } from "../summary.ts";
import { html, type Markup } from "./markup.ts";
import { users } from "./words.ts";

/** Where the page is, and what the source was. */
interface FileListOptions {
  /** Whether the page lies beside the files. */
  readonly isBeside: boolean;
  readonly isTable: boolean;
}

/** Of a source of documents: what a cell cannot say. */
const DOCUMENT_FILES = ["failed", "rejected", "skipped"].map(
  (kind) => [`${kind}.ndjson`, `the users of ${kind}.csv, in the documents of the source`] as const,
);

/** The files of the run folder, with what is in each; links lead to them where the page lies beside them. */
export function fileList({ outcomes, undo }: RunSummary, { isBeside, isTable }: FileListOptions): Markup {
  const files: readonly (readonly [name: string, what: string])[] = [
    [
      "failed.csv",
      `${users(outcomes.failed)} whom Cognito refused, in the source's columns, with its message`,
    ],
    ["rejected.csv", `${users(outcomes.rejected)} who were not sent, with every reason`],
    ["skipped.csv", `${users(outcomes.skipped)} who were in the pool already, or whom a policy passes over`],
    ...(isTable ? [] : DOCUMENT_FILES),
    ["duplicates.csv", "users of the source who would clash in the pool, group by group"],
    ["warnings.csv", "what was left out of users who were not rejected"],
    ["follow-ups.csv", "what could not be done to users who are in the pool"],
    ["identity-map.csv", "source_id, username and sub of everyone in the pool"],
    ...(undo === undefined
      ? []
      : [["undo.csv", "what became of each user whom the run had created"] as const]),
    ["report.json", "the numbers of this page, for programs"],
  ];
  return html`<ul class="files">
    ${files.map(([name, what]) => {
      const shown = html`<code>${name}</code>`;
      return html`<li>${isBeside ? html`<a href="${name}">${shown}</a>` : shown} ${what}</li>`;
    })}
  </ul>`;
}
