import { setTimeout as delay } from "node:timers/promises";

import { forTimer } from "./for-timer.ts";

/** A request that reached the emulator. */
export interface Call {
  /** The API's name of the operation; uploads are `PutObject`. */
  readonly operation: string;
  /** 1 for the first request of this operation. */
  readonly number: number;
}

/** What comes back in place of an answer. */
export type Spoiler =
  /** The connection is closed without an answer. */
  | { readonly kind: "drop" }
  /** The connection is reset without an answer. */
  | { readonly kind: "reset" }
  /** The answer ends in its middle, and the connection with it. */
  | { readonly kind: "truncate" }
  /** An error in the protocol's own form. */
  | { readonly kind: "error"; readonly status: number; readonly type: string; readonly message: string }
  /** The protocol's own error for too many requests. */
  | { readonly kind: "throttle" }
  /** An HTML page, as a load balancer sends it. */
  | { readonly kind: "html"; readonly status: number };

/** What can be done to a request besides letting it be. */
export type Fault =
  | Spoiler
  /** The request waits, and then goes on. */
  | { readonly kind: "delay"; readonly delayMs: number }
  /** The request waits until it is released by this name. */
  | { readonly kind: "hold"; readonly name: string };

/** A look at a request, and a hand in it: returning nothing lets it be, a promise holds it. */
export type Hook = (call: Call) => Fault | undefined | void | Promise<Fault | undefined | void>;

/** Hooks around a request's effect. */
export interface Hooks {
  /** Before anything happens; with a spoiler, nothing does. */
  readonly beforeEffect?: Hook | undefined;
  /** After the request has taken effect, or was refused, and before it is answered: with a spoiler, the client cannot know. */
  readonly afterEffect?: Hook | undefined;
}

/** A fault that is planned for requests to come. */
export interface PlannedFault {
  /** The operation it meets; `*` is any. */
  readonly operation: string;
  /** The number of the first request it meets; the next one unless given. With `*` it counts all requests. */
  readonly from?: number;
  /** How many requests it meets: one unless given; 0 is all until the faults are cleared. */
  readonly count?: number;
  /** Before the request takes effect, which is the default, or after it. */
  readonly moment?: "before-effect" | "after-effect";
  readonly fault: Fault;
}

/** A request that waits for its release. */
export interface HeldRequest extends Call {
  readonly name: string;
}

/** How a held request goes on: as if nothing had been, or with no answer (and, before its effect, with none of that either). */
export type Release = "go-on" | "drop";

type Moment = "before-effect" | "after-effect";

interface Hold extends HeldRequest {
  readonly release: (how: Release) => void;
}

/** A planned fault, and how many requests it has met. */
export interface FaultOnItsWay extends PlannedFault {
  readonly from: number;
  readonly met: number;
}

interface Plan {
  readonly planned: PlannedFault & { readonly from: number };
  met: number;
  /** The numbers of the first request it meets and of the first one after. */
  readonly start: number;
  readonly end: number;
}

/** Counts requests by operation, and puts hooks and planned faults around their effect. */
export class Steering {
  readonly counts = new Map<string, number>();
  readonly #hooks: Hooks;
  readonly #closing = new AbortController();
  #plans: readonly Plan[] = [];
  #total = 0;
  readonly #holds = new Set<Hold>();
  readonly #watchers = new Set<() => void>();

  constructor(hooks: Hooks) {
    this.#hooks = hooks;
  }

