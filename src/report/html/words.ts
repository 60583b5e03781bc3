import type { FollowUpKind } from "../../core/follow-up.ts";
import type { OutcomeKind } from "../../core/outcome.ts";
import type { Route } from "../../core/route.ts";
import type { RunState } from "../../ledger/ledger.ts";

/** What a page about a run of a state is called. */
export const PAGE_NAMES: Readonly<Record<RunState, string>> = {
  planning: "Unfinished plan",
  planned: "Plan",
  applying: "Unfinished run",
  done: "Result",
  undoing: "Run that is being undone",
  undone: "Run that was undone",
  purging: "Run that is being purged",
  purged: "Run that was purged",
};

/** How users go, after their number. */
export const ROUTE_NAMES: Readonly<Record<Route, string>> = {
  "import-job": "by import job",
  "admin-create": "by AdminCreateUser",
  "sign-up": "by sign-up",
  none: "not sent",
};

/** An outcome, or none yet, as a class of the page's style. */
export type Shade = OutcomeKind | "waiting";

/** What there is to do after users were created. */
export const FOLLOW_UP_NAMES: Readonly<Record<FollowUpKind, string>> = {
  disable: "disable",
  confirm: "confirm the sign-up",
  "set-attributes": "set attributes that the row could not carry",
  "set-own-password": "set the password of the source",
  "set-password": "set a random password",
  "add-to-group": "put into a group",
  "set-mfa": "set text messages as the second factor",
  "link-provider": "link an identity of another provider",
  "reset-password": "make reset the password, with a code",
};

/** A number with its thousands apart. */
export function number(count: number): string {
  return count.toLocaleString("en-US");
}

/** A share as per cent: never 0 for a few, nor 100 for not quite all. */
export function percent(count: number, of: number): string {
  if (of === 0) return "0 %";
  const share = (100 * count) / of;
  if (count > 0 && share < 0.1) return "< 0.1 %";
  if (count < of && share > 99.9) return "> 99.9 %";
  return `${share.toLocaleString("en-US", { maximumFractionDigits: 1 })} %`;
}

/** A number of users, in words. */
export function users(count: number): string {
  return count === 1 ? "1 user" : `${number(count)} users`;
}

/** How long something takes or took, to the two largest units. */
export function duration(seconds: number): string {
  if (seconds < 1) return "under 1 s";
  const whole = Math.max(0, Math.round(seconds));
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
