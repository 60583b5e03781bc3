import { scaleLinear } from "d3-scale";
import { aboutText, durationText } from "../../core/duration-text.ts";
import type { Forecast, ForecastFinding, ForecastStep, StepName } from "../../core/forecast.ts";
import { html, type Content, type Markup } from "./markup.ts";
import { FOLLOW_UP_NAMES, number, users } from "./words.ts";

const BAR_WIDTH = 140;

/** What each step is, in the words of a table. */
const STEP_WORDS: Readonly<Record<StepName, string>> = {
  "import-jobs": "import jobs",
  "admin-create": "create users by AdminCreateUser",
  "sign-up": "sign users up",
  ...FOLLOW_UP_NAMES,
  "create-groups": "create groups",
  "look-up-ids": "look up the new ids",
};

/** What stands in the way of a plan, each with what to do; undefined where nothing does. */
export function findingList({ findings }: Forecast): Markup | undefined {
  if (findings.length === 0) return undefined;
  return html`<ul class="findings">
    ${findings.map(findingItem)}
  </ul>`;
}

function findingItem({ severity, code, message, fix, command, users: count }: ForecastFinding): Markup {
  const whom = count === undefined ? "" : ` · ${users(count)}`;
  return html`<li class="finding-${severity}">
    <p>
      <strong>${severity}</strong> <small><code>${code}</code>${whom}</small>
    </p>
    <p>${message}.</p>
    ${fix === undefined ? undefined : html`<p class="muted">${fix}.</p>`}
    ${command === undefined ? undefined : html`<p><code>${command}</code></p>`}
  </li>`;
}

/** How long carrying a plan out takes, step by step, and what holds each back. */
export function timeForecast({ steps, seconds, jobs, bottleneck }: Forecast): Markup {
  if (steps.length === 0) return html`<p>There is nobody to be sent.</p>`;
  const slowest = bottleneck?.steps.map((step) => STEP_WORDS[step]).join(", ");
  const held = bottleneck?.category === undefined ? "" : `, by the quota ${bottleneck.category}`;
  const why = slowest === undefined ? "" : ` What takes the longest: ${slowest}${held}.`;
  const takenJobs =
    jobs === 0 ? "no import job" : jobs === 1 ? "1 import job" : `${number(jobs)} import jobs`;
  const length = scaleLinear([0, Math.max(...steps.map((step) => step.seconds))], [0, BAR_WIDTH]);
  return html`<p>
      It takes <strong>${aboutText(seconds)}</strong>, with ${takenJobs}, where everything goes well.${why}
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Time by steps">
      <table>
        <caption>
          Each step as if nothing else went on; several go on at the same time
        </caption>
        <thead>
          <tr>
            <th scope="col">step</th>
            <th scope="col" class="number">users</th>
            <th scope="col" class="number">requests</th>
            <th scope="col">pace</th>
            <th scope="col" class="number">time</th>
            <th scope="col" class="bar"><span class="unseen">as a bar</span></th>
          </tr>
        </thead>
        <tbody>
          ${steps.map((step) => stepRow(step, Math.max(1.5, length(step.seconds)), bottleneck?.steps.includes(step.name)))}
        </tbody>
      </table>
    </div>`;
}

function stepRow(step: ForecastStep, width: number, isSlowest = false): Markup {
  const { name, users: count, requests, seconds } = step;
  return html`<tr>
    <td>${STEP_WORDS[name]}</td>
    <td class="number">${number(count)}</td>
    <td class="number">${name === "create-groups" ? "at most " : ""}${number(requests)}</td>
    <td>${pace(step)}</td>
    <td class="number">${durationText(seconds)}</td>
    <td class="bar">
      <svg aria-hidden="true" viewBox="0 0 ${BAR_WIDTH} 12" width="${BAR_WIDTH}" height="12">
        <rect
          class="${isSlowest ? "skipped" : "waiting"}"
          width="${Math.round(width * 10) / 10}"
          height="12"
          rx="2"
        />
      </svg>
    </td>
  </tr>`;
}

const PACE_WORDS: Readonly<Record<ForecastStep["paceFrom"], string>> = {
  account: "your account's quota",
  documented: "AWS's default quota",
  reported: "as others have measured",
};

function pace({ name, rps, category, paceFrom }: ForecastStep): string {
  const rate = rps.toLocaleString("en-US", { maximumFractionDigits: 1 });
  const unit = name === "import-jobs" ? "users a second" : "a second";
  return `${rate} ${unit} (${[category, PACE_WORDS[paceFrom]].filter(Boolean).join(", ")})`;
}

/** What carrying a plan out takes of IAM, and where AWS says what it costs. */
export function needs({ permissions: { needed, perhaps, refused }, money }: Forecast): Content {
  return [
    refused.length === 0
      ? undefined
      : html`<p class="note"><strong>Refused to the plan already:</strong> ${codes(refused)}</p>`,
    html`<details>
      <summary>IAM actions that this takes (${needed.length})</summary>
      <p>${codes(needed)}</p>
      <p>When replies are lost or rows refused, or could do without: ${codes(perhaps)}</p>
    </details>`,
    html`<p>
      ${users(money.activeUsers)} count as active in the bill of the month in which this is carried out:
      <a href="${money.definitionUrl}" rel="noreferrer">what makes a user active</a>,
      <a href="${money.pricingUrl}" rel="noreferrer">what one costs</a>.
    </p>`,
  ];
}

function codes(names: readonly string[]): Content {
  return names.map((name, place) => [place === 0 ? "" : ", ", html`<code>${name}</code>`]);
}
