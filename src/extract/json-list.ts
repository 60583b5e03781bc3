import Assembler from "stream-json/assembler.js";
import type { Token } from "stream-json/core/parser.js";
import { FerryError } from "../core/ferry-error.ts";
import type { JsonValue } from "../core/row.ts";
import { MAX_DEPTH } from "./json-row.ts";

/** A document around a list has few keys; one with more is made of data, and would fill the memory. */
const MAX_KEYS_BESIDE = 100;

/**
 * Finds the list of users in a stream of JSON tokens and puts its elements together, one at a time.
 *
 * The document is either the list itself, or an object one level above it. In an object, the list is the array
 * under the given key, or else the only array of objects; a second one is an error, since taking either would be a
 * guess.
 */
export class JsonList {
  readonly #path: string;
  readonly #wantedKey: string | undefined;
  #depth = 0;
  /** The key of the top-level object whose value comes next. */
  #key: string | undefined;
  /** The depth of the list's elements while inside it; 0 outside. */
  #elementDepth = 0;
  /** An array one level down whose first element decides whether it is the list. */
  #candidate: string | undefined;
  /** An array one level down that began with a scalar: objects in it would be users that are passed over. */
  #scalarList: string | undefined;
  #foundKey: string | undefined;
  #found = false;
  readonly #keysBeside = new Set<string>();
  #sawEmptyList = false;
  #element: Assembler<JsonValue> | undefined;
  /** Whether the element is nested more deeply than any user: it is passed over to its end. */
  #isTooDeep = false;

  constructor(path: string, wantedKey: string | undefined) {
    this.#path = path;
    this.#wantedKey = wantedKey;
  }

  /** The keys beside the list that hold a text, a number or a flag, of those that were met so far and of the first ones. */
  get keysBeside(): ReadonlySet<string> {
    return this.#keysBeside;
  }

  /** Whether there was a list, be it empty. */
  get isFound(): boolean {
    return this.#found || this.#sawEmptyList;
  }

  /** Whether every bracket that was opened was closed. */
  get isComplete(): boolean {
    return this.#depth === 0;
  }

  /** Whether the last token stands within an element. */
  get isInElement(): boolean {
    return this.#element !== undefined;
  }

