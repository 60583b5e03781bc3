import { readChangeable, type ChangeableRequest } from "../state/changeable-settings.ts";
import { Pool, type SignIn, type VerifiableName } from "../state/pool.ts";
import { randomId } from "../state/random-id.ts";
import { buildSchema, type RequestedAttribute } from "../state/schema.ts";
import type { AliasName } from "../state/user.ts";
import { viewPool } from "../view/pool.ts";
import { invalidParameter } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request extends ChangeableRequest {
  readonly PoolName: string;
  readonly Schema?: readonly RequestedAttribute[];
  readonly AliasAttributes?: readonly AliasName[];
  readonly UsernameAttributes?: readonly VerifiableName[];
  readonly UsernameConfiguration?: { readonly CaseSensitive: boolean };
}

/** Creates a user pool with AWS's defaults (samples and documentation) for what the request leaves out. */
export function createUserPool({ account }: Context, request: Request): object {
  const { PoolName: name, AliasAttributes, UsernameAttributes, UsernameConfiguration } = request;
  const id = `${account.region}_${randomId(9)}`;
  const nowMs = account.clock();
  const pool = new Pool({
    ...readChangeable(request),
    id,
    arn: `arn:aws:cognito-idp:${account.region}:${account.id}:userpool/${id}`,
    name,
    createdMs: nowMs,
    modifiedMs: nowMs,
    schema: buildSchema(request.Schema ?? []),
    signIn: readSignIn(request),
    caseSensitive: UsernameConfiguration?.CaseSensitive ?? true,
    mfaConfigurations: {},
    echoedForever: {
      ...(AliasAttributes === undefined ? {} : { AliasAttributes }),
      ...(UsernameAttributes === undefined ? {} : { UsernameAttributes }),
      ...(UsernameConfiguration === undefined ? {} : { UsernameConfiguration }),
    },
  });
  account.addPool(pool);
  return { UserPool: viewPool(pool) };
}

function readSignIn({ AliasAttributes: aliases = [], UsernameAttributes: attributes = [] }: Request): SignIn {
  if (aliases.length > 0 && attributes.length > 0) {
    // Wording reported.
    throw invalidParameter(
      "Only one of the aliasAttributes or usernameAttributes can be set in a user pool.",
    );
  }
  return attributes.length > 0 ? { kind: "attribute", attributes } : { kind: "username", aliases };
}
