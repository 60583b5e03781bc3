import { SignUpCommand } from "@aws-sdk/client-cognito-identity-provider";
import { createHmac } from "node:crypto";
import { FerryError } from "../core/ferry-error.ts";
import type { Attributes } from "../core/planned-user.ts";
import type { Cognito } from "./cognito.ts";
import { isException } from "./explain-error.ts";

/** The app client that users sign up with. */
export interface AppClient {
  readonly id: string;
  /** A secret; undefined for a client that has none. */
  readonly secret: string | undefined;
}

/** Who signs up. */
export interface SignUpUser {
  /** Where a contact is the username, the contact. */
  readonly username: string;
  readonly attributes: Attributes;
  /** A secret. */
  readonly password: string;
  /** Whether the user has it from the source, so that its refusal is that user's trouble and not the plan's. */
  readonly isOwnPassword: boolean;
}

/**
 * Signs a user up as a form on a web page would: without credentials, and with a code to a contact that the pool verifies
 * by itself, which no request can suppress. Returns the sub. Not repeated after a lost reply. Throws APP_CLIENT_REFUSED,
 * POOL_UNREADY and PLAN_STALE for what concerns every user.
 */
export async function signUp(
  cognito: Cognito,
  { id, secret }: AppClient,
  { user, signal }: { readonly user: SignUpUser; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const { username, attributes, password } = user;
  const command = new SignUpCommand({
    ClientId: id,
    Username: username,
    Password: password,
    UserAttributes: attributes.map(([Name, Value]) => ({ Name, Value })),
    ...(secret === undefined ? {} : { SecretHash: secretHashOf(username, { id, secret }) }),
  });
  try {
    const { UserSub } = await cognito.call("SignUp", (client, abort) => client.send(command, abort), {
      repeat: "once",
      signal,
      whenInterrupted: "finish",
    });
    return UserSub;
  } catch (error) {
    throw explainSignUp(error, id, user);
  }
}

/** The proof that a request knows its client's secret (documented): Base64 of HMAC-SHA256 over username and client id. */
export function secretHashOf(
  username: string,
  { id, secret }: AppClient & { readonly secret: string },
): string {
  return createHmac("sha256", secret)
    .update(username + id)
    .digest("base64");
}

/** What a refusal means that is none of the user's; the words of NotAuthorizedException are reported. */
function explainSignUp(error: unknown, clientId: string, { isOwnPassword }: SignUpUser): unknown {
  if (!(error instanceof Error)) return error;
  const says = (words: RegExp): boolean =>
    isException(error, "NotAuthorizedException") && words.test(error.message);
  const isOfClient = isException(error, "ResourceNotFoundException") || says(/secret.?hash/i);
  if (isOfClient) {
    return new FerryError(
      "APP_CLIENT_REFUSED",
      `Cognito refuses the app client ${clientId}: ${error.message}`,
      {
        hint: "Check signUp.clientId and userPool.region, and that its secret is read where the config says (a client without a secret must have none there)",
        cause: error,
      },
    );
  }
  if (says(/sign-?up is not permitted/i)) return signUpClosed(error);
  if (isException(error, "InvalidPasswordException") && !isOwnPassword) {
    return new FerryError(
      "PLAN_STALE",
      `The pool's password policy is not what the plan knows: ${error.message}`,
      {
        hint: "Plan again in a new folder, with a new userPool.description if there is one",
        cause: error,
      },
    );
  }
  if (isException(error, "LimitExceededException")) {
    return new FerryError("SERVICE_REFUSED", `A quota of the pool is used up: ${error.message}`, {
      hint: "Wait until it is renewed, for instance that of e-mails a day, or let the pool send through Amazon SES",
      cause: error,
    });
  }
  return error;
}

/** The error of a pool in which only administrators create users. */
export function signUpClosed(cause?: unknown): FerryError {
  return new FerryError("POOL_UNREADY", "SignUp is not permitted for this user pool", {
    hint: "Turn on self-registration in the pool (AllowAdminCreateUserOnly false), or have whoever may do so create the users",
    cause,
  });
}
