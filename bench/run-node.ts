import { ENVIRONMENT } from "./local-pool.ts";
import { measure, type Measurement } from "./measure.ts";

/** Runs a program of Node's to its end. Throws what it printed unless that is 0. */
export async function runNode(...parameters: readonly string[]): Promise<Measurement> {
  const result = await measure(process.execPath, parameters, ENVIRONMENT);
  if (result.exitCode !== 0) throw new Error(result.stdout + result.stderr);
  return result;
}
