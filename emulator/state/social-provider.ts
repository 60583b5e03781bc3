const SOCIAL: ReadonlySet<string> = new Set(["Facebook", "Google", "LoginWithAmazon", "SignInWithApple"]);

/** Whether an identity provider is one that Cognito knows by name (API model). */
export function isSocial(providerName: string): boolean {
  return SOCIAL.has(providerName);
}
