import { findSource, openSource, type SourceSpec } from "../extract/open-source.ts";
import { failure, ok, type Finding } from "./check.ts";

/**
 * Whether the source can be opened, with its driver, and its first users be read. Throws what opening it throws: no such file, no
 * such driver, a refused password.
 */
export async function checkSource(spec: SourceSpec, signal: AbortSignal): Promise<Finding> {
  const found = await findSource(spec);
  await using source = await openSource(found, spec, { signal });
  let rows = 0;
  for await (const batch of source.batches()) {
    rows += batch.length;
    if (rows > 0) break;
  }
  if (rows > 0) return ok(`${found.type.type}: ${source.description}`);
  return failure(
    `${found.type.type}: ${source.description}: it holds no user`,
    "Check --from, or the query of the config",
  );
}
