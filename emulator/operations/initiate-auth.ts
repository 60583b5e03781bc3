import { callerOf } from "../auth/caller.ts";
import { beginSignIn, type SignInRequest } from "../auth/flows.ts";
import type { Context } from "./context.ts";

interface Request extends SignInRequest {
  readonly ClientId: string;
}

/** Begins a sign-in, asked for by the user. */
export function initiateAuth({ account }: Context, request: Request): Promise<object> {
  return beginSignIn(callerOf(account, request), request, "user");
}
