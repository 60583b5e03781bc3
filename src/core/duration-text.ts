const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * How long something takes, rounded to what a forecast can promise, in at most two units: `45 s`, `12 min`, `6 h 57 min`,
 * `2 d 4 h`.
 */
export function durationText(seconds: number): string {
  if (seconds < 1) return "under 1 s";
  const [whole, minutes] = [Math.round(seconds), Math.round(seconds / MINUTE)];
  if (whole < 2 * MINUTE) return `${whole} s`;
  if (minutes < HOUR / MINUTE) return `${minutes} min`;
  if (minutes < (2 * DAY) / MINUTE) return inUnits(minutes, { per: 60, names: ["h", "min"] });
  return inUnits(Math.round(seconds / HOUR), { per: 24, names: ["d", "h"] });
}

/** The same as one says it: `about 12 min`, but `under 1 s`. */
export function aboutText(seconds: number): string {
  return seconds < 1 ? durationText(seconds) : `about ${durationText(seconds)}`;
}

function inUnits(
  count: number,
  { per, names: [large, small] }: { readonly per: number; readonly names: readonly [string, string] },
): string {
  const rest = count % per;
  const whole = `${Math.floor(count / per)} ${large}`;
  return rest === 0 ? whole : `${whole} ${rest} ${small}`;
}
