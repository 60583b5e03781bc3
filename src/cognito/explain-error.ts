import type { Connection } from "../core/connection.ts";
import { FerryError, type ErrorCode } from "../core/ferry-error.ts";
import { classOf, codeOf, isLostReply, isThrottle } from "./error-class.ts";

/** What was being done when an error came. */
export interface CallContext {
  readonly operation: string;
  readonly connection: Connection;
}

/** By which names the operator says where a connection leads. */
export interface Settings {
  readonly userPoolId: string;
  readonly region: string;
  readonly profile: string;
  readonly endpointUrl: string;
}

const FLAGS: Settings = {
  userPoolId: "--user-pool-id",
  region: "--region",
  profile: "--profile",
  endpointUrl: "--endpoint-url",
};

const SOURCE_KEYS: Settings = {
  userPoolId: "source.userPoolId",
  region: "source.region",
  profile: "source.profile",
  endpointUrl: "source.endpointUrl",
};

/** The names for a connection: flags for the pool that users go to, keys of the config for one that they come from. */
export function settingsOf({ isSource }: Partial<Connection>): Settings {
  return isSource === true ? SOURCE_KEYS : FLAGS;
}

interface Explanation {
  readonly code: ErrorCode;
  readonly message: (context: CallContext, error: Error) => string;
  readonly hint: (says: Settings, connection: Connection) => string;
}

const CREDENTIALS_MISSING: Explanation = {
  code: "CREDENTIALS_MISSING",
  message: ({ connection }) =>
    connection.profile === undefined
      ? "No AWS credentials were found"
      : `No AWS credentials were found for the profile ${connection.profile}`,
  hint: ({ profile }) =>
    `Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ${profile} with a profile of your AWS configuration (aws configure)`,
};

const CREDENTIALS_INVALID: Explanation = {
  code: "CREDENTIALS_INVALID",
  message: ({ operation }, error) => `AWS does not accept the credentials for ${operation}: ${error.message}`,
  hint: ({ profile }, { isSource }) =>
    `Check ${isSource === true ? `${profile}, ` : ""}the access key, its secret and session token, and this computer's clock; temporary ones may have expired (aws sts get-caller-identity)`,
};

const ACCESS_DENIED: Explanation = {
  code: "ACCESS_DENIED",
  message: ({ operation }, error) =>
    `These credentials may not call ${operation}${otherAction(operation, error)}`,
  hint: ({ profile }, { isSource }) =>
    isSource === true
      ? `Check ${profile}, or add the action to the IAM policy of its credentials; docs/policies/source-pool.json is one`
      : "Add the action to their IAM policy; docs/permissions.md has a policy for each command",
};

/** What else than the call itself they are not allowed, such as to hand a role to Cognito; IAM names it so (reported). */
function otherAction(operation: string, { message }: Error): string {
  const [, action = ""] = /not authorized to perform: ([\w-]+:\w+)/i.exec(message) ?? [];
  return action === "" || action.endsWith(`:${operation}`) ? "" : `: they lack ${action}`;
}

const REGION_MISSING: Explanation = {
  code: "REGION_MISSING",
  message: () => "The AWS region is not known",
  hint: ({ region }) => `Give ${region}, or set AWS_REGION`,
};

const UNSUPPORTED: Explanation = {
  code: "ENDPOINT_UNSUPPORTED",
  message: ({ operation, connection }) =>
    `${connection.endpointUrl ?? "The service"} gives no usable answer to ${operation}`,
  hint: ({ endpointUrl }, { isSource }) =>
    `Check ${endpointUrl}: it must be a Cognito-compatible service${isSource === true ? "" : " with import jobs"} (poolferry emulator is one)`,
};

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  CredentialsProviderError: CREDENTIALS_MISSING,
  TokenProviderError: CREDENTIALS_MISSING,
  UnrecognizedClientException: CREDENTIALS_INVALID,
  InvalidSignatureException: CREDENTIALS_INVALID,
  SignatureDoesNotMatch: CREDENTIALS_INVALID,
  InvalidClientTokenId: CREDENTIALS_INVALID,
  IncompleteSignatureException: CREDENTIALS_INVALID,
  MissingAuthenticationTokenException: CREDENTIALS_INVALID,
  IncompleteSignature: CREDENTIALS_INVALID,
  MissingAuthenticationToken: CREDENTIALS_INVALID,
  ExpiredTokenException: CREDENTIALS_INVALID,
  ExpiredToken: CREDENTIALS_INVALID,
  AccessDeniedException: ACCESS_DENIED,
  AccessDenied: ACCESS_DENIED,
  UnknownOperationException: UNSUPPORTED,
  NotImplemented: UNSUPPORTED,
  SyntaxError: UNSUPPORTED,
};

