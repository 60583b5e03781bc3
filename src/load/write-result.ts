import { classOf } from "../cognito/error-class.ts";
import type { Operation } from "../cognito/quota.ts";

/** What came of a write of one user: it is as wanted, or Cognito refuses it, with our reason code and its words. */
export type WriteResult =
  | { readonly state: "done" }
  | { readonly state: "failed"; readonly reason: string; readonly message: string };

/** Makes a call that writes one user. What is so already is done. Throws on the run's trouble. */
export async function writeResultOf(operation: Operation, call: () => Promise<void>): Promise<WriteResult> {
  try {
    await call();
    return { state: "done" };
  } catch (error) {
    const known = classOf(error, operation);
    if (known.means === "skip") return { state: "done" };
    if (known.means !== "fail" || !(error instanceof Error)) throw error;
    return { state: "failed", reason: known.reason, message: error.message };
  }
}
