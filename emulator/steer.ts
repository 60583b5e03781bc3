/** A request that reached the emulator. */
export interface Call {
  /** The API's name of the operation; uploads are `PutObject`. */
  readonly operation: string;
  /** 1 for the first request of this operation. */
  readonly number: number;
}

/** What a hook can do to a request besides letting it be. */
export type Fault =
  | { readonly kind: "drop" }
  | { readonly kind: "error"; readonly status: number; readonly type: string; readonly message: string };

/** A look at a request, and a hand in it: returning nothing lets it be, a promise holds it. */
export type Hook = (call: Call) => Fault | undefined | void | Promise<Fault | undefined | void>;

/** Hooks around a request's effect. */
export interface Hooks {
  /** Before anything happens; with a fault, nothing does. */
  readonly beforeEffect?: Hook | undefined;
  /** After the request has taken effect, or was refused, and before it is answered: with a fault, the client cannot know. */
  readonly afterEffect?: Hook | undefined;
}

/** Counts requests by operation and puts hooks around their effect. */
export class Steering {
  readonly counts = new Map<string, number>();
  readonly #hooks: Hooks;

  constructor(hooks: Hooks) {
    this.#hooks = hooks;
  }

  /** Counts a request. */
  begin(operation: string): Call {
    const number = (this.counts.get(operation) ?? 0) + 1;
    this.counts.set(operation, number);
    return { operation, number };
  }

  /** Asks the hook before the effect. */
  async before(call: Call): Promise<Fault | undefined> {
    return (await this.#hooks.beforeEffect?.(call)) ?? undefined;
  }

  /** Asks the hook after the effect. */
  async after(call: Call): Promise<Fault | undefined> {
    return (await this.#hooks.afterEffect?.(call)) ?? undefined;
  }
}
