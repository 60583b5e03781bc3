/** The first character that NFC changes, or composes with one before it, is U+0300. */
const COMPOSABLE = /[\u0300-\uffff]/;

/**
 * The longest text that is normalised: four times what an attribute may have, as NFC makes at most four UTF-16 units
 * into one. Putting accents in order takes the square of their number, so one long value of them would hold a run up.
 */
const MAX_LENGTH = 8_192;

/**
 * A text in Unicode's NFC; most texts are so already, which their characters tell faster than normalising does. Texts
 * that are too long for any attribute stay as they are.
 */
export function toNfc(text: string): string {
  return text.length <= MAX_LENGTH && COMPOSABLE.test(text) ? text.normalize("NFC") : text;
}
