import type { Base64Dialect } from "./state/password-hash.ts";
import type { UserStatus } from "./state/user.ts";

/**
 * What the emulator had to decide without evidence, or that users may want otherwise, one setting each.
 * emulator/README.md lists the evidence for everything else.
 */
export interface Rules {
  /** The number of the first user's line in the job log. 2 = the header counts (reported); AWS's sample code labels it 1. */
  readonly firstLineNumber: 1 | 2;
  /** How long a started job stays Pending. Guess: AWS takes about a second for small files (reported); we do not make tests wait. */
  readonly jobStartDelayMs: number;
  /** How long a job takes for each row. Guess: no public figure exists; 0 is as fast as it goes. */
  readonly jobRowDelayMs: number;
  /** A job is Failed when more than this share of its rows failed or was skipped. Guess: 0/1 and 14/46 imported are Failed (AWS sample, reported); the threshold is unknown. */
  readonly highestFailedShare: number;
  /** Whether the counters move while the job is InProgress. Guess. */
  readonly countsWhileInProgress: boolean;
  /** When a job's lines can be read. Guess. */
  readonly logDelivery: "while-in-progress" | "at-the-end" | "never";
  /** Which jobs StopUserImportJob stops; others are refused. Guess: AWS's samples show only a running one. */
  readonly stoppableStatuses: readonly ("Created" | "Pending" | "InProgress")[];
  /** How far "only one active job" reaches. Documented as the account; whether per region is not said. */
  readonly oneActiveJobPer: "account" | "pool";
  /** The error type for a start that comes while another job is active. Guess: the closest error the operation declares. */
  readonly secondActiveJobError: string;
  /** The error type for starting a job in a pool that verifies nothing automatically. Guess, as above. */
  readonly nothingAutoVerifiedError: string;
  /** The error type for starting or stopping a job whose status does not allow it. Guess, as above. */
  readonly wrongJobStatusError: string;
  /** A created job that is not started expires after this time. Documented as 24 to 48 hours; AWS's sample shows 24.5. */
  readonly jobExpiryMs: number;
  /** How many import jobs a pool holds (documented quota). */
  readonly jobsInPool: number;
  /** How many users one CSV file holds (documented quota). That the whole job fails above it is a guess. */
  readonly usersInFile: number;
  /** How many characters a CSV row holds (documented quota). That the row fails alone above it is a guess. */
  readonly charactersInRow: number;
  /** How many bytes an upload holds (documented quota, "100 MB"). That the upload is refused above it is a guess. */
  readonly bytesInFile: number;
  /** Whether GetCSVHeader lists password_hash. Guess: AWS's sample does not; the developer guide can be read both ways. */
  readonly headerListsPasswordHash: boolean;
  /** Whether GetCSVHeader lists developer-only attributes. Guess. */
  readonly headerListsDeveloperAttributes: boolean;
  /** Whether CR LF ends a line as LF does. Guess: line ends are undocumented, but white space around values is trimmed (documented). */
  readonly takesCarriageReturns: boolean;
  /** What a row with too few or too many values does. Guess. */
  readonly wrongFieldCount: "fails-the-row" | "fails-the-job";
  /** Whether a row's user is looked up before or after the row's values are checked. Guess. */
  readonly existingUserCheck: "before-values" | "after-values";
  /** What becomes of a row whose verified e-mail or phone is another user's alias. Guess. */
  readonly aliasConflict: "failed" | "skipped" | "moved";
  /** How a birthdate in a CSV (mm/dd/yyyy, documented) is stored. Guess: as the API wants it, YYYY-MM-DD. */
  readonly birthdateStoredAs: "api-form" | "csv-form";
  /** The status of imported users (documented, without password hashes). */
  readonly importedStatus: UserStatus;
  /** What an e-mail address looks like. Documented as RFC 3696; how much of it AWS checks is unknown. */
  readonly emailPattern: RegExp;
  /** What a phone number looks like. Documented as + and digits; the greatest length is a guess (E.164). */
  readonly phonePattern: RegExp;
  /** What a Number attribute looks like in a CSV and in the API. Guess. */
  readonly numberPattern: RegExp;
  /** What a DateTime attribute looks like in a CSV and in the API. Guess: undocumented. */
  readonly dateTimePattern: RegExp;
  /** What stands in a log group's name for a character of the pool's name that no log group may hold. Guess. */
  readonly logGroupReplacement: string;
  /** The error type of AdminCreateUser for an alias that another user has. Documented as AliasExistsException, which the API model does not declare for it; seen on real pools as UsernameExistsException. */
  readonly aliasExistsError: "AliasExistsException" | "UsernameExistsException";
  /** What AdminUpdateUserAttributes does when it verifies an alias that another user has. Reported to move it silently; in pools with UsernameAttributes it is always refused (reported). */
  readonly aliasOnUpdate: "move" | "refuse";
  /** Whether an e-mail or phone number that AdminUpdateUserAttributes changes alone becomes unverified. Documented for "a user updates their email address"; that it holds for an administrator is a guess. */
  readonly changedContactBecomesUnverified: boolean;
  /** Operations that count a user as active though AWS's list names them neither way. Guess: none of them. */
  readonly alsoCountsAsActive: readonly UnnamedOperation[];
  /** The user statuses for which AdminSetUserMFAPreference is refused. Guess: the API model declares an error for each of these two. */
  readonly mfaPreferenceRefusedFor: readonly UserStatus[];
  /** Whether switching a second factor off needs what switching it on needs. Reported, in 2018 and 2023. */
  readonly mfaOffNeedsFactor: boolean;
  /** How many users of identity providers sign in as one user (documented). */
  readonly identitiesOfUser: number;
  /** How many groups a pool holds (documented quota). */
  readonly groupsInPool: number;
  /** How many groups a user is in (documented quota). */
  readonly groupsOfUser: number;
  /** The error type of AdminAddUserToGroup above that quota. Guess: of the errors it declares the closest. */
  readonly tooManyGroupsOfUserError: string;
  /** How many custom attributes a pool has (documented quota). */
  readonly customAttributesInPool: number;
  /** Whether UpdateUserPool, AddCustomAttributes and DeleteUserPool are refused while an import job of the pool is Pending or InProgress. The API model declares the error; that it always comes is a guess. */
  readonly poolChangesDuringImport: "refused" | "allowed";
  /** Whether ListUsers refuses AttributesToGet that a listed user has no value for (documented; not everyone sees it). */
  readonly attributesToGetMustBeSet: boolean;
  /** How many users one ListUsers call looks through before it answers with what it has. Guess; that pages may be short or empty is documented. */
  readonly usersSearchedInPage: number;
  /** How long after its creation ListUsers knows a user. Documented as eventually consistent; how long is a guess, so none. */
  readonly listLagMs: number;
  /** How many failed sign-ins lock a user out (documented). */
  readonly signInAttempts: number;
  /** How long the first lock-out lasts; each further failure doubles it (documented). */
  readonly firstLockOutMs: number;
  /** The longest lock-out, and the quiet after which failures are forgotten (documented as about 15 minutes). */
  readonly longestLockOutMs: number;
  /** How often in an hour a user may ask for, or guess at, a reset code. Documented as 5 to 20, depending on the risk. */
  readonly resetAttemptsInHour: number;
  /** How often in an hour a user may ask for another confirmation code (documented). */
  readonly codeResendsInHour: number;
  /** How often in an hour a user may enter a confirmation code (documented). */
  readonly confirmationsInHour: number;
  /** How often in an hour a user may ask to change the password (documented). */
  readonly passwordChangesInHour: number;
  /** What a client writes that names no WriteAttributes. The API reference says the standard ones; infrastructure tools say all. */
  readonly unnamedWriteAttributes: "all" | "standard";
  /** Whether a code to sign in with goes to an address that is not verified. Guess. */
  readonly signInCodesGoTo: "verified" | "any";
  /** Whether a client that hides who exists names a disabled user before the password is proven. Guess. */
  readonly disabledShownWhenHiding: boolean;
  /** What ConfirmForgotPassword does for a user who never confirmed. Guess: UserNotConfirmedException is declared for it. */
  readonly resetOfUnconfirmed: "refused" | "confirms";
  /** The greatest API request body. Guess. */
  readonly bytesInRequest: number;
  /** Whether pools take password hashes: older ones do not (documented), and nothing says which. */
  readonly hashEligible: boolean;
  /** The error type for a hash import into a pool that takes none. Guess: the closest error the operation declares. */
  readonly hashNotEligibleError: string;
  /** What password_hash does in a job that names no algorithm. Guess. A column that GetCSVHeader does not list is an unknown one where the job fails. */
  readonly hashWithoutAlgorithm: "ignored" | "fails-the-row" | "fails-the-job";
  /** The base64 that a PBKDF2 hash may be in: passlib's "." or the common "+", and padding. Guess: AWS's sample has none of them. */
  readonly pbkdf2Base64: readonly Base64Dialect[];
  /** Whether users who can sign in by a code come in CONFIRMED (documented). */
  readonly passwordlessConfirmed: boolean;
  /** Whether cognito:mfa_enabled turns SMS codes on for users with a phone number. Guess; that users may come in without a factor is documented. */
  readonly mfaColumnKept: boolean;
  /** After how many rows a job hangs: InProgress until this is set higher or the job is stopped. A fault; none is known of AWS. */
  readonly jobStuckAfterRows: number;
  /** After how many rows a job fails with AWS's "Too many users…", the rest unread and without lines. Guess: whether AWS breaks off is unknown. */
  readonly jobFailsAfterRows: number;
  /** How long a stopped job is Stopping. AWS's sample is Stopped at once; the model has the status. */
  readonly stopTakesMs: number;
  /** Whether the log role must exist here and be usable by Cognito (documented), or any ARN will do. */
  readonly logRole: "any" | "must-exist";
  /** How long after it was written a log line can be read. A fault; lags are reported. */
  readonly logLagMs: number;
  /** The share of result lines that never arrive. A fault. */
  readonly logLostShare: number;
  /** The share of result lines that arrive twice. A fault. */
  readonly logDoubledShare: number;
  /** Among how many result lines the order is lost; 1 keeps it. A fault. */
  readonly logShuffledLines: number;
  /** What decides which lines are lost, doubled and moved: the same seed, the same lines. */
  readonly logFaultSeed: number;
  /** How many empty pages GetLogEvents gives before each one with lines (documented that pages may be empty). */
  readonly emptyLogPages: number;
  /** How many events GetLogEvents and FilterLogEvents give in a page (documented as 10,000 at most, and as possibly fewer). */
  readonly eventsInLogPage: number;
  /** How many events one FilterLogEvents call looks through. Guess; that pages may be short or empty is documented. */
  readonly eventsSearchedInPage: number;
  /** What a term of a FilterLogEvents pattern matches. Guess: whole words; AWS's examples show no other. */
  readonly filterTermsMatch: "words" | "parts";
  /** Wording that AWS does not publish. */
  readonly texts: Texts;
}

