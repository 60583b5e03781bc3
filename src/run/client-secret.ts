import { readFile, stat } from "node:fs/promises";
import { FerryError } from "../core/ferry-error.ts";
import type { ClientSecretPlace } from "../core/sign-up.ts";

/** Environment variables by their names. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What group and others may do with a file. */
const OTHERS_BITS = 0o077;

/**
 * Reads an app client's secret from where the config says it is: an environment variable, or a file that nobody else can
 * read. White space around it does not count. Throws CLIENT_SECRET_UNREADABLE, which does not hold it.
 */
export async function readClientSecret(place: ClientSecretPlace, environment: Environment): Promise<string> {
  const secret = (place.kind === "env" ? environment[place.name] : await readOwnFile(place.path))?.trim();
  if (secret !== undefined && secret !== "") return secret;
  throw place.kind === "env"
    ? unreadable(`The environment variable ${place.name} is not set`, `Set ${place.name} to the secret`)
    : unreadable(`The file ${place.path} is empty`, "Put the secret into it");
}

async function readOwnFile(path: string): Promise<string> {
  try {
    const { mode } = await stat(path);
    // Windows knows no such bits.
    if (process.platform !== "win32" && (mode & OTHERS_BITS) !== 0) {
      throw unreadable(`Others may read the file ${path}`, `Keep it to yourself: chmod 600 ${path}`);
    }
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof FerryError) throw error;
    throw unreadable(`The file ${path} cannot be read`, "Check signUp.clientSecretFile", error);
  }
}

function unreadable(what: string, hint: string, cause?: unknown): FerryError {
  return new FerryError("CLIENT_SECRET_UNREADABLE", `${what}, where the secret of the app client should be`, {
    hint,
    cause,
  });
}
