import { adminCallerOf } from "../auth/caller.ts";
import { beginSignIn, type SignInRequest } from "../auth/flows.ts";
import type { Context } from "./context.ts";

interface Request extends SignInRequest {
  readonly UserPoolId: string;
  readonly ClientId: string;
}

/** Begins a sign-in, asked for by a server that the user trusts with the password. */
export function adminInitiateAuth({ account }: Context, request: Request): Promise<object> {
  return beginSignIn(adminCallerOf(account, request), request, "administrator");
}
