import { didYouMean } from "../core/did-you-mean.ts";
import { FerryError } from "../core/ferry-error.ts";
import { aspnet } from "./aspnet.ts";
import { auth0 } from "./auth0.ts";
import { authjs } from "./authjs.ts";
import { b2c } from "./b2c.ts";
import { clerk } from "./clerk.ts";
import { cognitoExport } from "./cognito-export.ts";
import { cognito } from "./cognito.ts";
import { csv } from "./csv.ts";
import { devise } from "./devise.ts";
import { django } from "./django.ts";
import { entra } from "./entra.ts";
import { firebase } from "./firebase.ts";
import { fusionauth } from "./fusionauth.ts";
import { googleWorkspace } from "./google-workspace.ts";
import { json } from "./json.ts";
import { keycloak } from "./keycloak.ts";
import { kratos } from "./kratos.ts";
import { laravel } from "./laravel.ts";
import { ldap } from "./ldap.ts";
import { ldif } from "./ldif.ts";
import { module } from "./module.ts";
import { mysql } from "./mysql.ts";
import { ndjson } from "./ndjson.ts";
import { oktaApi } from "./okta-api.ts";
import { okta } from "./okta.ts";
import { postgres } from "./postgres.ts";
import { scim } from "./scim.ts";
import type { SourceType } from "./source.ts";
import { sqlite } from "./sqlite.ts";
import { stytch } from "./stytch.ts";
import { supabase } from "./supabase.ts";
import { wordpress } from "./wordpress.ts";

/** Every source there is; a new one is one line here. */
export const SOURCE_TYPES: readonly SourceType[] = [
  // Files of any system.
  csv,
  ndjson,
  json,
  // Files of a system that keeps users.
  auth0,
  firebase,
  keycloak,
  okta,
  cognitoExport,
  scim,
  entra,
  b2c,
  googleWorkspace,
  clerk,
  supabase,
  kratos,
  stytch,
  fusionauth,
  ldif,
  // Files of an application's own users.
  authjs,
  wordpress,
  django,
  devise,
  laravel,
  aspnet,
  // Databases, directories and services, and the operator's own code.
  postgres,
  mysql,
  sqlite,
  ldap,
  cognito,
  oktaApi,
  module,
];

/** The word that stands for whatever type the file turns out to be of. */
export const AUTO = "auto";

/** Whether a source can be of this type, {@link AUTO} among them. */
export function isSourceType(type: string): boolean {
  return type === AUTO || SOURCE_TYPES.some((source) => source.type === type);
}

/** The source of that type; throws USAGE with the list of types when there is none. */
export function sourceTypeNamed(type: string): SourceType {
  const found = SOURCE_TYPES.find((source) => source.type === type);
  if (found !== undefined) return found;
  const types = [...SOURCE_TYPES.map((source) => source.type), AUTO];
  throw new FerryError("USAGE", `There is no source type ${type}${didYouMean(type, types)}`, {
    hint: `Use one of: ${types.join(", ")}`,
  });
}
