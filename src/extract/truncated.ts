import { FerryError } from "../core/ferry-error.ts";

/** The error of a source that ends in the middle: nothing of it is used, since more may be missing. */
export function truncated(path: string, how: string, cause?: unknown): FerryError {
  return new FerryError("SOURCE_TRUNCATED", `${path} is cut short: ${how}`, {
    hint: "Export or download it again; nothing of it was used",
    cause,
  });
}
