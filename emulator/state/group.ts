import type { PlacedSet } from "./placed-set.ts";
import type { User } from "./user.ts";

/** A group of a pool's users. */
export interface Group {
  readonly name: string;
  description: string | undefined;
  roleArn: string | undefined;
  precedence: number | undefined;
  readonly createdMs: number;
  modifiedMs: number;
  readonly members: PlacedSet<User>;
}
