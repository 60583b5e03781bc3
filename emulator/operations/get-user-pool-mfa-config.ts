import { viewMfaConfig } from "../view/mfa-config.ts";
import type { Context } from "./context.ts";

/** Shows a pool's second factors. */
export function getUserPoolMfaConfig({ account }: Context, request: { readonly UserPoolId: string }): object {
  return viewMfaConfig(account.pool(request.UserPoolId));
}
