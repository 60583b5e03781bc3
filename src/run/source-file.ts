import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { FerryError, throwIfInterrupted } from "../core/ferry-error.ts";
import type { SourceFile } from "../ledger/ledger.ts";

/** How large a file is and when it was changed; undefined for one that is not there, may not be read, or is no plain file. */
export type FileStamp = Pick<SourceFile, "path" | "bytes" | "modifiedMs">;

/** Looks at a file without reading it. */
export async function stampOf(path: string): Promise<FileStamp | undefined> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined || !stats.isFile()) return undefined;
  return { path: resolve(path), bytes: stats.size, modifiedMs: stats.mtimeMs };
}

/**
 * What the files of a source are known by once they were read, from the stamps that they had before. Throws PLAN_STALE when
 * one changed while it was read, and INTERRUPTED.
 */
export async function identifySource(
  stamps: readonly FileStamp[],
  signal: AbortSignal,
): Promise<readonly SourceFile[]> {
  const files: SourceFile[] = [];
  for (const before of stamps) {
    const { path, bytes, modifiedMs } = before;
    const sha256 = await sha256Of(path, signal);
    const after = await stampOf(path);
    if (sha256 === undefined || after?.bytes !== bytes || after.modifiedMs !== modifiedMs) {
      throw new FerryError("PLAN_STALE", `The source ${path} changed while it was read`, {
        hint: "Wait until it is written whole, and plan again",
      });
    }
    files.push({ ...before, sha256 });
  }
  return files;
}

/**
 * Throws PLAN_STALE when a file of a plan's source has changed. One that is not there any more is no change: the plan holds
 * all that it needs. Only a file of another time is read. Throws INTERRUPTED.
 */
export async function requireSameSource(planned: readonly SourceFile[], signal: AbortSignal): Promise<void> {
  for (const { path, bytes, modifiedMs, sha256 } of planned) {
    const now = await stampOf(path);
    if (now === undefined) continue;
    const isSame =
      now.bytes === bytes && (now.modifiedMs === modifiedMs || (await sha256Of(path, signal)) === sha256);
    if (isSame) continue;
    throw new FerryError("PLAN_STALE", `The source ${path} changed after the plan was made`, {
      hint: "Plan again; or add --allow-changed-source to carry the plan out as it was made, from the file as it was",
    });
  }
}

async function sha256Of(path: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    await using file = await open(path, "r");
    const hash = createHash("sha256");
    // One buffer for all blocks: those of a stream are only let go when the garbage is collected, 50 MB of them.
    const block = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      throwIfInterrupted(signal);
      const { bytesRead } = await file.read(block, 0, READ_BYTES);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(block.subarray(0, bytesRead));
    }
  } catch (error) {
    if (UNREADABLE.has((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

const READ_BYTES = 256 * 1024;
const UNREADABLE: ReadonlySet<string> = new Set(["ENOENT", "EACCES", "EPERM"]);
