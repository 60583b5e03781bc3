import { dropped, type Normalised } from "./normalised.ts";
import { remember } from "./remember.ts";

/** The names of three letters that IANA has. Node knows others, such as PST and IST, of which some mean two zones. */
const SHORT_NAMES = new Set("CET EET EST GMT HST MET MST PRC ROC ROK UCT UTC WET".split(" "));

const canonicalCase = new Map(
  Intl.supportedValuesOf("timeZone").map((name) => [name.toLowerCase(), name] as const),
);

/**
 * A time zone as its IANA name, as OIDC has it. Aliases such as US/Pacific stay as they are. Offsets and the names of
 * Windows (Pacific Standard Time) are dropped: an offset is no zone, and a Windows name stands for several; a lookup
 * rule can map them. Cognito is not known to check it.
 */
export const normaliseZoneinfo: (text: string) => Normalised = remember((text) =>
  isTimeZone(text)
    ? (canonicalCase.get(text.toLowerCase()) ?? text)
    : dropped("zoneinfo-invalid", "zoneinfo is not the IANA name of a time zone"),
);

/** Whether a text is the IANA name of a time zone, in any case. */
export function isTimeZone(text: string): boolean {
  if (!/^[a-z]/i.test(text)) return false;
  if (text.length === 3 && !SHORT_NAMES.has(text.toUpperCase())) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).format(0) !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
