import type { Operation } from "./quota.ts";

/** What an error means for whoever made the call. */
export type ErrorClass =
  /** The same call may succeed later. `effect`: it had none, or it may have had one and the answer was lost. */
  | { readonly means: "retry"; readonly effect: "none" | "unknown" }
  /** What was wanted is so already, or someone else's: nothing to do for this user. */
  | { readonly means: "skip" }
  /** One user's trouble, for this reason; the run goes on. */
  | { readonly means: "fail"; readonly reason: string }
  /** The run's trouble: the same call would fail again, and others like it. */
  | { readonly means: "abort" };

interface Sign {
  /** Of the error: its name, its network code, or what its HTTP status makes of it. */
  readonly error: string;
  /** The operations of which this is known; all when undefined. */
  readonly on?: readonly Operation[];
  /** What the message says, where the error alone does not tell. */
  readonly says?: RegExp;
  readonly class: ErrorClass;
}

const THROTTLED: ErrorClass = { means: "retry", effect: "none" };
const LOST_REPLY: ErrorClass = { means: "retry", effect: "unknown" };
const SKIP: ErrorClass = { means: "skip" };
const ABORT: ErrorClass = { means: "abort" };

function fail(reason: string): ErrorClass {
  return { means: "fail", reason };
}

const CREATION: readonly Operation[] = ["AdminCreateUser", "SignUp"];
const SIGN_UP: readonly Operation[] = ["SignUp"];
const CONFIRMATION: readonly Operation[] = ["AdminConfirmSignUp"];
const LINK: readonly Operation[] = ["AdminLinkProviderForUser"];
const DELETION: readonly Operation[] = ["AdminDeleteUser"];
const UPDATE: readonly Operation[] = ["AdminUpdateUserAttributes"];
const ATTRIBUTES: readonly Operation[] = ["AdminUpdateUserAttributes", "AdminDeleteUserAttributes"];
const JOINING: readonly Operation[] = ["AdminAddUserToGroup"];
const LEAVING: readonly Operation[] = ["AdminRemoveUserFromGroup"];
/** What is done to a user who should be there, but for its deletion. */
const WRITES: readonly Operation[] = [
  "AdminDisableUser",
  "AdminEnableUser",
  "AdminConfirmSignUp",
  ...ATTRIBUTES,
  "AdminSetUserPassword",
  ...JOINING,
  ...LEAVING,
  "AdminSetUserMFAPreference",
  "AdminLinkProviderForUser",
  "AdminResetUserPassword",
];
const RESET: readonly Operation[] = ["AdminResetUserPassword"];

/** That a user pool is not there is never one user's trouble. */
const NOT_THE_POOL = /^(?!.*user ?pool \S+ does not exist)/is;

/** A server error without a name, and a load balancer's page in place of an answer. */
const SERVER_ERROR = "HTTP 5xx";
const GATEWAY_PAGE = "page of a gateway";

