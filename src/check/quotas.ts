import { CATEGORY_RPS } from "../cognito/quota.ts";
import type { WireEvent, WireObserver } from "../cognito/wire-event.ts";
import { notTried, ok, warning, type Finding } from "./check.ts";
import { isPoolThere, type Surroundings } from "./surroundings.ts";

/** The categories whose rates are asked for when a run first needs them (see cognito/quota.ts). */
const ASKED_FOR = ["UserCreation", "UserUpdate", "UserResourceUpdate", "UserList"] as const;

type Category = (typeof ASKED_FOR)[number];

type Answer = Extract<WireEvent, { readonly kind: "quota-read" | "quota-assumed" }>;

/** Hears what the account's request quotas are, as calls of their categories have them asked for. */
export class QuotaNotes {
  readonly #answers = new Map<string, Answer>();
  readonly #all = Promise.withResolvers<void>();

  /** Takes what happens on the wire. */
  readonly observe: WireObserver = (event) => {
    if (event.kind !== "quota-read" && event.kind !== "quota-assumed") return;
    this.#answers.set(event.category, event);
    if (ASKED_FOR.every((category) => this.#answers.has(category))) this.#all.resolve();
  };

  /** What was heard by the time that all have answered, or the signal is aborted. */
  async answers(signal: AbortSignal): Promise<ReadonlyMap<string, Answer>> {
    const ended = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => ended.resolve(), { once: true });
    await Promise.race([this.#all.promise, ended.promise]);
    return this.#answers;
  }
}

/** What the account may ask a second, where that is another rate than AWS's default. */
export async function checkQuotas(around: Surroundings, notes: QuotaNotes): Promise<Finding> {
  if (!(await isPoolThere(around))) return notTried("The pool could not be read");
  const answers = await notes.answers(around.signal);
  if (answers.size === 0) return notTried("The account's request rates were not asked for");
  const said = ASKED_FOR.map((category) => answers.get(category)).filter((answer) => answer !== undefined);
  const read = said.filter(({ kind }) => kind === "quota-read");
  if (read.length === 0) {
    return warning(
      `The account's request rates cannot be read (${errorOf(said[0])}); the documented ones are taken`,
      "Allow cognito-idp:GetProvisionedLimit, if the account has higher ones",
    );
  }
  const rates = read.map(({ category, rps }) => rateText(category as Category, rps)).join(", ");
  const lower = read.filter(({ category, rps }) => rps < CATEGORY_RPS[category as Category]);
  if (lower.length === 0) return ok(`Requests a second: ${rates}`);
  return warning(
    `Requests a second: ${rates}`,
    "It is less than AWS's default: ask AWS, or plan for a longer run",
  );
}

function rateText(category: Category, rps: number): string {
  const usual = CATEGORY_RPS[category];
  return rps === usual ? `${category} ${rps}` : `${category} ${rps} (default ${usual})`;
}

function errorOf(answer: Answer | undefined): string {
  return answer?.kind === "quota-assumed" ? answer.error : "no answer";
}
