import type { Tokens } from "./tokens.ts";

/** What the operations that sign in return: tokens, or the next challenge. */
export type SignInAnswer = SignedIn | Asked;

interface SignedIn {
  readonly AuthenticationResult: Tokens;
  readonly ChallengeParameters: Readonly<Record<string, string>>;
}

interface Asked {
  readonly ChallengeName: string;
  readonly ChallengeParameters: Readonly<Record<string, string>>;
  readonly Session?: string;
  readonly AvailableChallenges?: readonly string[];
}

/** The answer that ends a sign-in (AWS sample: without parameters). */
export function signedIn(tokens: Tokens): SignInAnswer {
  return { AuthenticationResult: tokens, ChallengeParameters: {} };
}
