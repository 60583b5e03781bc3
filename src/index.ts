export { apply, type ApplyOptions } from "./run/apply.ts";
export { plan, type PlanOptions } from "./run/plan.ts";
export type { SourceSpec } from "./extract/open-source.ts";
export type { SignUpOptions } from "./run/sign-up-pool.ts";
export { purge, type PurgeOptions } from "./run/purge.ts";
export { status } from "./run/status.ts";
export { exportUsers, type ExportOptions, type ExportSummary } from "./run/export-users.ts";
export {
  describeJob,
  listJobs,
  stopJob,
  type JobOptions,
  type JobReport,
  type JobsOptions,
  type JobsSummary,
  type JobSummary,
} from "./run/jobs.ts";
export {
  previewUndo,
  undo,
  type UndoOptions,
  type UndoPreview,
  type UndoPreviewOptions,
  type UndoSummary,
} from "./run/undo.ts";
export {
  preparePool,
  previewPreparation,
  type PreparedState,
  type PrepareOptions,
  type PrepareStep,
  type PrepareSummary,
} from "./run/prepare-pool.ts";
export {
  previewRemoval,
  removeLogsRole,
  type RemovalOptions,
  type RemovalSummary,
} from "./run/remove-logs-role.ts";
export { doctor, type DoctorOptions, type DoctorSummary } from "./run/doctor.ts";
export type { CheckResult, Verdict } from "./check/check.ts";
export type { LogRoleStep } from "./run/prepare-log-role.ts";
export type { CustomAttribute } from "./core/custom-attribute.ts";
export { verify, type VerifyOptions, type VerifySummary } from "./run/verify.ts";
export { readConfig, type Config } from "./run/config.ts";
export { loadHook } from "./run/load-hook.ts";
export type { DraftUser, Hook, HookRefusal, HookRow } from "./core/hook.ts";
export type {
  SourceModule,
  SourceModuleContext,
  SourceModuleRow,
  SourceModuleRows,
} from "./core/source-module.ts";
export type { JsonObject, JsonValue } from "./core/row.ts";
export type { RunEvent, RunObserver } from "./run/run-event.ts";
export type { RunSummary } from "./report/summary.ts";
export type { Forecast, ForecastCause, ForecastFinding, ForecastStep } from "./core/forecast.ts";
export type { Mapping } from "./transform/mapping.ts";
export type {
  BitRule,
  DateRule,
  JoinRule,
  ListedRule,
  LookupRule,
  ParseRule,
  PhoneRule,
  PickRule,
  PrefixedRule,
  Rule,
  Scalar,
  SplitRule,
  UnlessRule,
} from "./transform/rule.ts";
export type { StatedPolicies } from "./transform/policies.ts";
export {
  FerryError,
  EXIT_CODES,
  type ErrorCode,
  type ExitCode,
  type FerryErrorOptions,
} from "./core/ferry-error.ts";
export { ISSUES, type IssueCode, type Severity } from "./core/issue.ts";
export { OUTCOMES, type OutcomeKind } from "./core/outcome.ts";
export { ROUTES, type Route } from "./core/route.ts";
export { sync, type SyncOptions } from "./run/sync.ts";
export { syncHistory, type HistoryOptions, type PastSync, type SyncHistory } from "./run/sync-history.ts";
export type { SyncCause, SyncCounts, SyncKind, SyncSummary } from "./run/sync-summary.ts";
export type { ActivityCause } from "./core/activity-cause.ts";
export type { FollowUpKind } from "./core/follow-up.ts";
export type { LoadPolicies } from "./core/load-policies.ts";
export type { LoadStep } from "./core/load-step.ts";
export type { UndoAction } from "./core/undo.ts";
export type {
  FollowUpCount,
  IssueCount,
  Purged,
  ReasonCount,
  RunState,
  UndoCounts,
} from "./ledger/ledger.ts";
export type { PartLimits } from "./load/spool.ts";
export type { UserFileFormat } from "./report/user-file.ts";
export type { Environment } from "./run/client-secret.ts";
export type { RunToJoin } from "./run/run-ledger.ts";
export type { Tripped } from "./sync/guards.ts";
export type { StatedSyncPolicies } from "./sync/sync-policies.ts";
export type { Quarantine } from "./sync/sync-store.ts";