/** All that is known of errors. The first that fits counts; what is not here is the run's, and stops it. */
const SIGNS: readonly Sign[] = [
  { error: "TooManyRequestsException", class: THROTTLED },
  { error: "ThrottlingException", class: THROTTLED },
  { error: "Throttling", class: THROTTLED },
  { error: "RequestLimitExceeded", class: THROTTLED },
  { error: "SlowDown", class: THROTTLED },

  { error: "InternalErrorException", class: LOST_REPLY },
  { error: "InternalServerError", class: LOST_REPLY },
  { error: "InternalFailure", class: LOST_REPLY },
  { error: "ServiceUnavailable", class: LOST_REPLY },
  { error: "ServiceUnavailableException", class: LOST_REPLY },
  { error: "RequestTimeout", class: LOST_REPLY },
  { error: "TimeoutError", class: LOST_REPLY },
  { error: "HeadersTimeoutError", class: LOST_REPLY },
  { error: "BodyTimeoutError", class: LOST_REPLY },
  { error: "ConnectTimeoutError", class: LOST_REPLY },
  { error: "SocketError", class: LOST_REPLY },
  { error: "ECONNRESET", class: LOST_REPLY },
  { error: "ECONNREFUSED", class: LOST_REPLY },
  { error: "EPIPE", class: LOST_REPLY },
  { error: "ETIMEDOUT", class: LOST_REPLY },
  { error: "ENOTFOUND", class: LOST_REPLY },
  { error: "EAI_AGAIN", class: LOST_REPLY },
  { error: "EHOSTUNREACH", class: LOST_REPLY },
  { error: "ENETUNREACH", class: LOST_REPLY },
  { error: "UND_ERR_SOCKET", class: LOST_REPLY },
  { error: "UND_ERR_CONNECT_TIMEOUT", class: LOST_REPLY },
  { error: "UND_ERR_HEADERS_TIMEOUT", class: LOST_REPLY },
  { error: "UND_ERR_BODY_TIMEOUT", class: LOST_REPLY },
  { error: SERVER_ERROR, class: LOST_REPLY },
  { error: GATEWAY_PAGE, class: LOST_REPLY },

  // Somebody has the name or an alias. The second is documented for aliases; the first is seen in its place (reported).
  { error: "UsernameExistsException", on: CREATION, class: SKIP },
  { error: "AliasExistsException", on: CREATION, class: SKIP },
  { error: "InvalidParameterException", on: CREATION, class: fail("user-refused") },
  { error: "UnsupportedUserStateException", on: CREATION, class: fail("user-refused") },
  { error: "InvalidPasswordException", on: CREATION, class: fail("password-refused") },
  { error: "UserLambdaValidationException", on: CREATION, class: fail("trigger-refused") },
  { error: "UnexpectedLambdaException", on: CREATION, class: fail("trigger-broken") },
  { error: "InvalidLambdaResponseException", on: CREATION, class: fail("trigger-broken") },
  { error: "CodeDeliveryFailureException", on: CREATION, class: fail("message-undelivered") },

  // Somebody else deleted the user, or an earlier call whose reply was lost.
  { error: "UserNotFoundException", on: DELETION, class: SKIP },
  { error: "InvalidParameterException", on: DELETION, class: fail("refused") },

  // Which attributes a client may write depends on the user's; any other such refusal is of the client or the pool.
  {
    error: "NotAuthorizedException",
    on: SIGN_UP,
    says: /unauthorized attribute/i,
    class: fail("attribute-unwritable"),
  },
  // Confirmed already: by an earlier request, by the user, or by the pool's trigger. The words are reported.
  {
    error: "NotAuthorizedException",
    on: CONFIRMATION,
    says: /current status is confirmed/i,
    class: SKIP,
  },
  { error: "NotAuthorizedException", on: CONFIRMATION, says: /cannot be confirmed/i, class: fail("refused") },
  { error: "UserLambdaValidationException", on: CONFIRMATION, class: fail("refused") },
  { error: "UnexpectedLambdaException", on: CONFIRMATION, class: fail("refused") },
  { error: "InvalidLambdaResponseException", on: CONFIRMATION, class: fail("refused") },

  // The words are reported.
  { error: "InvalidParameterException", on: LINK, says: /already linked to/i, class: SKIP },
  // A user who was created a moment ago may not be there yet (reported).
  { error: "UserNotFoundException", on: WRITES, class: fail("user-absent") },
  // The words are reported.
  {
    error: "InvalidParameterException",
    on: ATTRIBUTES,
    says: /attribute cannot be updated|non-mutable attribute/i,
    class: fail("attribute-immutable"),
  },
  {
    error: "InvalidParameterException",
    on: ATTRIBUTES,
    says: /attribute is required/i,
    class: fail("attribute-required"),
  },
  {
    error: "InvalidParameterException",
    on: ATTRIBUTES,
    says: /does not exist in the schema/i,
    class: fail("attribute-unknown"),
  },
  { error: "InvalidParameterException", on: WRITES, class: fail("refused") },
  { error: "AliasExistsException", on: WRITES, class: fail("alias-exists") },
  // The trigger of the pool that words its messages, or that sends them, for one user.
  { error: "UserLambdaValidationException", on: UPDATE, class: fail("trigger-refused") },
  { error: "UnexpectedLambdaException", on: UPDATE, class: fail("trigger-broken") },
  { error: "InvalidLambdaResponseException", on: UPDATE, class: fail("trigger-broken") },
  { error: "CodeDeliveryFailureException", on: UPDATE, class: fail("message-undelivered") },
  // The e-mails of a day, which are the run's trouble (the words are reported).
  { error: "LimitExceededException", on: UPDATE, says: /email limit/i, class: ABORT },
  { error: "InvalidPasswordException", on: WRITES, class: fail("refused") },
  { error: "PasswordHistoryPolicyViolationException", on: WRITES, class: fail("refused") },
  // So many codes for one user (the words are reported); any other limit here is that of the e-mails of a day, and the run's.
  { error: "LimitExceededException", on: RESET, says: /attempt limit/i, class: fail("refused") },
  { error: "LimitExceededException", on: RESET, class: ABORT },
  // A user's quota, of links or groups.
  { error: "LimitExceededException", on: WRITES, class: fail("refused") },
  { error: "PasswordResetRequiredException", on: WRITES, class: fail("refused") },
  { error: "UserNotConfirmedException", on: WRITES, class: fail("refused") },
  // Whoever is to leave a group that is not there is not in it.
  { error: "ResourceNotFoundException", on: LEAVING, says: NOT_THE_POOL, class: SKIP },
  { error: "ResourceNotFoundException", on: JOINING, says: NOT_THE_POOL, class: fail("group-absent") },
  // A group or a provider that is not there; a pool that is not there is the run's trouble.
  {
    error: "ResourceNotFoundException",
    on: WRITES,
    says: NOT_THE_POOL,
    class: fail("refused"),
  },
  { error: "NotAuthorizedException", on: WRITES, says: /user is disabled/i, class: fail("refused") },
  // The words are reported.
  { error: "NotAuthorizedException", on: RESET, says: /in the current state/i, class: fail("refused") },
  // The pool's trigger for messages, for one user.
  { error: "UserLambdaValidationException", on: RESET, class: fail("refused") },
  { error: "UnexpectedLambdaException", on: RESET, class: fail("refused") },
  { error: "InvalidLambdaResponseException", on: RESET, class: fail("refused") },

  // A resource's quota and no rate: to wait would not help, although the SDK takes it for a throttle.
  { error: "LimitExceededException", class: ABORT },
];

