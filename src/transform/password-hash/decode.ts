/** How a text stands for bytes. */
export const ENCODINGS = ["base64", "base64url", "hex", "utf8"] as const;

/** One of {@link ENCODINGS}. */
export type Encoding = (typeof ENCODINGS)[number];

/**
 * The bytes that a text stands for, or undefined when it is not of this encoding. Text in `utf8` is taken byte for byte:
 * neither trimmed nor normalised, as a salt is no words.
 */
export function decode(text: string, encoding: Encoding): Buffer | undefined {
  switch (encoding) {
    case "base64":
      return decodeBase64(text);
    case "base64url":
      return decodeBase64Url(text);
    case "hex":
      return decodeHex(text);
    case "utf8":
      return encodeText(text);
  }
}

const BASE64 = /^[A-Za-z0-9+/]*(={0,2})$/;

/**
 * The bytes of common base64, padded or not. Undefined for any other character, for padding that does not fit, and
 * where the last character has bits to spare that are set: no encoder writes that, a cut does.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const padding = BASE64.exec(text)?.[1];
  if (padding === undefined || (padding !== "" && text.length % 4 !== 0)) return undefined;
  const body = text.slice(0, text.length - padding.length);
  const bytes = Buffer.from(body, "base64");
  return encodeBase64(bytes) === body ? bytes : undefined;
}

/** The bytes of base64 for addresses (RFC 4648, section 5), padded or not: `-` for `+` and `_` for `/`. */
function decodeBase64Url(text: string): Buffer | undefined {
  return /[+/]/.test(text) ? undefined : decodeBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
}

/** The bytes of passlib's adapted base64: `.` for `+`, without padding; the common characters are taken too. */
export function decodeAdaptedBase64(text: string): Buffer | undefined {
  return decodeBase64(text.replaceAll(".", "+"));
}

/** Common base64 without padding. */
export function encodeBase64(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}

function decodeHex(text: string): Buffer | undefined {
  return text.length % 2 === 0 && /^[0-9A-Fa-f]*$/.test(text) ? Buffer.from(text, "hex") : undefined;
}

// A lone surrogate has no bytes, and U+FFFD stands where some earlier program lost some.
function encodeText(text: string): Buffer | undefined {
  return text.isWellFormed() && !text.includes("\uFFFD") ? Buffer.from(text, "utf8") : undefined;
}
