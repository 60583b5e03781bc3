import {
  extrasOf,
  flatAttribute,
  type AliasName,
  type Credential,
  type FlatAttributes,
  type LinkedIdentity,
  type User,
  type UserStatus,
} from "./user.ts";

/** What a new user consists of. */
export interface NewUser {
  readonly username: string;
  readonly sub: string;
  readonly status: UserStatus;
  readonly attributes: FlatAttributes;
  readonly aliases: readonly AliasName[];
  readonly credential?: Credential | undefined;
  readonly nowMs: number;
  /** Its place in the order of creation, for one that comes back to it; the next one unless given. */
  readonly sequence?: number;
}

/** How a directory compares names, and what it finds users by. */
export interface DirectorySettings {
  readonly caseSensitive: boolean;
  /** The attributes that can find a user in place of its username. */
  readonly aliases: readonly AliasName[];
}

// Most values belong to one user; a list is only made for the second one.
type Index = Map<string, User | User[]>;

/**
 * The users of one pool, found by username, sub, e-mail, phone number or alias without looking through them,
 * and listed in the order of creation.
 */
export class UserDirectory {
  readonly #fold: (text: string) => string;
  readonly #aliases: readonly AliasName[];
  readonly #byUsername = new Map<string, User>();
  readonly #indexed: ReadonlySet<string>;
  // Made when somebody first asks: of a million users each takes a hundred megabytes, and most are never used.
  #bySub: Map<string, User> | undefined;
  readonly #byAttribute = new Map<string, Index>();
  readonly #byIdentity = new Map<string, User>();
  // Holes stay where users were removed, so that a sequence number stays a place.
  readonly #bySequence: (User | undefined)[] = [];

  constructor(settings: DirectorySettings) {
    this.#fold = settings.caseSensitive ? (text) => text : (text) => text.toLowerCase();
    this.#aliases = settings.aliases;
    // ListUsers filters by e-mail and phone in every pool.
    this.#indexed = new Set(["email", "phone_number", ...settings.aliases]);
  }

  /** How many users there are. */
  get size(): number {
    return this.#byUsername.size;
  }

  /** One more than the greatest sequence number ever given. */
  get end(): number {
    return this.#bySequence.length;
  }

