import { callerOf, type Caller } from "../auth/caller.ts";
import { sendCode } from "../auth/codes.ts";
import { confirmationDelivery, viewDelivery } from "../auth/delivery.ts";
import { notAuthorized } from "../auth/refusals.ts";
import { checkSecretHash } from "../auth/secret-hash.ts";
import { checkWritable } from "../auth/writable.ts";
import { createUser } from "../state/create-user.ts";
import { checkPassword } from "../state/password.ts";
import { isPasswordless, type Pool } from "../state/pool.ts";
import type { GivenAttribute } from "../state/read-attributes.ts";
import type { Credential } from "../state/user.ts";
import { invalidParameter } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly ClientId: string;
  readonly SecretHash?: string;
  readonly Username: string;
  readonly Password?: string;
  readonly UserAttributes?: readonly GivenAttribute[];
}

/** Creates a user that signs itself up, and sends it a code; that counts the user as active (documented). */
export function signUp({ account }: Context, request: Request): object {
  const caller = callerOf(account, request);
  const { pool } = caller;
  const { Username: username, UserAttributes: attributes = [] } = request;
  checkSecretHash(caller, [username], request.SecretHash);
  // Wording reported.
  if (pool.settings.adminCreatesOnly) throw notAuthorized("SignUp is not permitted for this user pool");
  const credential = readCredential(caller, request.Password);
  checkWritable(caller, attributes);
  checkRequired(pool, username, attributes);
  const user = createUser(account, pool, {
    username,
    attributes,
    ofOthers: "refuse",
    credential,
    status: "UNCONFIRMED",
    takenMessage: takenMessage(pool, username),
  });
  pool.countActive(user, account.clock());
  const delivery = confirmationDelivery({ pool, user });
  if (delivery !== undefined) sendCode(account, { pool, user }, { purpose: "confirm-sign-up", delivery });
  return {
    UserConfirmed: false,
    UserSub: user.sub,
    ...(delivery === undefined ? {} : { CodeDeliveryDetails: viewDelivery(delivery) }),
  };
}

// Only where a code lets users in may they have no password (documented).
function readCredential({ pool, account }: Caller, password: string | undefined): Credential | undefined {
  if (password === undefined && isPasswordless(pool.settings)) return undefined;
  if (password === undefined) throw invalidParameter(account.rules.texts.passwordMissing);
  checkPassword(password, pool.settings.passwordPolicy);
  return { kind: "permanent", password };
}

/** Refuses a sign-up without the attributes that the pool requires (documented, wording reported). */
function checkRequired({ settings }: Pool, username: string, attributes: readonly GivenAttribute[]): void {
  const given = attributes.filter(({ Value = "" }) => Value !== "").map(({ Name }) => Name);
  if (settings.signIn.kind === "attribute") given.push(username.includes("@") ? "email" : "phone_number");
  const missing = [...settings.schema.values()].filter(({ Name, Required }) => {
    return Required && Name !== "sub" && !given.includes(Name);
  });
  if (missing.length === 0) return;
  // The two whose inner name shows are reported for `name` alone; the address has the same form.
  const words = missing.map(({ Name }) => {
    const inner = Name === "name" || Name === "address" ? `${Name}.formatted` : Name;
    return inner === Name
      ? `${Name}: The attribute is required`
      : `${inner}: The attribute ${inner} is required`;
  });
  throw invalidParameter(`Attributes did not conform to the schema: ${words.join("\n")}\n`);
}

// Reported.
function takenMessage({ settings }: Pool, username: string): string {
  if (settings.signIn.kind === "username") return "User already exists";
  return `An account with the given ${username.includes("@") ? "email" : "phone_number"} already exists.`;
}
