import { setImmediate } from "node:timers/promises";
import { FerryError, interrupted } from "../core/ferry-error.ts";
import { loadModule, type ModuleWords } from "../core/load-module.ts";
import type { JsonObject, Row, RowBatch } from "../core/row.ts";
import type { SourceModule, SourceModuleContext, SourceModuleRows } from "../core/source-module.ts";
import { plainRow } from "./plain-row.ts";
import { BATCH_ROWS, type OpenContext, type Source, type SourceType } from "./source.ts";

const WORDS: ModuleWords = {
  name: "source module",
  example: "users",
  missing: { code: "SOURCE_NOT_FOUND", hint: "Check the path that --from or source.path names" },
  failed: "MODULE_FAILED",
};

/** The rows that code of the operator's own gives; see {@link SourceModule} for what it exports. */
export const module: SourceType = {
  type: "module",
  place: "module",
  options: [],
  async open(path, _options, context) {
    return new ModuleSource(path, await loadSourceModule(path), context ?? {});
  },
};

async function loadSourceModule(path: string): Promise<SourceModule> {
  const loaded = await loadModule(path, WORDS);
  const { default: rows, cursor } = loaded;
  if (typeof rows !== "function" && !isRows(rows)) {
    throw new FerryError("MODULE_FAILED", `The source module ${path} exports no rows by default`, {
      hint: "Write: export default async function* ({ signal, after }) { yield { id, email, … } }",
    });
  }
  if (cursor !== undefined && typeof cursor !== "function") {
    throw new FerryError("MODULE_FAILED", `The source module ${path} exports a cursor that is no function`, {
      hint: "Write: export const cursor = (row) => row.updatedAt, or leave it out",
    });
  }
  return loaded as unknown as SourceModule;
}

function isRows(value: unknown): value is SourceModuleRows {
  return (
    typeof value === "object" && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}

type Rows = AsyncIterator<unknown> | Iterator<unknown>;

class ModuleSource implements Source {
  readonly shape = { kind: "documents" } as const;
  readonly description = "rows of a module";
  readonly heedsAfter: boolean;
  readonly #path: string;
  readonly #module: SourceModule;
  readonly #context: OpenContext;
  #rows: Rows | undefined;
  #seq = 0;
  #last: JsonObject | undefined;
  /** Ends the waiting for what the module is asked now. */
  #interrupt: () => void = () => undefined;

  constructor(path: string, module: SourceModule, context: OpenContext) {
    this.#path = path;
    this.#module = module;
    this.#context = context;
    this.heedsAfter = module.cursor !== undefined;
  }

  /** Asked of the last row only: it is wanted once a reading. */
  get cursor(): string | undefined {
    const { cursor } = this.#module;
    if (cursor === undefined) return undefined;
    if (this.#last === undefined) return this.#context.after ?? "";
    let found: unknown;
    try {
      found = cursor(this.#last);
    } catch (error) {
      throw this.#failed("threw in its cursor", error);
    }
    if (typeof found === "string" && found !== "") return found;
    throw this.#failed("gives a cursor that is no text");
  }

  async *batches(): AsyncGenerator<RowBatch> {
    const { signal } = this.#context;
    const onAbort = (): void => this.#interrupt();
    signal?.addEventListener("abort", onAbort);
    try {
      this.#rows = await this.#begin();
      let batch: Row[] = [];
      for (;;) {
        const next = await this.#next(this.#rows);
        if (next.done === true) break;
        for (const value of Array.isArray(next.value) ? (next.value as readonly unknown[]) : [next.value]) {
          batch.push(this.#rowOf(value));
          if (batch.length < BATCH_ROWS) continue;
          yield batch;
          batch = [];
          // Code that never waits would leave no room for an interruption.
          await setImmediate();
        }
      }
      this.#rows = undefined;
      if (batch.length > 0) yield batch;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      await this[Symbol.asyncDispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const rows = this.#rows;
    this.#rows = undefined;
    if (rows === undefined) return;
    const ending = this.#end(rows);
    // An iterator that waits for something ends when that is there, if ever; nobody who was interrupted waits for it.
    if (this.#context.signal?.aborted !== true) await ending;
  }

  async #end(rows: Rows): Promise<void> {
    try {
      await rows.return?.(undefined);
    } catch {
      // What it throws while it is closed changes nothing of what was read.
    }
  }

  async #begin(): Promise<Rows> {
    const { signal = new AbortController().signal, after } = this.#context;
    const { default: given } = this.#module;
    const context: SourceModuleContext = { signal, after: this.heedsAfter ? after : undefined };
    const rows: unknown = typeof given === "function" ? await this.#guard(() => given(context)) : given;
    if (!isRows(rows)) throw this.#failed("gives what is no iterable of rows");
    return await this.#guard(() =>
      Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator](),
    );
  }

  #next(rows: Rows): Promise<IteratorResult<unknown>> {
    return this.#guard(() => rows.next());
  }

  /** What the module answers, unless the plan is interrupted before. */
  async #guard<Answer>(ask: () => Answer | PromiseLike<Answer>): Promise<Answer> {
    try {
      const answer = ask();
      return isPromise(answer) ? await this.#orInterrupted(answer) : answer;
    } catch (error) {
      if (this.#context.signal?.aborted === true) throw interrupted();
      throw this.#failed(
        this.#seq === 0 ? "threw before its first row" : `threw after row ${this.#seq}`,
        error,
      );
    }
  }

  // Not Promise.race with one promise for the signal: that keeps something of every row until the end.
  #orInterrupted<Answer>(answer: PromiseLike<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#interrupt = () => reject(interrupted());
      if (this.#context.signal?.aborted === true) this.#interrupt();
      answer.then(resolve, reject);
    });
  }

  #rowOf(value: unknown): Row {
    this.#seq += 1;
    const seq = this.#seq;
    let record: JsonObject | string;
    try {
      record = plainRow(value);
    } catch (error) {
      throw this.#failed(`threw when row ${seq} was read`, error);
    }
    if (typeof record !== "string") {
      this.#last = record;
      return { seq, line: undefined, record };
    }
    const message = `row ${seq}: ${record}`;
    return {
      seq,
      line: undefined,
      record: undefined,
      issue: { code: "row-unreadable", attribute: undefined, message },
    };
  }

  #failed(what: string, cause?: unknown): FerryError {
    return new FerryError("MODULE_FAILED", `The source module ${this.#path} ${what}`, {
      hint: "What it threw is not shown, as it may hold a user's data: try it alone, with node",
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

function isPromise<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
