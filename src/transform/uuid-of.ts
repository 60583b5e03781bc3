import { createRequire } from "node:module";
import type * as Library from "uuid";

/** The namespace of poolferry's name-based UUIDs (RFC 9562, version 5); another one would change everyone's username. */
const NAMESPACE = "8b1f4ab0-5d5c-4a8e-9d3e-6f0c5c1d7a42";

let loaded: typeof Library | undefined;

/** The name-based UUID of a text, the same whenever it is asked for; uuid is loaded (some 13 ms) by the first one. */
export function uuidOf(text: string): string {
  loaded ??= createRequire(import.meta.url)("uuid") as typeof Library;
  return loaded.v5(text, NAMESPACE);
}