  /**
   * Takes the next token; returns an element when the token completes one, or null in place of one that is nested more
   * than {@link MAX_DEPTH} levels deep. Throws SOURCE_FORMAT when that is so around the list.
   */
  take(token: Token): JsonValue | undefined {
    switch (token.name) {
      case "startObject":
      case "startArray":
        return this.#open(token);
      case "endObject":
      case "endArray":
        return this.#close(token);
      case "keyValue":
        if (this.#element !== undefined) this.#consume(this.#element, token);
        else if (this.#depth === 1) this.#key = token.value;
        return undefined;
      case "stringValue":
      case "numberValue":
      case "nullValue":
      case "trueValue":
      case "falseValue":
        return this.#scalar(token);
      case "startKey":
      case "endKey":
      case "startString":
      case "endString":
      case "startNumber":
      case "endNumber":
      case "stringChunk":
      case "numberChunk":
      case "whitespace":
        return undefined;
    }
  }

  /** Throws SOURCE_FORMAT when the document ended without a list of users. */
  requireFound(): void {
    if (this.isFound) return;
    const what =
      this.#wantedKey === undefined
        ? "holds no list of objects"
        : `holds no list under the key ${this.#wantedKey}`;
    throw new FerryError("SOURCE_FORMAT", `${this.#path} ${what}`, {
      hint: "The users must be a JSON array, bare or under a key of the top-level object (source.list in the config, or --list of init, names it)",
    });
  }

  #open(token: Token): undefined {
    this.#depth += 1;
    if (this.#element !== undefined) {
      this.#isTooDeep ||= this.#depth > MAX_DEPTH;
      this.#consume(this.#element, token);
    } else if (this.#depth > MAX_DEPTH) {
      throw nestedTooDeeply(this.#path);
    } else if (this.#elementDepth > 0) {
      this.#startElement(token);
    } else if (this.#depth === 1 && token.name === "startArray") {
      this.#enterList(undefined);
    } else if (this.#depth === 2 && token.name === "startArray" && this.#mayBeList(this.#key)) {
      this.#candidate = this.#key;
      if (this.#wantedKey !== undefined) this.#enterList(this.#key);
    } else if (this.#depth === 3 && token.name === "startObject" && this.#scalarList !== undefined) {
      throw mixedList(this.#path, this.#scalarList);
    } else if (this.#depth === 3 && this.#candidate !== undefined) {
      if (token.name === "startObject") {
        this.#enterList(this.#candidate);
        this.#startElement(token);
      }
      this.#candidate = undefined;
    }
    return undefined;
  }

  #close(token: Token): JsonValue | undefined {
    this.#depth -= 1;
    if (this.#element !== undefined) {
      this.#consume(this.#element, token);
      return this.#depth === this.#elementDepth - 1 ? this.#finishElement() : undefined;
    }
    if (this.#elementDepth > 0) {
      if (this.#depth < this.#elementDepth - 1) this.#elementDepth = 0;
    } else if (this.#depth === 1 && this.#candidate !== undefined) {
      this.#sawEmptyList = true;
    }
    if (this.#depth === 1) {
      this.#candidate = undefined;
      this.#scalarList = undefined;
    }
    return undefined;
  }

  #scalar(token: Token & { readonly value: JsonValue }): JsonValue | undefined {
    if (this.#element !== undefined) {
      this.#consume(this.#element, keepLongInteger(token));
      return undefined;
    }
    if (this.#elementDepth > 0) return token.name === "nullValue" ? String(null) : token.value;
    if (this.#depth === 1) this.#noteKeyBeside(token.value);
    if (this.#candidate !== undefined) this.#scalarList = this.#candidate;
    this.#candidate = undefined;
    return undefined;
  }

  #noteKeyBeside(value: JsonValue): void {
    if (value === null || value === "" || this.#key === undefined) return;
    if (this.#keysBeside.size < MAX_KEYS_BESIDE) this.#keysBeside.add(this.#key);
  }

  #mayBeList(key: string | undefined): boolean {
    return this.#wantedKey === undefined || this.#wantedKey === key;
  }

  #enterList(key: string | undefined): void {
    if (this.#found) {
      throw new FerryError(
        "SOURCE_FORMAT",
        `${this.#path} holds more than one list of objects: ${this.#foundKey ?? "?"} and ${key ?? "?"}`,
        { hint: "Say which one holds the users with source.list in the config (init: --list)" },
      );
    }
    this.#found = true;
    this.#foundKey = key;
    this.#elementDepth = key === undefined ? 2 : 3;
  }

  #startElement(token: Token): void {
    this.#element = new Assembler<JsonValue>();
    this.#element.consume(token);
  }

  #consume(element: Assembler<JsonValue>, token: Token): void {
    if (!this.#isTooDeep) element.consume(token);
  }

  #finishElement(): JsonValue {
    const value = this.#isTooDeep ? null : (this.#element?.current ?? null);
    this.#element = undefined;
    this.#isTooDeep = false;
    return value;
  }
}

function nestedTooDeeply(path: string): FerryError {
  return new FerryError("SOURCE_FORMAT", `${path} is nested more than ${MAX_DEPTH} levels deep`, {
    hint: "No export of users is known to be so; check what it is",
  });
}

function mixedList(path: string, key: string): FerryError {
  return new FerryError("SOURCE_FORMAT", `${path}: the list ${key} holds objects and other values`, {
    hint: "Say which list holds the users with source.list in the config (init: --list)",
  });
}

// A rounded id would be another user's id, so integers beyond 2^53 stay the digits that were written.
function keepLongInteger(token: Token): Token {
  if (token.name !== "numberValue" || token.value.length < 16) return token;
  const isLong = /^-?\d+$/.test(token.value) && !Number.isSafeInteger(Number(token.value));
  return isLong ? { name: "stringValue", value: token.value } : token;
}
