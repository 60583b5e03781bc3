import type { WriteStream } from "node:tty";
import { stripVTControlCharacters } from "node:util";

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
    const erase = this.#erasure();
    // Fewer than the terminal has, or those that scroll out of it could not be taken back.
    const most = Math.max(0, (this.#terminal.rows || 24) - 2);
    // One column stays free: terminals differ in what they do after the last.
    this.#drawn = this.#hasEnded ? [] : this.#linesFor(this.#columns - 1).slice(0, most);
    const text = erase + above + this.#drawn.map((line) => `${line}\n`).join("");
    if (text !== "") this.#terminal.write(text);
  }

  /** Goes back to where the block begins, and clears from there. A terminal that became narrower has broken its lines. */
  #erasure(): string {
    const columns = this.#columns;
    const rows = this.#drawn
      .map((line) => Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns)))
      .reduce((sum, count) => sum + count, 0);
    return rows === 0 ? "" : `\u001B[${rows}A\r\u001B[J`;
  }

  get #columns(): number {
    return this.#terminal.columns || 80;
  }
}
