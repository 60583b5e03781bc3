import { invalidParameter } from "../wire/error.ts";
import type { SignInAnswer } from "./answer.ts";
import type { Caller } from "./caller.ts";
import { signerNamed } from "./prove-password.ts";
import { refreshSignIn } from "./refresh.ts";
import { required } from "./refusals.ts";
import { checkSecretHash } from "./secret-hash.ts";
import { beginChoice } from "./sign-in-choice.ts";
import { signInWithPassword } from "./sign-in-password.ts";
import { askSrp } from "./sign-in-srp.ts";

/** How a sign-in begins. */
export interface SignInRequest {
  readonly AuthFlow: AuthFlow;
  readonly AuthParameters?: Readonly<Record<string, string>>;
}

/** The flows of InitiateAuth and AdminInitiateAuth (API model). */
type AuthFlow =
  | "USER_SRP_AUTH"
  | "REFRESH_TOKEN_AUTH"
  | "REFRESH_TOKEN"
  | "CUSTOM_AUTH"
  | "ADMIN_NO_SRP_AUTH"
  | "USER_PASSWORD_AUTH"
  | "ADMIN_USER_PASSWORD_AUTH"
  | "USER_AUTH";

type Begin = (
  caller: Caller,
  parameters: Readonly<Record<string, string>>,
) => SignInAnswer | Promise<SignInAnswer>;

interface Flow {
  /** The client's setting that allows it. */
  readonly allowedBy: string;
  /** AWS's words when that is missing (reported, but for the refresh of tokens). */
  readonly refusal: string;
  /** Who may use it (documented). */
  readonly from: readonly ("user" | "administrator")[];
  readonly begin: Begin;
}

const FLOW_NOT_ENABLED = "Auth flow not enabled for this client";

const ADMIN_PASSWORD: Flow = {
  allowedBy: "ALLOW_ADMIN_USER_PASSWORD_AUTH",
  refusal: FLOW_NOT_ENABLED,
  from: ["administrator"],
  begin: beginWithPassword,
};

const REFRESH: Flow = {
  allowedBy: "ALLOW_REFRESH_TOKEN_AUTH",
  refusal: FLOW_NOT_ENABLED,
  from: ["user", "administrator"],
  begin: refreshSignIn,
};

const FLOWS: Readonly<Record<AuthFlow, Flow>> = {
  USER_PASSWORD_AUTH: {
    allowedBy: "ALLOW_USER_PASSWORD_AUTH",
    refusal: "USER_PASSWORD_AUTH flow not enabled for this client",
    from: ["user"],
    begin: beginWithPassword,
  },
  ADMIN_USER_PASSWORD_AUTH: ADMIN_PASSWORD,
  ADMIN_NO_SRP_AUTH: ADMIN_PASSWORD,
  USER_SRP_AUTH: {
    allowedBy: "ALLOW_USER_SRP_AUTH",
    refusal: "USER_SRP_AUTH is not enabled for the client.",
    from: ["user", "administrator"],
    begin: beginWithSrp,
  },
  USER_AUTH: {
    allowedBy: "ALLOW_USER_AUTH",
    refusal: "USER_AUTH flow not enabled for this client",
    from: ["user", "administrator"],
    begin: (caller, parameters) => {
      checkSecretHash(caller, [required(parameters, "USERNAME")], parameters["SECRET_HASH"]);
      return beginChoice(caller, parameters);
    },
  },
  REFRESH_TOKEN_AUTH: REFRESH,
  REFRESH_TOKEN: REFRESH,
  CUSTOM_AUTH: {
    allowedBy: "ALLOW_CUSTOM_AUTH",
    refusal: "CUSTOM_AUTH is not enabled for the client.",
    from: ["user", "administrator"],
    begin: () => {
      throw invalidParameter("Custom auth lambda trigger is not configured for the user pool.");
    },
  },
};

/** Begins a sign-in by the flow that was asked for, if the client allows it. */
export async function beginSignIn(
  caller: Caller,
  request: SignInRequest,
  from: "user" | "administrator",
): Promise<SignInAnswer> {
  const { allowedBy, refusal, from: allowedFrom, begin } = FLOWS[request.AuthFlow];
  if (!allowedFrom.includes(from)) throw invalidParameter("Initiate Auth method not supported.");
  if (!caller.client.authFlows.includes(allowedBy)) throw invalidParameter(refusal);
  return begin(caller, request.AuthParameters ?? {});
}

async function beginWithPassword(
  caller: Caller,
  parameters: Readonly<Record<string, string>>,
): Promise<SignInAnswer> {
  const name = required(parameters, "USERNAME");
  const password = required(parameters, "PASSWORD");
  checkSecretHash(caller, [name], parameters["SECRET_HASH"]);
  return signInWithPassword(caller, signerNamed(caller, name), password);
}

function beginWithSrp(caller: Caller, parameters: Readonly<Record<string, string>>): SignInAnswer {
  const name = required(parameters, "USERNAME");
  const clientPublic = required(parameters, "SRP_A");
  checkSecretHash(caller, [name], parameters["SECRET_HASH"]);
  return askSrp(caller, name, signerNamed(caller, name), clientPublic);
}