/** Operations on one user of which AWS does not say whether they make it a monthly active user. */
export type UnnamedOperation =
  | "AdminDeleteUser"
  | "AdminDisableUser"
  | "AdminEnableUser"
  | "AdminLinkProviderForUser"
  | "AdminListGroupsForUser"
  | "AdminSetUserMFAPreference";

/** Messages whose exact words are guesses; the README says which texts are AWS's own. */
export interface Texts {
  readonly unexpectedHeader: string;
  readonly tooManyUsers: string;
  readonly rowTooLong: string;
  readonly wrongFieldCount: string;
  readonly usernameInvalid: string;
  readonly usernameOfPhoneFormat: string;
  readonly emailMissing: string;
  readonly phoneMissing: string;
  readonly mfaInvalid: string;
  readonly aliasTaken: string;
  readonly anotherJobActive: string;
  readonly nothingAutoVerified: string;
  readonly importInProgress: string;
  readonly poolDeleted: string;
  readonly tooManyGroups: string;
  readonly tooManyGroupsOfUser: string;
  readonly tooManyCustomAttributes: string;
  readonly tooManyIdentities: string;
  readonly identityOfOther: string;
  readonly emailMfaTier: string;
  readonly emailMfaNoEmail: string;
  /** For a SECRET_HASH of a client that has no secret. */
  readonly secretHashUnexpected: string;
  /** For SRP with a user whose password came as a hash and was not yet used. */
  readonly srpWithHash: string;
  /** For a refresh token whose user is gone. */
  readonly refreshOfDeleted: string;
  readonly passwordMissing: string;
  readonly tokenValidityRange: string;
  readonly mixedAuthFlows: string;
  readonly hashNotEligible: string;
  readonly hashColumnMissing: string;
  readonly hashWithoutAlgorithm: string;
  readonly hashMalformed: string;
  readonly hashOverLimit: string;
  readonly hashOfOtherAlgorithm: string;
  readonly logRoleUnusable: string;
}

