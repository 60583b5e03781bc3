import { FerryError } from "../core/ferry-error.ts";
import { DirectoryEntry, isLeftOut, textOfValue, type AttributeNames } from "./directory-entry.ts";
import { LdifLines, tooLong } from "./ldif-lines.ts";
import { isMemberAttribute } from "./memberships.ts";
import { MAX_USER_BYTES } from "./source.ts";
import { truncated } from "./truncated.ts";

/** One record of LDIF. */
export interface LdifRecord {
  /** The line of its name. */
  readonly line: number;
  /** Undefined where the record cannot be trusted. */
  readonly entry: DirectoryEntry | undefined;
  /** Why it cannot be trusted, with the line, as a sentence's beginning: "line 7: …"; undefined where it can. */
  readonly flaw: string | undefined;
  /** How much of the file it takes, values that are left out aside. */
  readonly length: number;
}

/** Which attributes of the entries are wanted. */
export interface LdifWishes {
  readonly names: AttributeNames;
  /** Whether an attribute is kept, by its name in lower case without options; all are when left out. */
  readonly keeps?: ((name: string) => boolean) | undefined;
  /** Takes the values that name members of a group, which are not kept: a group can have very many. */
  readonly takeMember?: ((group: string, attribute: string, member: string) => void) | undefined;
}

/** A line `name: value`, `name:: base64` or `name:< url`. */
const ATTRIBUTE_LINE = /^([^:\s]+):(?:(:)|(<))? *(.*)$/s;
/** Lines of what ldapsearch writes behind the entries, and of referrals to other servers. */
const NOTE_LINE = /^(?:search|result|ref|control|pagedresults|matchedDN|text):/i;

/**
 * Reads LDIF (RFC 2849) record by record, with what ldapsearch and ldifde put around it. Nothing is ever read from a URL.
 * Throws SOURCE_FORMAT for another version of LDIF and for an entry that is too long, and SOURCE_TRUNCATED for a text that
 * ends within an entry, or whose search was ended by its server.
 */
export class LdifReader {
  readonly #path: string;
  readonly #wishes: LdifWishes;
  readonly #lines: LdifLines;
  #records: LdifRecord[] = [];
  #open: OpenRecord | undefined;
  /** Whether the lines until the next empty one are no entry. */
  #isNote = false;
  readonly #search = new SearchNotes();
  /** Whether an empty line stood behind the last entry. */
  #isClosed = true;

  constructor(path: string, wishes: LdifWishes) {
    this.#path = path;
    this.#wishes = wishes;
    this.#lines = new LdifLines(path, (content, line) => this.#takeLine(content, line));
  }

  /** Reads on in the text; gives the records that ended. */
  read(text: string): readonly LdifRecord[] {
    this.#lines.read(text);
    return this.#taken();
  }

