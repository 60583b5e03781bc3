import { OPERATIONS } from "../operations/table.ts";
import { changeRules, type RuleSettings, type Rules } from "../rules.ts";
import type { QuotaChange, Quotas, QuotaSettings } from "../quota/quotas.ts";
import { Account } from "../state/account.ts";
import type { OutboxMessage } from "../state/outbox.ts";
import type { OperationStats, Stats } from "../stats.ts";
import type { FaultOnItsWay, HeldRequest, PlannedFault, Release, Steering } from "../steer.ts";
import type { Clock } from "./clock.ts";
import { dumpAccount } from "./dump.ts";
import type { DumpLine } from "./dump-line.ts";
import { restoreAccount } from "./restore.ts";

/** What the controls act on. */
export interface Controlled {
  readonly account: Account;
  readonly clock: Clock;
  readonly quotas: Quotas;
  readonly steering: Steering;
  readonly stats: Stats;
}

/** What has happened in the emulator since it started. */
export interface EmulatorStats {
  /** By the API's name of the operation; uploads are `PutObject`. */
  readonly operations: Readonly<Record<string, OperationStats>>;
  /** How many users counted as active, by pool id and then by month (`2026-11`): what AWS would bill. */
  readonly monthlyActiveUsers: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** How many messages would have been sent. */
  readonly messages: number;
}

/**
 * Everything about a running emulator that a test may look at or change; the same over HTTP under `/_emulator/`.
 *
 * @example
 * ```ts
 * import { startEmulator } from "poolferry/emulator";
 *
 * await using emulator = await startEmulator();
 * const { control } = emulator;
 * control.clock.stopAt(Date.parse("2027-01-01T00:00:00Z"));
 * control.planFault({ operation: "AdminCreateUser", count: 3, fault: { kind: "throttle" } });
 * control.changeRules({ hashEligible: false });
 * control.changeQuotas("off");
 * console.log(control.outbox.length, "messages would have been sent");
 * ```
 */
export class Control {
  readonly #emulator: Controlled;

  constructor(emulator: Controlled) {
    this.#emulator = emulator;
  }

  /** The emulator's time. */
  get clock(): Clock {
    return this.#emulator.clock;
  }

  /** The settings for what is not known of AWS. */
  get rules(): Rules {
    return this.#emulator.account.rules;
  }

  /** Changes settings; what is left out stays. Jobs that run go by the new ones at once. */
  changeRules(settings: RuleSettings): void {
    const { account } = this.#emulator;
    account.rules = changeRules(account.rules, settings);
  }

  /** The request rates, or `off`. */
  get quotas(): QuotaSettings | "off" {
    const { quotas } = this.#emulator;
    return quotas.isOn ? quotas.settings : "off";
  }

  /** Changes request rates; what is left out stays. */
  changeQuotas(change: QuotaChange): void {
    this.#emulator.quotas.change(change);
  }

  /** The faults that are or were planned, each with how many requests it has met, until they are cleared. */
  get faults(): readonly FaultOnItsWay[] {
    return this.#emulator.steering.planned;
  }

  /** Plans a fault for requests to come. Throws a TypeError for an operation that the emulator does not have. */
  planFault(fault: PlannedFault): void {
    const { operation } = fault;
    if (operation !== "*" && operation !== "PutObject" && !Object.hasOwn(OPERATIONS, operation)) {
      throw new TypeError(`there is no operation ${operation} here for a fault to meet`);
    }
    this.#emulator.steering.plan(fault);
  }

  /** Forgets all planned faults. What is held stays held. */
  clearFaults(): void {
    this.#emulator.steering.clear();
  }

  /** The requests that wait for their release. */
  get held(): readonly HeldRequest[] {
    return this.#emulator.steering.held;
  }

  /** Waits until a request is held by this name. */
  waitUntilHeld(name: string): Promise<HeldRequest> {
    return this.#emulator.steering.waitUntilHeld(name);
  }

  /** Releases every request that is held by this name; returns how many there were. */
  release(name: string, how?: Release): number {
    return this.#emulator.steering.release(name, how);
  }

  /** What has happened since the emulator started. */
  stats(): EmulatorStats {
    const { account, steering, stats } = this.#emulator;
    const operations = [...steering.counts].map(([name, requests]) => [name, stats.of(name, requests)]);
    const active = [...account.pools.values()].map(({ settings, activeUsers }) => {
      const months = [...activeUsers].map(([month, users]) => [monthName(month), users]);
      return [settings.id, Object.fromEntries(months)];
    });
    return {
      operations: Object.fromEntries(operations),
      monthlyActiveUsers: Object.fromEntries(active),
      messages: account.outbox.length,
    };
  }

  /** The messages that Cognito would have sent, oldest first. */
  get outbox(): readonly OutboxMessage[] {
    return this.#emulator.account.outbox;
  }

  /** Empties the outbox. */
  clearOutbox(): void {
    this.#emulator.account.outbox.length = 0;
  }

  /**
   * Everything the emulator holds, a line at a time: pools, users, groups, jobs, logs, messages. Passwords are in
   * it. Settings, rates, faults and the clock are not. Throws while an import job runs.
   */
  dump(): Iterable<DumpLine> {
    return dumpAccount(this.#emulator.account);
  }

  /** Forgets everything the emulator holds, and all planned faults. Settings, rates, the clock and the counts stay. */
  reset(): void {
    const { account, steering } = this.#emulator;
    account.adopt(new Account(account));
    steering.clear();
  }

  /** Puts the contents of a dump in place of everything the emulator holds. */
  restore(lines: Iterable<DumpLine> | AsyncIterable<DumpLine>): Promise<void> {
    return restoreAccount(this.#emulator.account, lines);
  }
}

function monthName(month: number): string {
  return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`;
}
