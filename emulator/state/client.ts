/** An app client of a pool: what the emulator acts on, and what it only gives back. */
export interface Client {
  readonly id: string;
  readonly name: string;
  /** Its secret; requests of a client that has one must prove that they know it. */
  readonly secret: string | undefined;
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** The ways in which its users may sign in. */
  readonly authFlows: readonly string[];
  /** Whether errors say that a user does not exist. `LEGACY` does, `ENABLED` hides it. */
  readonly preventUserExistenceErrors: "LEGACY" | "ENABLED";
  /** Attributes that its users may write themselves; nothing given means all that are mutable. */
  readonly writeAttributes: readonly string[] | undefined;
  /** Attributes that stand in its users' id tokens; nothing given means all. */
  readonly readAttributes: readonly string[] | undefined;
  /** How long a challenge can be answered. */
  readonly sessionMs: number;
  /** How long tokens last. */
  readonly accessTokenMs: number;
  readonly idTokenMs: number;
  readonly refreshTokenMs: number;
  /** Members of CreateUserPoolClient that DescribeUserPoolClient returns as they were given. */
  readonly echoed: Readonly<Record<string, unknown>>;
}
