/** An ISO 8601 time in UTC as people read it, to the second; that it is UTC, the caller has to say. */
export function timeText(iso: string): string {
  return iso.slice(0, 19).replace("T", " ");
}
