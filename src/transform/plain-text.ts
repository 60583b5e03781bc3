// No quote, backslash, control character or white space but the space, and nothing from U+0300 on, where NFC begins to change texts.
const PLAIN = /^[!#-[\]-~\u00a1-\u02ff](?:[ !#-[\]-~\u00a1-\u02ff]*[!#-[\]-~\u00a1-\u02ff])?$/;

/**
 * Whether a text has only characters to which nothing is ever done: it is trimmed, in NFC, well-formed, on one line, and
 * an import CSV carries it as it is. One look at most texts saves all these looks at them; of the others it says nothing.
 */
export function isPlainText(text: string): boolean {
  return PLAIN.test(text);
}