const SIGNS_BY_ERROR: ReadonlyMap<string, readonly Sign[]> = Map.groupBy(SIGNS, ({ error }) => error);

/** Classifies an error of the SDK or of undici; one that nothing is known of aborts. */
export function classOf(error: unknown, operation?: Operation): ErrorClass {
  if (!(error instanceof Error)) return ABORT;
  for (const seen of signsOf(error)) {
    const sign = SIGNS_BY_ERROR.get(seen)?.find(
      ({ on, says }) =>
        (on === undefined || (operation !== undefined && on.includes(operation))) &&
        (says?.test(error.message) ?? true),
    );
    if (sign !== undefined) return sign.class;
  }
  return ABORT;
}

/** Whether a request was refused as one too many, and had no effect. */
export function isThrottle(error: unknown): boolean {
  const { means, ...more } = classOf(error);
  return means === "retry" && "effect" in more && more.effect === "none";
}

/** Whether an answer was lost, or is none, so that the request may have had its effect. */
export function isLostReply(error: unknown): boolean {
  const { means, ...more } = classOf(error);
  return means === "retry" && "effect" in more && more.effect === "unknown";
}

const GATEWAY_STATUSES = new Set([502, 503, 504]);
const NOT_IMPLEMENTED = 501;

/** What is to be seen of an error, the surest first. */
function signsOf(error: Error): readonly string[] {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
  // A page instead of JSON comes from a load balancer before the service, or from a server that is no such service.
  if (error instanceof SyntaxError) return GATEWAY_STATUSES.has(status) ? [GATEWAY_PAGE] : [];
  const isServerError = status >= 500 && status !== NOT_IMPLEMENTED;
  return [error.name, codeOf(error), ...(isServerError ? [SERVER_ERROR] : [])];
}

/** The network code of an error or of what caused it, the first that is known; or an empty string. */
export function codeOf(error: Error): string {
  const own = (error as NodeJS.ErrnoException).code;
  if (typeof own === "string" && SIGNS_BY_ERROR.has(own)) return own;
  if (error.cause instanceof Error) return codeOf(error.cause);
  return typeof own === "string" ? own : "";
}