  /** Counts a request. */
  begin(operation: string): Call & { readonly total: number } {
    const number = (this.counts.get(operation) ?? 0) + 1;
    this.counts.set(operation, number);
    this.#total += 1;
    return { operation, number, total: this.#total };
  }

  /** What is done to a request before its effect, once its waiting is over. */
  before(call: Call & { readonly total: number }): Promise<Spoiler | undefined> {
    return this.#meet(call, "before-effect", this.#hooks.beforeEffect);
  }

  /** What is done to a request after its effect, once its waiting is over. */
  after(call: Call & { readonly total: number }): Promise<Spoiler | undefined> {
    return this.#meet(call, "after-effect", this.#hooks.afterEffect);
  }

  /** Plans a fault. */
  plan(fault: PlannedFault): void {
    const { operation, from, count = 1 } = fault;
    const start = from ?? 1 + (operation === "*" ? this.#total : (this.counts.get(operation) ?? 0));
    const end = count === 0 ? Infinity : start + count;
    this.#plans = [...this.#plans, { planned: { ...fault, from: start }, met: 0, start, end }];
  }

  /** The faults that are or were planned, until they are cleared. */
  get planned(): readonly FaultOnItsWay[] {
    return this.#plans.map(({ planned, met }) => ({ ...planned, met }));
  }

  /** Forgets all planned faults. What is held stays held. */
  clear(): void {
    this.#plans = [];
  }

  /** The requests that wait for their release, the longest first. */
  get held(): readonly HeldRequest[] {
    return [...this.#holds].map(({ operation, number, name }) => ({ operation, number, name }));
  }

  /** Waits until a request is held by this name. */
  async waitUntilHeld(name: string): Promise<HeldRequest> {
    for (;;) {
      if (this.#closing.signal.aborted) throw new Error(`the emulator was closed before ${name} was held`);
      const found = this.held.find((request) => request.name === name);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  /** Releases every request that is held by this name; returns how many there were. */
  release(name: string, how: Release = "go-on"): number {
    const released = [...this.#holds].filter((hold) => hold.name === name);
    for (const hold of released) hold.release(how);
    return released.length;
  }

  /** Lets nothing wait any longer. */
  close(): void {
    this.#closing.abort();
    for (const hold of this.#holds) hold.release("drop");
    for (const watcher of this.#watchers) watcher();
  }

  async #meet(
    call: Call & { readonly total: number },
    moment: Moment,
    hook: Hook | undefined,
  ): Promise<Spoiler | undefined> {
    const { operation, number } = call;
    const met = this.#plans.filter((plan) => isMet(plan, call, moment));
    for (const plan of met) plan.met += 1;
    const planned = met.map((plan) => plan.planned.fault);
    for (const fault of [(await hook?.({ operation, number })) ?? undefined, ...planned]) {
      const spoiler = fault === undefined ? undefined : await this.#undergo(fault, { operation, number });
      if (spoiler !== undefined) return spoiler;
    }
    return undefined;
  }

  async #undergo(fault: Fault, call: Call): Promise<Spoiler | undefined> {
    switch (fault.kind) {
      case "delay": {
        // Closing cuts it short; nothing takes effect in an emulator that is closed.
        const { signal } = this.#closing;
        const isOver = await delay(forTimer(fault.delayMs), true, { signal }).catch(() => false);
        return isOver ? undefined : { kind: "drop" };
      }
      case "hold":
        return (await this.#hold(fault.name, call)) === "drop" ? { kind: "drop" } : undefined;
      case "drop":
      case "error":
      case "html":
      case "reset":
      case "throttle":
      case "truncate":
        return fault;
    }
  }

  async #hold(name: string, call: Call): Promise<Release> {
    if (this.#closing.signal.aborted) return "drop";
    return new Promise((resolve) => {
      const hold: Hold = {
        ...call,
        name,
        release: (how) => {
          this.#holds.delete(hold);
          resolve(how);
        },
      };
      this.#holds.add(hold);
      for (const watcher of this.#watchers) watcher();
      this.#watchers.clear();
    });
  }
}

function isMet(
  { planned, start, end }: Plan,
  call: Call & { readonly total: number },
  moment: Moment,
): boolean {
  if ((planned.moment ?? "before-effect") !== moment) return false;
  if (planned.operation !== "*" && planned.operation !== call.operation) return false;
  const number = planned.operation === "*" ? call.total : call.number;
  return number >= start && number < end;
}
