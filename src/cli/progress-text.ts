import type { Progress, RequestRate } from "../core/progress.ts";
import { durationText } from "../core/duration-text.ts";

/** How far a run is and how it goes, in one line. */
export function progressLine(progress: Progress): string {
  const { phase, settled, total, followUps } = progress;
  const { wanted, done, failed } = followUps;
  const users = `${settled} of ${total} users settled (${percentText(settled, total)})`;
  const rates = shownRates(progress.rates).map(rateText);
  return [
    [users, ...(phase === "loading" ? paceItems(progress) : [])].join(", "),
    ...(wanted > 0 && settled > 0 ? [`${done + failed} of ${wanted} follow-ups`] : []),
    ...(phase === "follow-ups" && progress.etaSeconds !== undefined ? [etaText(progress.etaSeconds)] : []),
    ...(rates.length > 0 ? [`requests: ${rates.join(", ")}`] : []),
  ].join("; ");
}

/** How fast users are settled, and how long it will take, as far as that is known. */
export function paceItems({
  usersPerSecond,
  etaSeconds,
}: Pick<Progress, "usersPerSecond" | "etaSeconds">): readonly string[] {
  return [
    ...(usersPerSecond === undefined ? [] : [`${perSecondText(usersPerSecond)} a second`]),
    ...(etaSeconds === undefined ? [] : [etaText(etaSeconds)]),
  ];
}

/** The rates of those categories whose requests grow with the number of users, where any go. */
export function shownRates(rates: readonly RequestRate[]): readonly RequestRate[] {
  return rates.filter(({ category, taken }) => /^User(?!Pool)/.test(category) && taken >= 0.05);
}

/** How many requests a second of a category go, and how many may. */
export function rateText({ category, taken, limit }: RequestRate): string {
  return `${category} ${taken.toFixed(1)} of ${limitText(limit)} a second`;
}

/** A share in percent; of everybody but one of many it is not yet 100. */
export function percentText(part: number, of: number): string {
  const percent = of === 0 ? 100 : Math.floor((part / of) * 1000) / 10;
  return `${percent % 1 === 0 ? percent : percent.toFixed(1)} %`;
}

/** A number with a comma before each three digits. */
export function groupedText(count: number): string {
  return count.toLocaleString("en-US");
}

/** A rate, with a digit behind the point where it is small. */
export function perSecondText(perSecond: number): string {
  return perSecond < 100 ? perSecond.toFixed(1) : groupedText(Math.round(perSecond));
}

/** How long something is going to take. */
export function etaText(seconds: number): string {
  return `about ${durationText(seconds)} left`;
}

function limitText(limit: number): string {
  return limit % 1 === 0 ? String(limit) : limit.toFixed(1);
}
