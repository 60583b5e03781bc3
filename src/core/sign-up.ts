/**
 * What a run may do beside SignUp, which needs no credentials. `client`: nothing at all, since the pool's settings came
 * from a file and only an app client is at hand. `pool`: the pool is read, and users are looked up and changed with AWS
 * credentials.
 */
type SignUpAccess = "client" | "pool";

/** Where the secret of an app client is to be read when it is needed. Never the secret itself. */
export type ClientSecretPlace =
  | { readonly kind: "env"; readonly name: string }
  /** An absolute path. */
  | { readonly kind: "file"; readonly path: string };

/** How the users of a run sign up. Holds no secret. */
export interface SignUpFacts {
  /** The app client that users sign up with. */
  readonly clientId: string;
  /** Undefined for a client without a secret. */
  readonly secretAt: ClientSecretPlace | undefined;
  readonly access: SignUpAccess;
  /** Whether users are confirmed once they have signed up. */
  readonly confirm: boolean;
  /** The least length that the pool asks of passwords. */
  readonly passwordLength: number;
}