/** Settings a caller may give; what is left out keeps its default. */
export type RuleSettings = Partial<Omit<Rules, "texts">> & { readonly texts?: Partial<Texts> };

/** The settings that are closest to what is known of AWS. */
export const DEFAULT_RULES: Rules = {
  firstLineNumber: 2,
  jobStartDelayMs: 20,
  jobRowDelayMs: 0,
  highestFailedShare: 0.5,
  countsWhileInProgress: true,
  logDelivery: "while-in-progress",
  stoppableStatuses: ["Pending", "InProgress"],
  oneActiveJobPer: "account",
  secondActiveJobError: "PreconditionNotMetException",
  nothingAutoVerifiedError: "PreconditionNotMetException",
  wrongJobStatusError: "PreconditionNotMetException",
  jobExpiryMs: 24 * 60 * 60 * 1000,
  jobsInPool: 1000,
  usersInFile: 500_000,
  charactersInRow: 16_000,
  bytesInFile: 100_000_000,
  headerListsPasswordHash: false,
  headerListsDeveloperAttributes: true,
  takesCarriageReturns: true,
  wrongFieldCount: "fails-the-row",
  existingUserCheck: "after-values",
  aliasConflict: "failed",
  birthdateStoredAs: "api-form",
  importedStatus: "RESET_REQUIRED",
  emailPattern: /^[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+$/u,
  phonePattern: /^\+\d{1,15}$/,
  numberPattern: /^-?\d+(?:\.\d+)?$/,
  dateTimePattern: /^(?:\d+|\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))?)$/,
  logGroupReplacement: "_",
  aliasExistsError: "UsernameExistsException",
  aliasOnUpdate: "move",
  changedContactBecomesUnverified: true,
  alsoCountsAsActive: [],
  mfaPreferenceRefusedFor: ["RESET_REQUIRED", "UNCONFIRMED"],
  mfaOffNeedsFactor: true,
  identitiesOfUser: 5,
  groupsInPool: 10_000,
  groupsOfUser: 100,
  tooManyGroupsOfUserError: "InvalidParameterException",
  customAttributesInPool: 50,
  poolChangesDuringImport: "refused",
  attributesToGetMustBeSet: true,
  usersSearchedInPage: 100_000,
  listLagMs: 0,
  signInAttempts: 5,
  firstLockOutMs: 1000,
  longestLockOutMs: 15 * 60 * 1000,
  resetAttemptsInHour: 20,
  codeResendsInHour: 5,
  confirmationsInHour: 15,
  passwordChangesInHour: 5,
  unnamedWriteAttributes: "all",
  signInCodesGoTo: "verified",
  disabledShownWhenHiding: false,
  resetOfUnconfirmed: "refused",
  bytesInRequest: 1024 * 1024,
  hashEligible: true,
  hashNotEligibleError: "OperationNotEnabledException",
  hashWithoutAlgorithm: "fails-the-job",
  pbkdf2Base64: ["dot", "plus"],
  passwordlessConfirmed: true,
  mfaColumnKept: true,
  jobStuckAfterRows: Infinity,
  jobFailsAfterRows: Infinity,
  stopTakesMs: 0,
  logRole: "any",
  logLagMs: 0,
  logLostShare: 0,
  logDoubledShare: 0,
  logShuffledLines: 1,
  logFaultSeed: 1,
  emptyLogPages: 0,
  eventsInLogPage: 10_000,
  eventsSearchedInPage: 100_000,
  filterTermsMatch: "words",
  texts: {
    unexpectedHeader: "The header of the CSV file does not match the user pool's attributes.",
    tooManyUsers: "The CSV file holds more users than an import job takes.",
    rowTooLong: "The User Record is longer than the allowed number of characters.",
    wrongFieldCount: "The User Record does not have as many values as the header.",
    usernameInvalid: "The User Record has an invalid cognito:username.",
    usernameOfPhoneFormat:
      "Username cannot be of phone number format, since user pool is configured for phone number alias.",
    emailMissing: "Email is required to verify/un-verify an email",
    phoneMissing: "Phone Number is required to verify/un-verify a phone number",
    mfaInvalid: "The User Record has a cognito:mfa_enabled that the user pool's MFA setting does not allow.",
    aliasTaken: "An account with the given alias already exists.",
    anotherJobActive: "Another user import job is already active.",
    nothingAutoVerified: "The user pool has no auto verified attributes.",
    importInProgress: "A user import job of the user pool is in progress.",
    poolDeleted: "The user pool was deleted during the import.",
    tooManyGroups: "The user pool has too many groups.",
    tooManyGroupsOfUser: "The user is in too many groups.",
    tooManyCustomAttributes: "The user pool has too many custom attributes.",
    tooManyIdentities: "The user has too many linked identities.",
    identityOfOther: "SourceUser is already linked to another user.",
    emailMfaTier: "Email MFA is not available in the LITE pricing tier.",
    emailMfaNoEmail: "User does not have an email set to turn on EMAIL MFA",
    secretHashUnexpected: "Client is not configured with secret but SECRET_HASH was received",
    srpWithHash: "Incorrect username or password.",
    refreshOfDeleted: "Refresh Token has been revoked",
    passwordMissing: "User is required to have a password",
    tokenValidityRange: "Invalid range for token validity.",
    mixedAuthFlows: "ExplicitAuthFlows cannot mix values that begin with ALLOW_ and others.",
    hashNotEligible: "The user pool does not support the import of password hashes.",
    hashColumnMissing:
      "The CSV file has no password_hash column, but the job has a password hashing algorithm.",
    hashWithoutAlgorithm:
      "The User Record has a password_hash, but the job has no password hashing algorithm.",
    hashMalformed: "The User Record has a malformed password_hash.",
    hashOverLimit: "The User Record has a password_hash whose parameters are out of bounds.",
    hashOfOtherAlgorithm: "The User Record has a password_hash of another algorithm than the job's.",
    logRoleUnusable: "The CloudWatch Logs role could not be used to write the import's log.",
  },
};

/** Changes some settings of others. */
export function changeRules(rules: Rules, settings: RuleSettings = {}): Rules {
  return { ...rules, ...settings, texts: { ...rules.texts, ...settings.texts } };
}
