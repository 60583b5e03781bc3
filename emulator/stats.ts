/** What has come in and what came of it. */
export interface OperationStats {
  /** Requests that came in. */
  readonly requests: number;
  /** Requests that were refused, by the error's type. */
  readonly refused: Readonly<Record<string, number>>;
  /** Requests whose answer was spoilt on purpose. */
  readonly spoilt: number;
}

/** Counts what becomes of requests. */
export class Stats {
  readonly #refused = new Map<string, Map<string, number>>();
  readonly #spoilt = new Map<string, number>();

  /** Counts a request that was refused with an error of this type. */
  refuse(operation: string, type: string): void {
    const types = this.#refused.get(operation) ?? new Map<string, number>();
    this.#refused.set(operation, types.set(type, (types.get(type) ?? 0) + 1));
  }

  /** Counts a request whose answer was spoilt. */
  spoil(operation: string): void {
    this.#spoilt.set(operation, (this.#spoilt.get(operation) ?? 0) + 1);
  }

  /** What has become of the requests of one operation. */
  of(operation: string, requests: number): OperationStats {
    return {
      requests,
      refused: Object.fromEntries(this.#refused.get(operation) ?? []),
      spoilt: this.#spoilt.get(operation) ?? 0,
    };
  }
}
