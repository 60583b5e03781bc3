const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** About how long something takes, in the two largest units that say something: `45 s`, `12 min`, `6 h 57 min`, `2 d 4 h`. */
export function durationText(seconds: number): string {
  if (seconds < 1) return "under 1 s";
  if (seconds < 2 * MINUTE) return `${Math.ceil(seconds)} s`;
  if (seconds < HOUR) return `${Math.ceil(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return inUnits(Math.ceil(seconds / MINUTE), { per: 60, names: ["h", "min"] });
  return inUnits(Math.ceil(seconds / HOUR), { per: 24, names: ["d", "h"] });
}

function inUnits(
  count: number,
  { per, names: [large, small] }: { readonly per: number; readonly names: readonly [string, string] },
): string {
  const rest = count % per;
  const whole = `${Math.floor(count / per)} ${large}`;
  return rest === 0 ? whole : `${whole} ${rest} ${small}`;
}
