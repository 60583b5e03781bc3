/** The states a user can be in (API model). */
export type UserStatus =
  | "UNCONFIRMED"
  | "CONFIRMED"
  | "ARCHIVED"
  | "COMPROMISED"
  | "UNKNOWN"
  | "RESET_REQUIRED"
  | "FORCE_CHANGE_PASSWORD"
  | "EXTERNAL_PROVIDER";

/** Names and values in turn: one array a user costs a fraction of one object an attribute. */
export type FlatAttributes = readonly string[];

/** A user, kept small: a pool may hold a million of them. Only its pool's directory changes it. */
export interface User {
  /** The user's place in the order of creation; never given twice in a pool. */
  readonly sequence: number;
  readonly username: string;
  readonly sub: string;
  enabled: boolean;
  status: UserStatus;
  readonly createdMs: number;
  modifiedMs: number;
  /** Without sub. */
  attributes: FlatAttributes;
  /** Which of the user's attributes find it as an alias. */
  aliases: readonly AliasName[];
}

/** The attributes that can be an alias or stand in for the username. */
export type AliasName = "email" | "phone_number" | "preferred_username";

/** The value of one of the user's attributes, `sub` among them. */
export function attributeOf(user: User, name: string): string | undefined {
  return name === "sub" ? user.sub : flatAttribute(user.attributes, name);
}

/** The value of one attribute in a flat list. */
export function flatAttribute(attributes: FlatAttributes, name: string): string | undefined {
  for (let index = 0; index < attributes.length; index += 2) {
    if (attributes[index] === name) return attributes[index + 1];
  }
  return undefined;
}
