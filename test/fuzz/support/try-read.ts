import { writeFileSync } from "node:fs";
import { expect } from "vitest";
import { FerryError } from "../../../src/core/ferry-error.ts";
import type { Row } from "../../../src/core/row.ts";
import { detectSourceType } from "../../../src/extract/detect.ts";
import { SOURCE_TYPES } from "../../../src/extract/sources.ts";
import type { SourceType } from "../../../src/extract/source.ts";
import { rowsOf } from "../../support/builders.ts";

/** What reading a file came to. */
export type Attempt =
  | { readonly kind: "read"; readonly rows: readonly Row[] }
  | { readonly kind: "refused"; readonly code: string };

/**
 * Writes these bytes to a file and reads it as a source of this type, or as what it is recognised as. Anything that is
 * thrown but an error about the source, with its code, fails the test, and so do rows that are not numbered from 1.
 */
export async function tryRead(
  path: string,
  bytes: string | Uint8Array,
  type: SourceType | "auto",
): Promise<Attempt> {
  writeFileSync(path, bytes);
  try {
    const found = type === "auto" ? (await detectSourceType(path, SOURCE_TYPES)).type : type;
    const rows = await rowsOf(await found.open(path, {}));
    expect(rows.every(({ seq }, index) => seq === index + 1)).toBe(true);
    return { kind: "read", rows };
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    expect(error.code).toMatch(/^SOURCE_(FORMAT|TRUNCATED|ENCODING)$/);
    expect(error.exitCode).toBe(2);
    return { kind: "refused", code: error.code };
  }
}
