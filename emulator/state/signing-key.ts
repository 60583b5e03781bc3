/** The key that a pool signs its tokens with, as a JSON Web Key with its private part. */
export interface SigningKey {
  readonly id: string;
  readonly jwk: Readonly<Record<string, unknown>>;
}
