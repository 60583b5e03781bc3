/** A sign-in that waits for its user's answer. Plain data: whose it is, what was asked, and until when. */
export interface ChallengeSession {
  readonly poolId: string;
  readonly clientId: string;
  /** The name that the user gave. */
  readonly name: string;
  /** The user's sub; nothing for one that does not exist while the client hides that. */
  readonly sub: string | undefined;
  readonly challenge: Challenge;
  readonly expiresMs: number;
  /** A session that was answered well is kept until it expires, so that its second use can be named. */
  readonly isUsed: boolean;
}

/** What a user was asked, with what the answer is held against. */
export type Challenge =
  | {
      readonly kind: "NEW_PASSWORD_REQUIRED" | "SELECT_CHALLENGE" | "PASSWORD" | "PASSWORD_SRP" | "MFA_SETUP";
    }
  | { readonly kind: "SELECT_MFA_TYPE"; readonly factors: readonly CodeFactor[] }
  | { readonly kind: "SMS_MFA" | "SMS_OTP" | "EMAIL_OTP"; readonly code: string }
  | ({ readonly kind: "PASSWORD_VERIFIER" } & SrpExchange);

/** A second factor that is a code which is sent. */
export type CodeFactor = "SMS_MFA" | "EMAIL_OTP";

/** One run of SRP as the server knows it, in hexadecimal digits. */
export interface SrpExchange {
  /** The name that went into the password's verifier. */
  readonly userId: string;
  readonly salt: string;
  readonly verifier: string;
  /** The client's public value A. */
  readonly clientPublic: string;
  /** The server's secret value b. */
  readonly serverSecret: string;
  /** Given out with the challenge and signed by the client, in base64. */
  readonly secretBlock: string;
}