  /** Adds a user. The caller has made sure that the username and the aliases are free. */
  add({ nowMs, sequence = this.end, ...rest }: NewUser): User {
    while (this.#bySequence.length < sequence) this.#bySequence.push(undefined);
    const user: User = {
      sequence,
      username: rest.username,
      sub: rest.sub,
      enabled: true,
      status: rest.status,
      createdMs: nowMs,
      modifiedMs: nowMs,
      // A copy has no spare room, as a list that grew has.
      attributes: rest.attributes.slice(),
      aliases: rest.aliases,
      credential: rest.credential,
      activeMonth: 0,
      extras: undefined,
    };
    this.#bySequence[sequence] = user;
    this.#byUsername.set(this.#fold(user.username), user);
    this.#bySub?.set(user.sub, user);
    for (const [name, index] of this.#byAttribute) addToIndex(index, this.#keyOf(user, name), user);
    return user;
  }

  /** Removes a user, from its groups too; no other user moves. */
  remove(user: User): void {
    for (const group of user.extras?.groups ?? []) group.members.delete(user);
    for (const identity of user.extras?.identities ?? []) this.#byIdentity.delete(keyOfIdentity(identity));
    this.#bySequence[user.sequence] = undefined;
    this.#byUsername.delete(this.#fold(user.username));
    this.#bySub?.delete(user.sub);
    for (const [name, index] of this.#byAttribute) removeFromIndex(index, this.#keyOf(user, name), user);
  }

  /** Gives a user other attributes and aliases. The caller has made sure that the aliases are free. */
  change(user: User, attributes: FlatAttributes, aliases: readonly AliasName[]): void {
    for (const [name, index] of this.#byAttribute) removeFromIndex(index, this.#keyOf(user, name), user);
    user.attributes = attributes.slice();
    user.aliases = aliases;
    for (const [name, index] of this.#byAttribute) addToIndex(index, this.#keyOf(user, name), user);
  }

  /** Lets a user of an identity provider sign in as this user. The caller has made sure that it belongs to nobody. */
  link(user: User, identity: LinkedIdentity): void {
    extrasOf(user).identities.push(identity);
    this.#byIdentity.set(keyOfIdentity(identity), user);
  }

  /** The user that a user of an identity provider signs in as. */
  byIdentity(identity: IdentityName): User | undefined {
    return this.#byIdentity.get(keyOfIdentity(identity));
  }

  /** The user with this very username, as the pool compares names. */
  byUsername(username: string): User | undefined {
    return this.#byUsername.get(this.#fold(username));
  }

  /** The user with this sub. */
  bySub(sub: string): User | undefined {
    // In a pool with UsernameAttributes the sub is the username.
    const direct = this.#byUsername.get(this.#fold(sub));
    if (direct?.sub === sub) return direct;
    this.#bySub ??= new Map(this.#pairsBySub());
    return this.#bySub.get(sub);
  }

  /** The users with this value of an indexed attribute, or nothing if the attribute has no index. */
  byAttribute(name: string, value: string): readonly User[] | undefined {
    if (!this.#indexed.has(name)) return undefined;
    const found = this.#indexOf(name).get(this.#fold(value));
    if (found === undefined) return [];
    return isList(found) ? found : [found];
  }

  /** The user that this value is an alias of. */
  aliasOwner(name: AliasName, value: string): User | undefined {
    return this.byAttribute(name, value)?.find((user) => user.aliases.includes(name));
  }

  /** The user that an administrator means by this name: a username, a sub or an alias. */
  find(name: string): User | undefined {
    const direct = this.byUsername(name) ?? this.bySub(name);
    if (direct !== undefined) return direct;
    for (const attribute of this.#aliases) {
      const owner = this.aliasOwner(attribute, name);
      if (owner !== undefined) return owner;
    }
    return undefined;
  }

  /** The user at a place in the order of creation; nothing where one was removed. */
  at(sequence: number): User | undefined {
    return this.#bySequence[sequence];
  }

  /** Every user in the order of creation. */
  *[Symbol.iterator](): Generator<User> {
    for (const user of this.#bySequence) if (user !== undefined) yield user;
  }

  *#pairsBySub(): Generator<[string, User]> {
    for (const user of this) yield [user.sub, user];
  }

  #indexOf(name: string): Index {
    const known = this.#byAttribute.get(name);
    if (known !== undefined) return known;
    const index: Index = new Map();
    for (const user of this) addToIndex(index, this.#keyOf(user, name), user);
    this.#byAttribute.set(name, index);
    return index;
  }

  #keyOf(user: User, name: string): string | undefined {
    const value = flatAttribute(user.attributes, name);
    return value === undefined ? undefined : this.#fold(value);
  }
}

type IdentityName = Omit<LinkedIdentity, "linkedMs">;

function keyOfIdentity({ providerName, attributeName, attributeValue }: IdentityName): string {
  return JSON.stringify([providerName, attributeName, attributeValue]);
}

function isList(entry: User | User[]): entry is User[] {
  return Array.isArray(entry);
}

function addToIndex(index: Index, key: string | undefined, user: User): void {
  if (key === undefined) return;
  const found = index.get(key);
  if (found === undefined) index.set(key, user);
  else if (isList(found)) insertInOrder(found, user);
  else index.set(key, found.sequence < user.sequence ? [found, user] : [user, found]);
}

// Pages are read by sequence number, and a user whose attributes changed need not be the last one.
function insertInOrder(users: User[], user: User): void {
  let place = users.length;
  while (place > 0 && (users[place - 1]?.sequence ?? 0) > user.sequence) place -= 1;
  users.splice(place, 0, user);
}

function removeFromIndex(index: Index, key: string | undefined, user: User): void {
  if (key === undefined) return;
  const found = index.get(key);
  if (found === user) index.delete(key);
  else if (found !== undefined && isList(found)) {
    const rest = found.filter((other) => other !== user);
    if (rest.length === 0) index.delete(key);
    else index.set(key, rest);
  }
}
