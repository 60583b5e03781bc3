import { FerryError } from "../core/ferry-error.ts";

/**
 * Loads the packages that a live source is read with, or a ledger is kept with. They are optional: most migrations read
 * files, and need none of them. `what` is a clause that the packages complete. Throws DRIVER_MISSING, naming what to
 * install, where one of these packages is not there.
 */
export async function loadDriver<Driver>(
  load: () => Promise<Driver>,
  { what, packages }: { readonly what: string; readonly packages: readonly string[] },
): Promise<Driver> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error, packages)) throw error;
    throw new FerryError("DRIVER_MISSING", `${what} with ${packages.join(" and ")}, not installed here`, {
      hint: `npm install ${packages.join(" ")} beside poolferry (with -g if poolferry was), and repeat the command`,
      cause: error,
    });
  }
}

/** Whether it is one of these packages that is not found, and not a file of theirs. */
function isMissing(error: unknown, packages: readonly string[]): boolean {
  if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND")
    return false;
  return packages.some((name) => error.message.includes(`package '${name}'`));
}
