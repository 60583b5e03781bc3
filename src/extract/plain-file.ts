import { stat } from "node:fs/promises";
import { FerryError } from "../core/ferry-error.ts";

/** Whether a path can be read once only, as a pipe: looking at it takes away what is looked at. A path that is not there cannot. */
export async function isReadOnce(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}

/** Throws SOURCE_FORMAT, with this hint, for a path that can be read once only. */
export async function requireReadAgain(path: string, hint: string): Promise<void> {
  if (await isReadOnce(path)) throw new FerryError("SOURCE_FORMAT", `${path} is no plain file`, { hint });
}
