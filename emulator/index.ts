export { readDump } from "./control/read-dump.ts";
export { readRules } from "./control/read-rules.ts";
export { startEmulator, type Emulator, type EmulatorOptions } from "./emulator.ts";
export type { RuleSettings, Rules, Texts } from "./rules.ts";
export type { Account } from "./state/account.ts";
export type { ImportJob, JobCounts, JobStatus } from "./state/import-job.ts";
export type { LogEvent, LogGroup, LogStore, LogStream } from "./state/log-store.ts";
export type { OutboxMessage } from "./state/outbox.ts";
export type { Pool, PoolSettings } from "./state/pool.ts";
export type { User, UserStatus } from "./state/user.ts";
export type { UserDirectory } from "./state/user-directory.ts";
export type {
  Call,
  Fault,
  FaultOnItsWay,
  HeldRequest,
  Hook,
  Hooks,
  PlannedFault,
  Release,
  Spoiler,
} from "./steer.ts";
export type { OperationStats } from "./stats.ts";
export type { Control, EmulatorStats } from "./control/control.ts";
export type { Clock } from "./control/clock.ts";
export type { DumpLine } from "./control/dump-line.ts";
export type { QuotaChange, QuotaSettings } from "./quota/quotas.ts";
export type { Credentials } from "./wire/signature.ts";
