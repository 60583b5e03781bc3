import type { RunSummary } from "../summary.ts";
import { html, type Markup } from "./markup.ts";
import { users } from "./words.ts";

/** The files of the run folder, with what is in each; links lead to them where the page lies beside them. */
export function fileList({ outcomes, undo }: RunSummary, isBeside: boolean): Markup {
  const files: readonly (readonly [name: string, what: string])[] = [
    [
      "failed.csv",
      `${users(outcomes.failed)} whom Cognito refused, in the source's columns, with its message`,
    ],
    ["rejected.csv", `${users(outcomes.rejected)} who were not sent, with every reason`],
    ["skipped.csv", `${users(outcomes.skipped)} who were in the pool already, or whom a policy passes over`],
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