  /** Takes the text for ended; gives the last record. */
  finish(): readonly LdifRecord[] {
    const isEnded = this.#lines.finish();
    const last = this.#open;
    if (last !== undefined) {
      if (!isEnded) throw cutShort(this.#path, last.lastLine);
      if (last.isEmpty)
        throw truncated(this.#path, `its last entry, in line ${last.line}, has no attributes`);
      this.#isClosed = false;
      this.#endRecord();
    }
    const trouble = this.#search.trouble;
    if (trouble !== undefined) throw truncated(this.#path, trouble);
    return this.#taken();
  }

  /** Whether the last entry is followed by an empty line, as programs write it; known once all was read. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  #taken(): readonly LdifRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  #takeLine(content: string, line: number): void {
    if (content === "") {
      this.#endRecord();
      this.#isNote = false;
      return;
    }
    if (content.startsWith("#")) {
      this.#search.takeComment(content.slice(1).trim());
      return;
    }
    if (this.#isNote) {
      this.#search.takeNote(content);
      return;
    }
    if (this.#open === undefined) this.#beginRecord(content, line);
    else if (/^dn:/i.test(content)) {
      this.#open.spoil(this.#open.line, `the entry runs into another one, which begins in line ${line}`);
      this.#endRecord();
      this.#beginRecord(content, line);
    } else {
      this.#open.takeLine(content, line);
      if (this.#open.length > MAX_USER_BYTES) throw tooLong(this.#path, this.#open.line);
    }
  }

  #beginRecord(content: string, line: number): void {
    if (/^version:/i.test(content)) {
      requireVersion(this.#path, content, line);
      return;
    }
    if (NOTE_LINE.test(content)) {
      this.#isNote = true;
      this.#search.takeNote(content);
      return;
    }
    this.#open = new OpenRecord(content, line, this.#wishes);
    this.#search.countEntry();
  }

  #endRecord(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    this.#records.push(open.finish());
  }
}

function requireVersion(path: string, content: string, line: number): void {
  const version = content.slice("version:".length).trim();
  if (version === "1") return;
  throw new FerryError("SOURCE_FORMAT", `${path} is LDIF of version ${version.slice(0, 20)} (line ${line})`, {
    hint: "There is version 1 alone (RFC 2849): check the export",
  });
}

function cutShort(path: string, line: number): FerryError {
  return new FerryError("SOURCE_TRUNCATED", `${path} is cut short: its last line, ${line}, has no end`, {
    hint: "Export or download it again; if it is whole, put a line end behind its last line. Nothing of it was used",
  });
}

/** A record that has begun. */
class OpenRecord {
  readonly line: number;
  lastLine: number;
  length = 0;
  readonly #wishes: LdifWishes;
  readonly #entry: DirectoryEntry;
  #flaw: string | undefined;
  /** Whether it is one that says what became of an entry. */
  #isChange = false;
  #hasAttributes = false;

  constructor(first: string, line: number, wishes: LdifWishes) {
    this.line = line;
    this.lastLine = line;
    this.#wishes = wishes;
    const parsed = parseLine(first);
    const isName = parsed !== undefined && parsed.description.toLowerCase() === "dn";
    const dn = isName ? textOf(parsed, "dn") : undefined;
    this.#entry = new DirectoryEntry(dn ?? "");
    if (!isName) this.spoil(line, "an entry begins with dn:, and this line does not");
    else if (dn === undefined) this.spoil(line, "the entry's name is not readable");
  }

  get isEmpty(): boolean {
    return !this.#hasAttributes && this.#flaw === undefined;
  }

  /** Says why the record cannot be trusted; the first reason counts. */
  spoil(line: number, why: string): void {
    this.#flaw ??= `line ${line}: ${why}`;
  }

  takeLine(content: string, line: number): void {
    this.lastLine = line;
    if (this.#isChange) return;
    const parsed = parseLine(content);
    if (parsed === undefined) {
      this.spoil(line, "it has no attribute and value");
      return;
    }
    const name = parsed.description.toLowerCase();
    if (name === "changetype") this.#takeChange(parsed.text.trim().toLowerCase());
    // Says how a server is to carry out a change, or the addition of the entry.
    else if (name !== "control" || this.#hasAttributes) this.#takeAttribute(parsed, line);
  }

  finish(): LdifRecord {
    const { line, length } = this;
    const flaw = this.#flaw ?? this.#flawOfEntry();
    return { line, entry: flaw === undefined ? this.#entry : undefined, flaw, length };
  }

  #flawOfEntry(): string | undefined {
    const flaw = this.#entry.flaw;
    return flaw === undefined ? undefined : `line ${this.line}: ${flaw}`;
  }

  #takeChange(kind: string): void {
    if (kind === "add") return;
    this.#isChange = true;
    const shown = /^[a-z]{1,20}$/.test(kind) ? ` (${kind})` : "";
    this.spoil(this.line, `the record is a change${shown}, not an entry`);
  }

  #takeAttribute(parsed: ParsedLine, line: number): void {
    const { names, keeps, takeMember } = this.#wishes;
    this.#hasAttributes = true;
    const name = nameWithoutOptions(parsed.description);
    const isMember = isMemberAttribute(name);
    if (isMember) this.#takeMember(name, parsed, takeMember);
    if (keeps !== undefined && !keeps(name)) return;
    const key = names.keyOf(parsed.description);
    if (key === undefined) {
      this.spoil(line, "it does not begin with the name of an attribute");
      return;
    }
    if (isLeftOut(name)) return;
    if (parsed.form === "url") {
      this.spoil(line, `the value of ${key} stands in another file, which is never opened`);
      return;
    }
    // That there is a member tells a group; who it is, only a group's reader wants to know.
    const value = isMember ? "" : textOf(parsed, name);
    if (value === undefined) {
      this.spoil(line, `the value of ${key} is not base64`);
      return;
    }
    if (isMember && this.#entry.values.has(key)) return;
    this.length += parsed.text.length + key.length;
    this.#entry.add(key, value);
  }

  #takeMember(name: string, parsed: ParsedLine, take: LdifWishes["takeMember"]): void {
    const member = take === undefined || this.#flaw !== undefined ? undefined : textOf(parsed, name);
    if (member !== undefined && member !== "") take?.(this.#entry.dn, name, member);
  }
}

interface ParsedLine {
  /** The name of the attribute with its options. */
  readonly description: string;
  readonly form: "text" | "base64" | "url";
  readonly text: string;
}

function parseLine(content: string): ParsedLine | undefined {
  const match = ATTRIBUTE_LINE.exec(content);
  if (match === null) return undefined;
  const [, description = "", isBase64, isUrl, text = ""] = match;
  return {
    description,
    form: isBase64 === undefined ? (isUrl === undefined ? "text" : "url") : "base64",
    text,
  };
}

/** The value of a line as text; undefined where it cannot be read. */
function textOf({ form, text }: ParsedLine, name: string): string | undefined {
  if (form === "text") return text;
  if (form === "url") return undefined;
  const encoded = text.trim();
  return isBase64(encoded) ? textOfValue(name, Buffer.from(encoded, "base64")) : undefined;
}

/** Whether a text is base64, with or without the signs that fill it up. */
// One step at a time: a pattern for all of it would keep a place to return to for every four characters.
function isBase64(text: string): boolean {
  const digits = text.replace(/={1,2}$/, "");
  const isFilled = digits.length < text.length;
  return !/[^A-Za-z0-9+/]/.test(digits) && (isFilled ? text.length % 4 === 0 : digits.length % 4 !== 1);
}

function nameWithoutOptions(description: string): string {
  const end = description.indexOf(";");
  return (end === -1 ? description : description.slice(0, end)).toLowerCase();
}

/** What ldapsearch says of its search around the entries, by which one that did not come to its end is told. */
class SearchNotes {
  /** Whether a search began whose result has not come. */
  #isOpen = false;
  #hasMorePages = false;
  #entries = 0;
  #trouble: string | undefined;

  countEntry(): void {
    this.#entries += 1;
  }

  takeComment(comment: string): void {
    if (comment === "extended LDIF") this.#isOpen = true;
    const counted = /^numEntries: (\d+)$/.exec(comment)?.[1];
    if (counted !== undefined) this.#compare(Number(counted));
    this.#takePage(comment);
  }

  takeNote(note: string): void {
    const [, code, words] = /^result: (\d+) ?(.*)$/.exec(note) ?? [];
    if (code !== undefined) {
      this.#isOpen = false;
      if (code !== "0") this.#trouble ??= `the server ended the search: result ${code} ${words ?? ""}`.trim();
    }
    this.#takePage(note);
  }

  /** Why the entries are not all that the search was for; undefined where nothing says so. */
  get trouble(): string | undefined {
    if (this.#trouble !== undefined) return this.#trouble;
    if (this.#isOpen)
      return "it begins as ldapsearch writes it, and the result that stands at the end is missing";
    return this.#hasMorePages ? "the server has more pages of the search than it holds" : undefined;
  }

  #takePage(text: string): void {
    const cookie = /^pagedresults: cookie=(.*)$/.exec(text)?.[1];
    if (cookie !== undefined) this.#hasMorePages = cookie !== "";
  }

  #compare(counted: number): void {
    if (counted !== this.#entries)
      this.#trouble ??= `ldapsearch counted ${counted} entries, and it holds ${this.#entries}`;
    this.#entries = 0;
  }
}
