import type { Issue } from "../core/issue.ts";
import type { Pool } from "../core/pool.ts";
import type { JsonValue, SourceRecord } from "../core/row.ts";
import { parseFlag } from "./parse-flag.ts";
import { elementsOf, Unusable, type Reader } from "./reading.ts";

const SMS_WORDS = new Set(["sms", "phone"]);
const NONE_WORDS = new Set(["none", "off", "disabled"]);

/** What the row says of the user's second factor. */
interface WantedMfa {
  readonly sms: boolean;
  /** A factor of another kind: its secret cannot be moved, as no operation of Cognito takes one. */
  readonly other: boolean;
}

/**
 * Whether text messages become the user's second factor: where the row says so, the pool allows it and there is a
 * number to send them to. Whatever is lost becomes an issue.
 */
export function readSmsMfa(
  read: Reader | undefined,
  record: SourceRecord,
  { pool, hasPhone, issues }: { readonly pool: Pool; readonly hasPhone: boolean; readonly issues: Issue[] },
): boolean {
  const reading = read?.(record);
  if (reading instanceof Unusable) {
    issues.push(issue("flag-unreadable", `mfa: ${reading.message}`));
    return false;
  }
  const { sms, other } = wantedMfa(elementsOf(reading));
  if (other) {
    issues.push(
      issue(
        "mfa-not-importable",
        "the user has a second factor other than text messages, which cannot be moved",
      ),
    );
  }
  if (!sms) return false;
  if (pool.mfa === "OFF")
    issues.push(issue("mfa-unavailable", "the pool has multi-factor authentication off"));
  else if (!hasPhone) issues.push(issue("mfa-unavailable", "there is no phone number to send codes to"));
  else return true;
  return false;
}

function wantedMfa(values: readonly JsonValue[]): WantedMfa {
  let sms = false;
  let other = false;
  for (const value of values) {
    const word = typeof value === "object" ? undefined : String(value).trim().toLowerCase();
    if (word !== undefined && NONE_WORDS.has(word)) continue;
    const flag = parseFlag(value);
    if (flag === true || (word !== undefined && SMS_WORDS.has(word))) sms = true;
    else if (flag === undefined) other = true;
  }
  return { sms, other };
}

function issue(code: "flag-unreadable" | "mfa-not-importable" | "mfa-unavailable", message: string): Issue {
  return { code, attribute: "mfa", message };
}
