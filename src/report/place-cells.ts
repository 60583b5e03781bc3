/** Where a user of a report stands at the source, and what it is called there. */
export interface ReportedPlace {
  readonly seq: number;
  readonly line: number | undefined;
  readonly sourceId: string | undefined;
  readonly username: string | undefined;
}

/** The columns that every report about single users begins with. */
export const PLACE_COLUMNS = ["row", "line", "source_id", "username"] as const;

/** A user's cells of {@link PLACE_COLUMNS}. */
export function placeCells({ seq, line, sourceId, username }: ReportedPlace): readonly string[] {
  return [String(seq), line === undefined ? "" : String(line), sourceId ?? "", username ?? ""];
}