const UNTRUSTED: Explanation = {
  code: "ENDPOINT_UNREACHABLE",
  message: ({ connection }, error) =>
    `${placeOf(connection)} cannot be spoken to securely (${codeOf(error) || error.name})`,
  hint: ({ endpointUrl }, { isSource }) =>
    `Check ${isSource === true ? `the http or https of ${endpointUrl}` : "the URL's http or https"}; behind a proxy that inspects traffic, point NODE_EXTRA_CA_CERTS at its certificate`,
};

const NOT_HTTP: Explanation = {
  ...UNSUPPORTED,
  message: ({ connection }) => `${placeOf(connection)} does not answer in HTTP`,
};

const BAD_ADDRESS: Explanation = {
  code: "USAGE",
  message: (_context, error) => `An address is not valid: ${error.message}`,
  hint: ({ endpointUrl, region }) =>
    `Check ${endpointUrl}, ${region}, the AWS_ENDPOINT_URL variables and HTTPS_PROXY`,
};

const UNTRUSTED_CODE = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO/;

function explanationFor(error: Error): Explanation | undefined {
  if (error instanceof SyntaxError && isLostReply(error)) return undefined;
  const known = EXPLANATIONS[error.name];
  if (known !== undefined) return known;
  if (isRegionMissing(error)) return REGION_MISSING;
  if (isUntrusted(error)) return UNTRUSTED;
  if (isNotHttp(error)) return NOT_HTTP;
  const code = codeOf(error);
  const isAddress =
    code === "ERR_INVALID_URL" || /region not accepted|invalid url|endpoint.*invalid/i.test(error.message);
  return isAddress ? BAD_ADDRESS : undefined;
}

/** Whether a connection failed since the other side cannot be trusted, or does not speak TLS. */
export function isUntrusted(error: Error): boolean {
  return UNTRUSTED_CODE.test(codeOf(error));
}

/** Whether the other side answered in something else than HTTP. */
export function isNotHttp(error: Error): boolean {
  return error.name === "HTTPParserError" || codeOf(error).startsWith("HPE_");
}

function placeOf({ endpointUrl, region }: Connection): string {
  return endpointUrl ?? `AWS in ${region ?? "its region"}`;
}

/**
 * Turns an error of the SDK into the operator's trouble, with the SDK's error as its cause. Errors that mean
 * something to the caller (ResourceNotFoundException and its like) and our own come back as they are.
 */
export function explainError(error: unknown, context: CallContext): unknown {
  if (!(error instanceof Error) || error instanceof FerryError) return error;
  const says = settingsOf(context.connection);
  const explanation = explanationFor(error);
  if (explanation !== undefined) {
    return new FerryError(explanation.code, explanation.message(context, error), {
      hint: explanation.hint(says, context.connection),
      cause: error,
    });
  }
  if (classOf(error).means !== "retry") return error;
  const where = placeOf(context.connection);
  const wasThrottled = isThrottle(error);
  const how = wasThrottled ? "keeps refusing" : "does not answer";
  return new FerryError(
    "ENDPOINT_UNREACHABLE",
    `${where} ${how} ${context.operation} (${codeOf(error) || error.name})`,
    {
      hint: wasThrottled
        ? "Other callers use up the request quota of the account: wait, or ask for a higher one"
        : `Check the network, ${context.connection.isSource === true ? says.region : "the region"} and ${says.endpointUrl}`,
      cause: error,
    },
  );
}

/** Whether an error, or what it was explained from, is the service's exception of that name. */
export function isException(error: unknown, name: string): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === name || (error instanceof FerryError && isException(error.cause, name));
}

/** Whether a call ended without an answer, so that its effect is unknown. */
export function isUnanswered(error: unknown): error is FerryError {
  return error instanceof FerryError && error.code === "ENDPOINT_UNREACHABLE" && isLostReply(error.cause);
}

function isRegionMissing(error: Error): boolean {
  return /region is missing/i.test(error.message);
}

/**
 * Turns what is left of the service's own exceptions into SERVICE_REFUSED; anything else comes back as it is, since it
 * is a bug of ours or was explained already.
 */
export function explainServiceError(error: unknown, connection: Partial<Connection> = {}): unknown {
  if (!(error instanceof Error) || error instanceof FerryError || !("$fault" in error)) return error;
  return new FerryError("SERVICE_REFUSED", `AWS refuses: ${error.message} (${error.name})`, {
    hint:
      connection.isSource === true
        ? "It is the source that refuses (source.profile, source.region, source.endpointUrl): mend what the message names"
        : "Mend what the message names",
    cause: error,
  });
}
