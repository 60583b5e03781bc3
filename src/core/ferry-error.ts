/**
 * Exit codes are part of the contract with scripts; every `--help` lists them.
 */
export const EXIT_CODES = {
  /** Every user is settled as wanted. */
  ok: 0,
  /** A bug of ours. */
  bug: 1,
  /** Wrong usage, configuration or source; nothing was sent. */
  usage: 2,
  /**
   * Finished or planned, but some users failed or are rejected, or a follow-up of an imported one failed; verified, but
   * the pool is not as wanted; undone, but for some users.
   */
  incomplete: 3,
  /** Stopped by the run's trouble; the run can be resumed. */
  stopped: 4,
  /** A guard stopped it before harm was done. */
  guarded: 5,
  /** Interrupted; the run can be resumed. */
  interrupted: 130,
} as const;

/** One of the process exit codes of {@link EXIT_CODES}. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** The name of an exit code, as in {@link EXIT_CODES}. */
export type ExitName = keyof typeof EXIT_CODES;

/** All names of exit codes. */
export const EXIT_NAMES = Object.keys(EXIT_CODES) as readonly ExitName[];

/** The name of an exit code; that of a bug for a number that is none of ours. */
export function exitNameOf(exitCode: number): ExitName {
  return EXIT_NAMES.find((name) => EXIT_CODES[name] === exitCode) ?? "bug";
}

/** Every error an operator can meet, with the exit code it ends the process with. */
const EXIT_CODE_BY_ERROR = {
  ACCESS_DENIED: "usage",
  ACCOUNT_MISMATCH: "guarded",
  APP_CLIENT_REFUSED: "usage",
  ATTRIBUTE_FIXED: "usage",
  CLIENT_SECRET_UNREADABLE: "usage",
  CONFIG_INVALID: "usage",
  CONFIG_NOT_FOUND: "usage",
  CONFIRMATION_MISSING: "usage",
  CONFIRMATION_WRONG: "usage",
  CREDENTIALS_INVALID: "usage",
  CREDENTIALS_MISSING: "usage",
  DISK_UNUSABLE: "stopped",
  DRIVER_MISSING: "usage",
  ENDPOINT_UNREACHABLE: "stopped",
  ENDPOINT_UNSUPPORTED: "usage",
  FLAGS_UNREADABLE: "guarded",
  GROUPS_UNUSABLE: "usage",
  HOOK_FAILED: "usage",
  HOOK_NOT_FOUND: "usage",
  IMPORT_JOB_ACTIVE: "usage",
  IMPORT_JOB_UNUSABLE: "stopped",
  INTERRUPTED: "interrupted",
  JOB_ENDED: "usage",
  JOB_NOT_FOUND: "usage",
  LEDGER_REFUSED: "usage",
  LEDGER_UNREACHABLE: "stopped",
  LEDGER_UNREADABLE: "usage",
  LOGS_ROLE_FOREIGN: "usage",
  LOGS_ROLE_MISSING: "usage",
  LOGS_ROLE_REFUSED: "stopped",
  MAPPING_INVALID: "usage",
  MESSAGES_NOT_ALLOWED: "guarded",
  MODULE_FAILED: "usage",
  PASSWORD_HASHES_REFUSED: "stopped",
  PLAN_STALE: "guarded",
  POOL_DESCRIPTION_INVALID: "usage",
  POOL_NOT_FOUND: "usage",
  POOL_UNREADY: "usage",
  REGION_MISMATCH: "usage",
  REGION_MISSING: "usage",
  RUN_BUSY: "usage",
  RUN_EXISTS: "usage",
  RUN_NOT_FOUND: "usage",
  RUN_PURGED: "usage",
  RUN_UNDONE: "usage",
  RUN_UNFINISHED: "usage",
  RUN_UNPLANNED: "usage",
  RUN_UNSENT: "usage",
  SERVICE_REFUSED: "stopped",
  SOURCE_ENCODING: "usage",
  SOURCE_FORMAT: "usage",
  SOURCE_NOT_FOUND: "usage",
  SOURCE_REFUSED: "usage",
  SOURCE_TRUNCATED: "usage",
  SOURCE_UNREACHABLE: "stopped",
  SYNC_MISMATCH: "usage",
  SYNC_NOT_FOUND: "usage",
  SYNC_NOT_QUARANTINED: "usage",
  TOO_MANY_BAD_ROWS: "guarded",
  TOO_MANY_FAILED: "guarded",
  UPLOAD_HOST_FOREIGN: "guarded",
  UPLOAD_REFUSED: "stopped",
  USAGE: "usage",
} as const satisfies Record<string, keyof typeof EXIT_CODES>;

/** The stable code of a {@link FerryError}. */
export type ErrorCode = keyof typeof EXIT_CODE_BY_ERROR;

/** All error codes, for the documentation and its test. */
export const ERROR_CODES = Object.keys(EXIT_CODE_BY_ERROR) as readonly ErrorCode[];

/** What a {@link FerryError} may carry besides its message. */
export interface FerryErrorOptions {
  /** What the operator can do, in one sentence. */
  readonly hint: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
  /** Overrides the exit code of the error's code, where the phase decides (see run/apply.ts). */
  readonly exitCode?: ExitCode;
}

/**
 * The run's trouble that the operator can mend: what happened and to which thing (the message), and what to
 * do (the hint). Anything else that is thrown is our bug. One user's trouble is never thrown: it is an issue, and counted.
 */
export class FerryError extends Error {
  override readonly name = "FerryError";
  /** The stable name of the trouble, as docs/errors.md lists it. */
  readonly code: ErrorCode;
  /** What the operator can do, in one sentence. */
  readonly hint: string;
  /** What a process would end with: whether anything was sent, and whether it can go on. */
  readonly exitCode: ExitCode;

  constructor(code: ErrorCode, message: string, { hint, cause, exitCode }: FerryErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.exitCode = exitCode ?? EXIT_CODES[EXIT_CODE_BY_ERROR[code]];
  }
}

/** The error of a run that was interrupted between two steps: its ledger is whole. */
export function interrupted(): FerryError {
  return new FerryError("INTERRUPTED", "Interrupted; what was done so far is in the ledger", {
    hint: "Continue with the resume command",
  });
}

/** Throws {@link interrupted} once the signal is aborted; called between two steps of a run. */
export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw interrupted();
}
