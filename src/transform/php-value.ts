import type { JsonValue } from "../core/row.ts";

/** Levels of lists that are read; what applications keep this way has two or three. */
const MAX_DEPTH = 100;

/**
 * The value of a text that PHP's `serialize` wrote, as WordPress keeps roles; undefined when it is none. Only data is
 * read: texts, numbers, flags, null and arrays. An object of a class, a reference, or a length that does not fit is none,
 * so nothing of what makes PHP's own `unserialize` dangerous can happen. An array whose keys count from 0 becomes a list,
 * any other an object.
 */
export function parsePhp(text: string): JsonValue | undefined {
  const reader = new PhpReader(Buffer.from(text, "utf8"));
  const value = reader.readValue(0);
  return reader.isAtEnd ? value : undefined;
}

/** Reads bytes, not characters, as PHP counts the length of a text in bytes. */
class PhpReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The value that begins here; undefined when none does. */
  readValue(depth: number): JsonValue | undefined {
    const kind = this.#takeUntil(/^(N;|[bids]:|a:)/);
    switch (kind) {
      case "N;":
        return null;
      case "b:":
        return this.#readFlag();
      case "i:":
        return this.#readNumber(/^-?\d{1,19};/);
      case "d:":
        return this.#readNumber(/^-?\d{1,25}(\.\d{1,25})?(E[+-]?\d{1,3})?;/);
      case "s:":
        return this.#readText();
      case "a:":
        return depth < MAX_DEPTH ? this.#readArray(depth) : undefined;
      case undefined:
      default:
        return undefined;
    }
  }

  #readFlag(): boolean | undefined {
    const flag = this.#takeUntil(/^[01];/);
    return flag === undefined ? undefined : flag === "1;";
  }

  /** A whole number beyond 2^53 stays digits. */
  #readNumber(pattern: RegExp): number | string | undefined {
    const text = this.#takeUntil(pattern)?.slice(0, -1);
    if (text === undefined) return undefined;
    const value = Number(text);
    return /^-?\d+$/.test(text) && !Number.isSafeInteger(value) ? text : value;
  }

  #readText(): string | undefined {
    const length = Number(this.#takeUntil(/^\d{1,9}:"/)?.slice(0, -2) ?? Number.NaN);
    const end = this.#at + length;
    if (!(end + 2 <= this.#bytes.length) || this.#bytes.toString("latin1", end, end + 2) !== '";')
      return undefined;
    const text = this.#bytes.toString("utf8", this.#at, end);
    this.#at = end + 2;
    // A length that ends within a character was not counted over this text.
    return text.includes("\uFFFD") ? undefined : text;
  }

  #readArray(depth: number): JsonValue | undefined {
    const count = Number(this.#takeUntil(/^\d{1,9}:\{/)?.slice(0, -2) ?? Number.NaN);
    const entries: [string, JsonValue][] = [];
    for (let index = 0; index < count; index += 1) {
      const key = this.readValue(MAX_DEPTH);
      if (typeof key !== "string" && typeof key !== "number") return undefined;
      const value = this.readValue(depth + 1);
      if (value === undefined) return undefined;
      entries.push([String(key), value]);
    }
    if (Number.isNaN(count) || this.#takeUntil(/^\}/) === undefined) return undefined;
    const isList = entries.every(([key], index) => key === String(index));
    // From entries, so that a key named __proto__ is a key.
    return isList ? entries.map(([, value]) => value) : Object.fromEntries(entries);
  }

  /** What matches here, which is then behind; every pattern is of a few characters. */
  #takeUntil(pattern: RegExp): string | undefined {
    const [match] = pattern.exec(this.#bytes.toString("latin1", this.#at, this.#at + 64)) ?? [];
    this.#at += match?.length ?? 0;
    return match;
  }
}
