/** The first character that NFC changes, or composes with one before it, is U+0300. */
const COMPOSABLE = /[\u0300-\uffff]/;

/** A text in Unicode's NFC; most texts are so already, which their characters tell faster than normalising does. */
export function toNfc(text: string): string {
  return COMPOSABLE.test(text) ? text.normalize("NFC") : text;
}
