import { createInterface } from "node:readline/promises";
import { FerryError } from "../core/ferry-error.ts";

/** Throws CONFIRMATION_MISSING where nobody can be asked and nobody has said yes. */
export function requireConfirmable(
  flags: { readonly yes?: boolean; readonly quiet?: boolean },
  hint: string,
): void {
  if (flags.yes === true) return;
  if (flags.quiet === true) {
    throw new FerryError("CONFIRMATION_MISSING", "With --quiet nothing is shown that could be confirmed", {
      hint,
    });
  }
  if (process.stdin.isTTY) return;
  throw new FerryError("CONFIRMATION_MISSING", "There is no terminal to ask for confirmation", { hint });
}

/** What a question needs beside its words. */
export interface Asking {
  readonly signal: AbortSignal;
  /** What is said when it is interrupted: what was not done, and what to do. */
  readonly whenInterrupted: { readonly message: string; readonly hint: string };
}

/** Asks a question at the terminal whose answer is yes or no; anything but a yes is a no. Throws INTERRUPTED. */
export async function confirm(question: string, asking: Asking): Promise<boolean> {
  return /^y(es)?$/i.test(await ask(question, asking));
}

/** Asks for a line at the terminal, without the space around it. Throws INTERRUPTED. */
export async function ask(question: string, { signal, whenInterrupted }: Asking): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(question, { signal })).trim();
  } catch (error) {
    // Control-C and Control-D at the question come as an abort of readline's own.
    if (!signal.aborted && !(error instanceof Error && error.name === "AbortError")) throw error;
    const { message, hint } = whenInterrupted;
    throw new FerryError("INTERRUPTED", message, { hint, cause: error });
  } finally {
    terminal.close();
  }
}
