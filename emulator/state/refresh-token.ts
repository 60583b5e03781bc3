/** What a refresh token stands for. */
export interface RefreshToken {
  readonly poolId: string;
  readonly clientId: string;
  /** The user, by sub: a user who is deleted and made again is another one. */
  readonly sub: string;
  /** When the user signed in. */
  readonly signedInMs: number;
  readonly expiresMs: number;
  /** The `origin_jti` of every token that comes of this sign-in. */
  readonly originId: string;
}
