import type { FollowUp, FollowUpKind } from "../core/follow-up.ts";
import type { Attributes } from "../core/planned-user.ts";
import { checksumOf, requireWhole } from "./checksum.ts";
import type { SqlValue } from "./database.ts";

/** A follow-up as its row keeps it. */
export interface CheckedFollowUp {
  readonly seq: number;
  readonly kind: FollowUpKind;
  readonly target: string | null;
  readonly subject: string | null;
  readonly checksum: number;
}

/** Adds a follow-up, given the values of {@link followUpValues}. */
export const ADD_FOLLOW_UP =
  "INSERT INTO follow_up (seq, kind, target, subject, checksum) VALUES (?, ?, ?, ?, ?)";

/** What the row of a follow-up begins with. */
export function followUpValues(seq: number, followUp: FollowUp): readonly SqlValue[] {
  const values = [seq, followUp.kind, ...targetOf(followUp)];
  return [...values, checksumOf(values)];
}

/** To whom or what a follow-up goes, as its row keeps it. */
function targetOf(followUp: FollowUp): readonly [target: string | null, subject: string | null] {
  switch (followUp.kind) {
    case "disable":
    case "set-own-password":
    case "confirm":
    case "set-password":
    case "set-mfa":
    case "reset-password":
      return [null, null];
    case "set-attributes":
      return [JSON.stringify(followUp.attributes), null];
    case "add-to-group":
      return [followUp.group, null];
    case "link-provider":
      return [followUp.provider, followUp.subject];
  }
}

/** The follow-up that a row keeps. Throws {@link BrokenRow}. */
export function toFollowUp({ seq, kind, target, subject, checksum }: CheckedFollowUp): FollowUp {
  requireWhole(`a follow-up of user ${seq}`, [seq, kind, target, subject], checksum);
  switch (kind) {
    case "disable":
    case "set-own-password":
    case "confirm":
    case "set-password":
    case "set-mfa":
    case "reset-password":
      return { kind };
    case "set-attributes":
      return { kind, attributes: JSON.parse(target ?? "[]") as Attributes };
    case "add-to-group":
      return { kind, group: target ?? "" };
    case "link-provider":
      return { kind, provider: target ?? "", subject: subject ?? "" };
  }
}
