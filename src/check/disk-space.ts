import { constants } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { failure, ok, warning, type Finding } from "./check.ts";

/** How many times its source a run takes of the disk at the most: its ledger, a part, its reports (measured with CSV of 300 bytes a user, and doubled). */
const TIMES_SOURCE = 6;

/** What a run takes whatever its source. */
const LEAST_BYTES = 100_000_000;

/** A compressed source may unpack to ten times its size, which is what exports of users come to (our guess). */
const UNPACKED = 10;

const COMPRESSED = /\.(?:gz|zst|br|zip)$/i;

/** Where a run's folder will be, and the files that it will be made from. */
export interface DiskNeeds {
  /** Absolute; need not be there yet. */
  readonly folder: string;
  readonly files: readonly string[];
}

/** Whether the run folder can be written, and has room for a run of this source. */
export async function checkDiskSpace({ folder, files }: DiskNeeds): Promise<Finding> {
  const place = await nearestFolder(folder);
  try {
    await access(place, constants.W_OK);
  } catch {
    return failure(
      `${place} cannot be written`,
      "Check its permissions, or name another folder with --run-dir",
    );
  }
  const { bavail, bsize } = await statfs(place);
  const free = bavail * bsize;
  const needed = LEAST_BYTES + TIMES_SOURCE * (await bytesOf(files));
  const room = `${megabytes(free)} free for the run folder in ${place}`;
  if (free >= needed) return ok(room);
  return warning(
    `${room}; a run of this source may take ${megabytes(needed)}`,
    "Make room, or name a folder on another disk with --run-dir",
  );
}

/** The folder, or the first one above it that is there. */
async function nearestFolder(folder: string): Promise<string> {
  const isThere = await stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  return isThere || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

async function bytesOf(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    files.map(async (file) => {
      const stats = await stat(file).catch(() => undefined);
      return (stats?.size ?? 0) * (COMPRESSED.test(file) ? UNPACKED : 1);
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function megabytes(bytes: number): string {
  return bytes >= 10_000_000_000
    ? `${Math.floor(bytes / 1_000_000_000)} GB`
    : `${Math.floor(bytes / 1_000_000)} MB`;
}
