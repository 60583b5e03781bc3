/** Keys of documents that are a user's data rather than the name of a field. */
const LOOKS_LIKE_DATA = /@|\d{4,}|[0-9a-f]{8}-[0-9a-f]{4}|^.{65,}$/i;

/** Whether a document's key looks like a user's data (an address, an id, a long text) rather than the name of a field. */
export function looksLikeData(key: string): boolean {
  return LOOKS_LIKE_DATA.test(key);
}
