import type { Token } from "stream-json/core/parser.js";
import { FerryError } from "../core/ferry-error.ts";
import type { JsonValue } from "../core/row.ts";
import { isJsonObject } from "./json-row.ts";
import { JsonList } from "./json-list.ts";
import type { UserFinder } from "./json.ts";

/** How a file of realms is read. */
export interface RealmReading {
  readonly path: string;
  /** Whether the document is an array of realms, not one realm. */
  readonly isArray: boolean;
  /** The realm that the operator chose. */
  readonly wanted: string | undefined;
  /** Whether a file without users of the wanted realm is passed over, as others have them. */
  readonly mayLackUsers: boolean;
}

/** The realm of Keycloak's own administrators (documented); every server has it. */
const MASTER = "master";

/** A realm of the file, as far as it was read. */
class Realm {
  name: string | undefined;
  /** How many users it has, and how many of them are no service accounts. */
  users = 0;
  persons = 0;
  readonly #lists: readonly JsonList[];

  constructor(path: string) {
    // A realm file has both; what its users' storage says stands in the second one.
    this.#lists = [new JsonList(path, "users"), new JsonList(path, "federatedUsers")];
  }

  get hasList(): boolean {
    return this.#lists.some(({ isFound }) => isFound);
  }

  get isInUser(): boolean {
    return this.#lists.some(({ isInElement }) => isInElement);
  }

  /** Takes the next token; returns a user when the token completes one. */
  take(token: Token): JsonValue | undefined {
    let user: JsonValue | undefined;
    for (const list of this.#lists) {
      const found = list.take(token);
      if (found !== undefined) user = found;
    }
    if (user === undefined) return undefined;
    this.users += 1;
    if (!isJsonObject(user) || !("serviceAccountClientId" in user)) this.persons += 1;
    return user;
  }
}

/**
 * Finds the users of one Keycloak realm: of the only realm of a document, of that which the operator chose, or of the only
 * one beside master in an array that has users. Of a realm, all but its users is passed over, wherever they stand.
 */
export class RealmUsers implements UserFinder {
  readonly #reading: RealmReading;
  /** How deep the keys of a realm stand. */
  readonly #keyDepth: number;
  readonly #realms: Realm[] = [];
  #depth = 0;
  #realm: Realm | undefined;
  #isNameNext = false;
  /** The realm whose users are given. */
  #given: Realm | undefined;

  constructor(reading: RealmReading) {
    this.#reading = reading;
    this.#keyDepth = reading.isArray ? 2 : 1;
  }

  get isComplete(): boolean {
    return this.#depth === 0;
  }

  get isInElement(): boolean {
    return this.#realm?.isInUser === true;
  }

  /** The realm whose users were given so far; undefined while there are none, and for one without a name. */
  get name(): string | undefined {
    return this.#given?.name;
  }

  /** What is to be said of the realms once all was read. */
  get summary(): readonly string[] {
    const given = this.#given;
    if (given === undefined) return ["without users"];
    const others = this.#realms.filter((realm) => realm !== given && realm.users > 0);
    return [
      ...(given.name === undefined ? [] : [`the realm ${given.name}`]),
      ...(others.length > 0 ? [`without the users of ${namesOf(others)}`] : []),
      ...(given.persons === 0
        ? ["with service accounts only, so that it was most likely exported without its users"]
        : []),
    ];
  }

  take(token: Token): JsonValue | undefined {
    if (token.name === "startObject" || token.name === "startArray") {
      this.#depth += 1;
      if (this.#depth === this.#keyDepth && token.name === "startObject") this.#begin();
    }
    const realm = this.#realm;
    const user = realm?.take(token);
    if (token.name === "endObject" || token.name === "endArray") {
      this.#depth -= 1;
      if (this.#depth < this.#keyDepth) this.#realm = undefined;
    }
    if (realm === undefined) return undefined;
    this.#readName(realm, token);
    return user === undefined || !this.#isGiven(realm) ? undefined : user;
  }

  #begin(): void {
    this.#realm = new Realm(this.#reading.path);
    this.#realms.push(this.#realm);
  }

  #readName(realm: Realm, token: Token): void {
    if (this.#depth !== this.#keyDepth) return;
    if (token.name === "keyValue") this.#isNameNext = token.value === "realm";
    else if (token.name === "stringValue" && this.#isNameNext) realm.name = token.value;
  }

  /** Whether the users of a realm are those to give; asked once there is one. */
  #isGiven(realm: Realm): boolean {
    const { path, wanted, isArray } = this.#reading;
    if (realm.name === undefined && (isArray || wanted !== undefined)) throw namelessRealm(path);
    if (wanted !== undefined && realm.name !== wanted) return false;
    if (wanted === undefined && isArray && realm.name === MASTER) return false;
    this.#given ??= realm;
    return this.#given === realm;
  }

  requireFound(): void {
    const { path, wanted, mayLackUsers } = this.#reading;
    const found = this.#realms.filter(({ name }) => wanted === undefined || name === wanted);
    const withUsers = found.filter(({ users }) => users > 0);
    const others = withUsers.filter(({ name }) => name !== MASTER);
    if (others.length > 1 || (this.#given === undefined && withUsers.length > 0)) {
      throw severalRealms(path, withUsers);
    }
    if (mayLackUsers) return;
    if (found.length === 0 && wanted !== undefined) throw otherRealms(path, wanted, this.#realms);
    if (!found.some(({ hasList }) => hasList)) throw noUsers(path, this.#realms);
  }
}

function severalRealms(path: string, realms: readonly Realm[]): FerryError {
  const names = realms.map(({ name = NAMELESS, users }) => `${name} (${users})`).join(", ");
  const message =
    realms.length > 1
      ? `${path} holds the users of several realms: ${names}`
      : `${path} holds no other users than those of ${names}, Keycloak's own realm`;
  return new FerryError("SOURCE_FORMAT", message, {
    hint: "Say whose users are to be read with source.realm in the config",
  });
}

const NAMELESS = "one without a name";

function namesOf(realms: readonly Realm[]): string {
  return realms.map(({ name = NAMELESS }) => name).join(", ");
}

function otherRealms(path: string, wanted: string, realms: readonly Realm[]): FerryError {
  const held = realms.length === 0 ? "no realm" : namesOf(realms);
  return new FerryError("SOURCE_FORMAT", `${path} does not hold the realm ${wanted}, but ${held}`, {
    hint: "Check source.realm in the config; case matters",
  });
}

function namelessRealm(path: string): FerryError {
  return new FerryError("SOURCE_FORMAT", `${path} does not say before its users of which realm they are`, {
    hint: "Leave source.realm out of the config if these are the users you mean; of several realms, name a file with one",
  });
}

function noUsers(path: string, realms: readonly Realm[]): FerryError {
  return new FerryError("SOURCE_FORMAT", `${path} holds the realm ${namesOf(realms)} without its users`, {
    hint: "They are in the files REALM-users-0.json and so on beside it; or export them as well: kc.sh export --file realm.json --realm REALM --users realm_file. What the admin console exports has no users",
  });
}
