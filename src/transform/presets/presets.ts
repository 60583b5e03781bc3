import { aspnet } from "./aspnet.ts";
import { auth0 } from "./auth0.ts";
import { authjs } from "./authjs.ts";
import { b2c } from "./b2c.ts";
import { clerk } from "./clerk.ts";
import { cognito, cognitoExport } from "./cognito.ts";
import { devise } from "./devise.ts";
import { django } from "./django.ts";
import { entra } from "./entra.ts";
import { firebase } from "./firebase.ts";
import { fusionauth } from "./fusionauth.ts";
import { googleWorkspace } from "./google-workspace.ts";
import { keycloak } from "./keycloak.ts";
import { kratos } from "./kratos.ts";
import { laravel } from "./laravel.ts";
import { ldap, ldif } from "./ldif.ts";
import { okta, oktaApi } from "./okta.ts";
import type { Preset } from "./preset.ts";
import { scim } from "./scim.ts";
import { stytch } from "./stytch.ts";
import { supabase } from "./supabase.ts";
import { wordpress } from "./wordpress.ts";

/** Every preset, by the source type that it comes with; a new one is one line here. */
const PRESETS: Readonly<Record<string, Preset>> = {
  // By the source type, or the application whose tables a database holds.
  auth0,
  firebase,
  keycloak,
  okta,
  "okta-api": oktaApi,
  "cognito-export": cognitoExport,
  cognito,
  scim,
  entra,
  b2c,
  "google-workspace": googleWorkspace,
  clerk,
  supabase,
  kratos,
  stytch,
  fusionauth,
  ldif,
  ldap,
  authjs,
  wordpress,
  django,
  devise,
  laravel,
  aspnet,
};

/** The names of the presets. */
export const PRESET_NAMES: readonly string[] = Object.keys(PRESETS);

/** The preset that comes with a source type, or undefined for a source whose fields can bear any name. */
export function presetFor(sourceType: string): Preset | undefined {
  return Object.hasOwn(PRESETS, sourceType) ? PRESETS[sourceType] : undefined;
}
