/** How many events a page holds at most (documented). */
export const EVENTS_IN_PAGE = 10_000;

/** How many bytes a page holds at most, as {@link bytesOf} counts them (documented). */
export const BYTES_IN_PAGE = 1024 * 1024;

/** What an event counts in a page: 26 bytes more than its message (documented for writing). */
export function bytesOf(message: string): number {
  return Buffer.byteLength(message) + 26;
}
