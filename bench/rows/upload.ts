import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { wallRatio } from "../aims.ts";
import { ENVIRONMENT } from "../local-pool.ts";
import { measure } from "../measure.ts";
import type { Aim, Figures, Row, Setting, Size, Skipped, Trial } from "../row.ts";
import { startService } from "../service.ts";

const BYTES: Readonly<Record<Size, number>> = { small: 5e6, medium: 100e6, full: 100e6 };
const BYTES_PER_SECOND = 100e6;

const MORE_MEMORY = "MB above idle";

const MORE_MEGABYTES: Aim = {
  what: "memory above idle",
  unit: "MB",
  value: ({ more = {} }) => more[MORE_MEMORY] ?? Number.NaN,
  bound: { atMost: 80 },
};

/** The upload of a part to a sink that reads 100 MB a second, as a fast network does. */
export const uploadHeldBack: Row = {
  name: "upload",
  work: "upload of a part of 100 MB, taken at 100 MB a second",
  reference: "curl -T",
  aims: [wallRatio(1.05), MORE_MEGABYTES],
  seconds: (size, rounds) => ({ small: 2, medium: 3 * rounds, full: 3 * rounds })[size],
  prepare: (setting) => prepare(setting, [String(BYTES_PER_SECOND)]),
};

/** The upload of a part to a sink that reads as fast as it can. */
export const uploadFree: Row = {
  name: "upload-free",
  work: "upload of a part of 100 MB, taken at once",
  reference: "curl -T",
  aims: [wallRatio(2.5), MORE_MEGABYTES],
  seconds: (size, rounds) => ({ small: 2, medium: rounds, full: rounds })[size],
  prepare: (setting) => prepare(setting, []),
};

async function prepare(
  { size, folder }: Setting,
  sinkParameters: readonly string[],
): Promise<Trial | Skipped> {
  try {
    await measure("curl", ["--version"], ENVIRONMENT);
  } catch {
    return { skipped: "curl is not here" };
  }
  const path = join(folder, "part.csv");
  writeLines(path, BYTES[size]);
  const bytes = statSync(path).size;
  const sink = await startService("sink.ts", ...sinkParameters);
  const url = `${sink.url}/part`;
  const uploading = async (run: () => Promise<Figures>): Promise<Figures> => {
    const figures = await run();
    const { uploaded } = (await (await fetch(url)).json()) as { readonly uploaded: number };
    if (uploaded !== bytes) throw new Error(`${uploaded} bytes arrived of ${bytes}`);
    return figures;
  };
  return {
    input: `${Math.round(bytes / 1e6)} MB`,
    work: () => uploading(() => uploadPart(path, url)),
    reference: () => uploading(() => uploadByCurl(path, url)),
    [Symbol.asyncDispose]: async () => sink[Symbol.dispose](),
  };
}

/** Lines like those of an import CSV. */
function writeLines(path: string, bytes: number): void {
  const line = "user-1,Zoë Nowak,,,,zoe1,,,,,user.1@mail.example.com,true,,,,,Europe/Berlin,de-DE,,,false\n";
  const block = Buffer.from(line.repeat(1_000));
  const file = openSync(path, "w");
  for (let written = 0; written < bytes; written += block.length) writeSync(file, block);
  closeSync(file);
}

/** Of the upload alone, as in a run Node has been there for long; the peak is the process's. */
async function uploadPart(path: string, url: string): Promise<Figures> {
  const program = fileURLToPath(new URL("../upload-part.ts", import.meta.url));
  const run = await measure(process.execPath, [program, path, url], ENVIRONMENT);
  if (run.exitCode !== 0) throw new Error(run.stderr);
  const told = JSON.parse(run.stdout) as {
    readonly kind: string;
    readonly seconds: number;
    readonly moreMegabytes: number;
  };
  if (told.kind !== "uploaded") throw new Error(run.stdout);
  return { ...run, seconds: told.seconds, more: { [MORE_MEMORY]: told.moreMegabytes } };
}

/** By curl's own clock, its start left out as well. */
async function uploadByCurl(path: string, url: string): Promise<Figures> {
  const header = ["-H", "x-amz-server-side-encryption: aws:kms"];
  const run = await measure("curl", ["-sSf", "-T", path, ...header, "-w", "%{time_total}", url], ENVIRONMENT);
  if (run.exitCode !== 0) throw new Error(run.stderr);
  return { ...run, seconds: Number(run.stdout) };
}
