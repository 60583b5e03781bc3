import { existsSync } from "node:fs";
import { access, constants } from "node:fs/promises";
import { dirname, sep } from "node:path";
import { FerryError } from "../core/ferry-error.ts";

/** Throws USAGE unless a file can be made at an absolute path, and nothing is there yet; `command` is who would make it. */
export async function requireNew(path: string, command: string): Promise<void> {
  if (existsSync(path)) {
    throw new FerryError("USAGE", `There is a file ${path} already`, {
      hint: `Name another; ${command} writes over nothing`,
    });
  }
  const folder = dirname(path);
  // With the separator, a file in a folder's place is told from one.
  await access(`${folder}${sep}`, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
    throw new FerryError("USAGE", `The folder ${folder} cannot be written (${error.code ?? error.message})`, {
      hint: "Make it, or name a file in another one",
      cause: error,
    });
  });
}

/** Turns trouble with the disk under a new file into DISK_UNUSABLE; anything else comes back as it is. */
export function explainWriteError(error: unknown, out: string | undefined): unknown {
  if (!(error instanceof Error) || error instanceof FerryError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (!/^(EACCES|EPERM|EROFS|ENOSPC|EDQUOT|EIO|SQLITE_(FULL|IOERR.*|CANTOPEN|READONLY))$/.test(code))
    return error;
  return new FerryError("DISK_UNUSABLE", `${out ?? "The temporary folder"} cannot be written (${code})`, {
    hint: "Free or mend the disk, or name another place with --out",
    cause: error,
  });
}
