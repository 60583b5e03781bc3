import type { WriteStream } from "node:tty";
import { stripVTControlCharacters } from "node:util";

const CLEAR_LINE = "\u001B[2K";
const CLEAR_BELOW = "\u001B[J";

/** The block is not drawn more often than this. */
const DRAW_EVERY_MS = 150;

/**
 * Lines at the bottom of a terminal that are drawn anew in place, while other lines scroll by above them. The cursor stands
 * below them and is never hidden, so a process that is killed leaves nothing to mend.
 */
export class LiveBlock implements Disposable {
  readonly #terminal: WriteStream;
  readonly #linesFor: (columns: number) => readonly string[];
  /** What stands in the terminal. */
  #drawn: readonly string[] = [];
  #drawnMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;
  readonly #onResize = (): void => this.#draw();
  readonly #onExit = (): void => this[Symbol.dispose]();

  /** `linesFor` makes the lines of it for a terminal of a width; none of them is wider. */
  constructor(terminal: WriteStream, linesFor: (columns: number) => readonly string[]) {
    this.#terminal = terminal;
    this.#linesFor = linesFor;
    terminal.on("resize", this.#onResize);
    process.on("exit", this.#onExit);
  }

  /** Has it drawn anew, soon. */
  refresh(): void {
    if (this.#hasEnded || this.#timer !== undefined) return;
    const waitMs = this.#drawnMs + DRAW_EVERY_MS - performance.now();
    if (waitMs <= 0) {
      this.#draw();
      return;
    }
    this.#timer = setTimeout(() => this.#draw(), waitMs);
    this.#timer.unref();
  }

  /** Writes lines that stay, above the block. */
  writeAbove(text: string): void {
    this.#draw(`${text}\n`);
  }

  /** Takes the block away; what is written later is written as without it. */
  [Symbol.dispose](): void {
    if (this.#hasEnded) return;
    clearTimeout(this.#timer);
    this.#hasEnded = true;
    this.#terminal.off("resize", this.#onResize);
    process.off("exit", this.#onExit);
    this.#draw();
  }

  #draw(above = ""): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drawnMs = performance.now();
    const rows = this.#rows();
    // Fewer than the terminal has, or those that scroll out of it could not be taken back.
    const most = Math.max(0, (this.#terminal.rows || 24) - 2);
    // One column stays free: terminals differ in what they do after the last.
    this.#drawn = this.#hasEnded ? [] : this.#linesFor(this.#columns - 1).slice(0, most);
    const lines = [...above.split("\n").slice(0, -1), ...this.#drawn];
    // Line by line: what is cleared as a whole, some terminals keep among the lines that have scrolled out.
    const text = lines.map((line) => `${rows > 0 ? CLEAR_LINE : ""}${line}\n`).join("");
    const rest = rows > lines.length ? CLEAR_BELOW : "";
    const up = rows > 0 ? `\u001B[${rows}A\r` : "";
    if (up + text !== "") this.#terminal.write(up + text + rest);
  }

  /** How many rows the block takes now: a terminal that became narrower has broken its lines. */
  #rows(): number {
    const columns = this.#columns;
    return this.#drawn
      .map((line) => Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns)))
      .reduce((sum, count) => sum + count, 0);
  }

  get #columns(): number {
    return this.#terminal.columns || 80;
  }
}
