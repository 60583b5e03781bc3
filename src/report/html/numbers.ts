import { ACTIVITY_CAUSES } from "../../core/activity-cause.ts";
import { FOLLOW_UP_KINDS } from "../../core/follow-up.ts";
import { UNDO_RESULTS } from "../../core/undo.ts";
import type { RunSummary } from "../summary.ts";
import { html, type Content, type Markup } from "./markup.ts";
import { FOLLOW_UP_NAMES, number } from "./words.ts";

/** How users get in afterwards; nothing where nobody is created. */
export function passwordTable({ passwords: { kept, set, reset, locked } }: RunSummary): Markup | undefined {
  if (kept + set + reset + locked === 0) return undefined;
  const rows = [
    ["kept: the hash of the source goes along", kept],
    ["set: the source has it in plain text", set],
    ["to be set anew by the user", reset],
    ["none that works: an administrator has to let the user in", locked],
  ] as const;
  return countTable("Passwords of the users of this run", ["password", "users"], rows);
}

/** Who counts in the bill of the month, and why. */
export function activeUserTable({ activeUsers: { count, of, causes } }: RunSummary): Markup | undefined {
  if (of === 0) return undefined;
  const rows = ACTIVITY_CAUSES.map((cause) => [`by ${cause}`, causes[cause]] as const);
  const caption = `Active in the month's bill: ${number(count)} of ${number(of)} users, each by the first cause`;
  return countTable(caption, ["cause", "users"], rows);
}

/** What is done to users after their creation, and how far that is. */
export function followUpTable({ followUps }: RunSummary): Markup | undefined {
  const shown = FOLLOW_UP_KINDS.filter((kind) => followUps[kind].planned + followUps[kind].untouched > 0);
  if (shown.length === 0) return undefined;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Follow-ups">
    <table>
      <caption>
        After the creation of users. Users who were in the pool before are never changed.
      </caption>
      <thead>
        <tr>
          <th scope="col">follow-up</th>
          ${["planned", "done", "failed", "not done: were in the pool before"].map(
            (name) => html`<th scope="col" class="number">${name}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${shown.map((kind) => {
          const { planned, done, failed, untouched } = followUps[kind];
          return html`<tr>
            <td>${FOLLOW_UP_NAMES[kind]}</td>
            ${[planned, done, failed, untouched].map(numberCell)}
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

/** What an undo made of the users whom the run had created. */
export function undoTable({ undo }: RunSummary): Markup | undefined {
  if (undo === undefined) return undefined;
  const rows = UNDO_RESULTS.map((result) => [result, undo[result]] as const);
  return countTable("What the undo made of them", ["result", "users"], rows);
}

/** A table of what is counted; who is none is left out. */
function countTable(
  caption: string,
  [what, of]: readonly [string, string],
  rows: readonly (readonly [Content, number])[],
): Markup {
  return html`<table class="compact">
    <caption>
      ${caption}
    </caption>
    <thead>
      <tr>
        <th scope="col">${what}</th>
        <th scope="col" class="number">${of}</th>
      </tr>
    </thead>
    <tbody>
      ${rows
        .filter(([, count]) => count > 0)
        .map(
          ([name, count]) =>
            html`<tr>
              <td>${name}</td>
              ${numberCell(count)}
            </tr>`,
        )}
    </tbody>
  </table>`;
}

function numberCell(count: number): Markup {
  return html`<td class="number">${number(count)}</td>`;
}
