import { scaleLinear } from "d3-scale";
import { adviceOn } from "../../core/outcome-advice.ts";
import { examplesOf, fixOf, furtherWarnings } from "../causes.ts";
import type { RunSummary } from "../summary.ts";
import { html, type Markup } from "./markup.ts";
import { number } from "./words.ts";

const BAR_WIDTH = 180;

/** Why users are not as wanted. */
interface Cause {
  /** What came of the users, or that they have a warning. */
  readonly kind: string;
  readonly code: string;
  readonly count: number;
}

/** What to do about a cause, as far as poolferry knows. */
export function adviceOnCause(code: string): string | undefined {
  return fixOf(code) ?? adviceOn(code);
}

/** Every cause with a bar for its users, the one of most users first, and what to do about it. */
export function causeList(summary: RunSummary): Markup {
  const causes = causesOf(summary);
  if (causes.length === 0)
    return html`<p>
      There is none: every user ${summary.state === "planned" ? "can be sent" : "is"} as wanted.
    </p>`;
  const length = scaleLinear([0, causes[0]?.count ?? 1], [0, BAR_WIDTH]);
  const rows = causes.map(({ kind, code, count }) => {
    const width = Math.max(1.5, Math.round(length(count) * 10) / 10);
    return html`<tr>
      <td class="number">${number(count)}</td>
      <td class="bar">
        <svg aria-hidden="true" viewBox="0 0 ${BAR_WIDTH} 12" width="${BAR_WIDTH}" height="12">
          <rect class="${kind}" width="${width}" height="12" rx="2" />
        </svg>
      </td>
      <td>
        <a href="#users" data-kind="${kind}" data-reason="${code}"><code>${code}</code></a
        ><br /><span class="tag ${kind}">${kind}</span>
      </td>
      <td class="fix">
        ${adviceOnCause(code) ?? "See the messages of these users below"}${examples(summary, code)}
      </td>
    </tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Causes">
    <table>
      <caption>
        Causes, and what to do about each. A user can have several; the list of users below has the rejected
        and the skipped by that alone, without their warnings.
      </caption>
      <thead>
        <tr>
          <th scope="col" class="number">users</th>
          <th scope="col" class="bar"><span class="unseen">as a bar</span></th>
          <th scope="col">cause</th>
          <th scope="col">what to do</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function examples(summary: RunSummary, code: string): Markup | undefined {
  const text = examplesOf(summary, code);
  return text === "" ? undefined : html`<br /><small>${text}</small>`;
}

function causesOf(summary: RunSummary): readonly Cause[] {
  const { reasons } = summary;
  return [
    ...reasons.map(({ kind, reason, count }) => ({
      kind: kind === "imported" ? "follow-up" : kind,
      code: reason,
      count,
    })),
    ...furtherWarnings(summary).map(({ code, count }) => ({ kind: "warning", code, count })),
  ].toSorted((one, other) => other.count - one.count);
}
