/** One log event, in the API's own form. */
export interface LogEvent {
  readonly timestamp: number;
  readonly message: string;
  readonly ingestionTime: number;
}

/**
 * One log stream. The lines of an import differ only in their number and a few endings, so a line is kept as
 * a number, the place of its text in a short list, and a time: half a million of them take some megabytes.
 */
export class LogStream {
  readonly name: string;
  readonly createdMs: number;
  readonly #forms: LineForm[] = [];
  readonly #formPlaces = new Map<string, number>();
  #formOf = new Uint16Array(64);
  #lineOf = new Uint32Array(64);
  #timeOf = new Float64Array(64);
  #length = 0;

  constructor(name: string, createdMs: number) {
    this.name = name;
    this.createdMs = createdMs;
  }

  /** How many events the stream holds. */
  get length(): number {
    return this.#length;
  }

  /** Appends `before + line + after`. */
  append({ before, line, after, nowMs }: Line): void {
    if (this.#length === this.#formOf.length) this.#grow();
    this.#formOf[this.#length] = this.#placeOf(before, after);
    this.#lineOf[this.#length] = line ?? 0;
    this.#timeOf[this.#length] = nowMs;
    this.#length += 1;
  }

  /** How many events had been written by then. */
  lengthAt(timeMs: number): number {
    let [from, to] = [0, this.#length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#timeOf[middle] ?? 0) <= timeMs) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** When the event at a place was written. */
  timeAt(index: number): number {
    return this.#timeOf[index] ?? 0;
  }

  /** The event at a place. */
  at(index: number): LogEvent {
    const form = this.#forms[this.#formOf[index] ?? -1];
    const timestamp = this.#timeOf[index];
    if (form === undefined || timestamp === undefined || index >= this.#length) {
      throw new RangeError(`log stream ${this.name} has no event ${index}`);
    }
    const number = form.isNumbered ? String(this.#lineOf[index]) : "";
    return { timestamp, message: form.before + number + form.after, ingestionTime: timestamp };
  }

  /** Every event as it was appended. */
  *lines(): Generator<Line> {
    for (let index = 0; index < this.#length; index += 1) {
      const { before, after, isNumbered } = this.#forms[this.#formOf[index] ?? -1] ?? NO_FORM;
      const nowMs = this.#timeOf[index] ?? 0;
      yield isNumbered
        ? { before, line: this.#lineOf[index] ?? 0, after, nowMs }
        : { before, after: "", nowMs };
    }
  }

  #placeOf(before: string, after: string): number {
    const key = `${before}\n${after}`;
    const known = this.#formPlaces.get(key);
    if (known !== undefined) return known;
    this.#forms.push({ before, after, isNumbered: after !== "" });
    this.#formPlaces.set(key, this.#forms.length - 1);
    return this.#forms.length - 1;
  }

  #grow(): void {
    const capacity = this.#length * 2;
    this.#formOf = grown(new Uint16Array(capacity), this.#formOf);
    this.#lineOf = grown(new Uint32Array(capacity), this.#lineOf);
    this.#timeOf = grown(new Float64Array(capacity), this.#timeOf);
  }
}

/** A line to append; one without a number is its `before` alone. */
export type Line =
  | { readonly before: string; readonly line: number; readonly after: string; readonly nowMs: number }
  | { readonly before: string; readonly line?: undefined; readonly after: ""; readonly nowMs: number };

const NO_FORM: LineForm = { before: "", after: "", isNumbered: false };

interface LineForm {
  readonly before: string;
  readonly after: string;
  readonly isNumbered: boolean;
}

/** One log group. */
export interface LogGroup {
  readonly name: string;
  readonly createdMs: number;
  readonly streams: Map<string, LogStream>;
}

/** The log groups of the account. */
export class LogStore {
  readonly groups = new Map<string, LogGroup>();

  /** Puts a stream into a group, which is made when it is missing. */
  publish(groupName: string, stream: LogStream, createdMs = stream.createdMs): void {
    let group = this.groups.get(groupName);
    if (group === undefined) {
      group = { name: groupName, createdMs, streams: new Map() };
      this.groups.set(groupName, group);
    }
    group.streams.set(stream.name, stream);
  }
}

function grown<Numbers extends Uint16Array | Uint32Array | Float64Array>(
  target: Numbers,
  source: Numbers,
): Numbers {
  target.set(source);
  return target;
}
