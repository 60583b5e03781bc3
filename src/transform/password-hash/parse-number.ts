/** A whole number in decimal digits, small enough to be a parameter of a hash; NaN for anything else. */
export function parseNumber(value: unknown): number {
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : Number.NaN;
  return typeof value === "string" && /^\d{1,10}$/.test(value.trim()) ? Number(value) : Number.NaN;
}
