import { comparableName } from "../core/distinguished-name.ts";
import type { DirectoryEntry } from "./directory-entry.ts";
import { SideTable } from "./side-table.ts";

/** The attributes of a group that name its members: by their distinguished names, or by their uids (RFC 2307). */
export const MEMBER_ATTRIBUTES = ["member", "uniqueMember", "memberUid"] as const;

const MEMBERS_BY_UID = "memberuid";
const NAMES_OF_MEMBERS: ReadonlySet<string> = new Set(MEMBER_ATTRIBUTES.map((name) => name.toLowerCase()));

/** Whether an attribute names members of a group, by its name in lower case without options. */
export function isMemberAttribute(name: string): boolean {
  return NAMES_OF_MEMBERS.has(name);
}

/** Memberships that are written at once. */
const BATCH = 1_000;

/**
 * Which users the groups of a directory name as their members, on disk. Users and groups come in any order, so all groups
 * are read before any user.
 */
export class Memberships implements Disposable {
  readonly #table = new SideTable();
  #waiting: (readonly [member: string, group: string])[] = [];
  #hasAny = false;

  /** Takes note of a member that a group names; `attribute` is in lower case and without options. */
  add(group: string, attribute: string, member: string): void {
    const key = attribute === MEMBERS_BY_UID ? keyOfUid(member) : keyOfName(member);
    this.#waiting.push([key, group]);
    this.#hasAny = true;
    if (this.#waiting.length === BATCH) this.#write();
  }

  /** Adds the groups that name this user to those that it names itself (memberOf), each once. */
  join(user: DirectoryEntry): void {
    if (!this.#hasAny) return;
    if (this.#waiting.length > 0) this.#write();
    const keys = [keyOfName(user.dn), ...user.of("uid").map(keyOfUid)];
    const known = new Set(user.of("memberOf").map(comparableName));
    for (const group of keys.flatMap((key) => this.#table.valuesOf(key))) {
      const comparable = comparableName(group);
      if (known.has(comparable)) continue;
      known.add(comparable);
      user.add("memberOf", group);
    }
  }

  #write(): void {
    this.#table.add(this.#waiting);
    this.#waiting = [];
  }

  [Symbol.dispose](): void {
    this.#table[Symbol.dispose]();
  }
}

function keyOfUid(uid: string): string {
  return `uid ${uid.trim().toLowerCase()}`;
}

function keyOfName(name: string): string {
  return `dn ${comparableName(name)}`;
}
