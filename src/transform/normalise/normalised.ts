import { Unusable } from "../reading.ts";
import type { IssueCode } from "../../core/issue.ts";

/** A value in API encoding, nothing to send, or the reason why the attribute is left out, which never holds its value. */
export type Normalised = string | undefined | Unusable;

/** An attribute to leave out. */
export function dropped(code: IssueCode, message: string): Unusable {
  return new Unusable(code, message);
}
