import { comparableName, ownNameOf } from "../core/distinguished-name.ts";
import { FerryError } from "../core/ferry-error.ts";
import { toNfc } from "../core/nfc.ts";
import type { Issue } from "../core/issue.ts";
import { comparedName, type Pool } from "../core/pool.ts";
import type { SourceRecord } from "../core/row.ts";
import { elementsOf, Unusable, type Reader } from "./reading.ts";
import { textOf } from "./text-of.ts";

/** Cognito's documented pattern and length of a group's name: as a username, so without spaces. */
const GROUP_NAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u;
const MAX_NAME_LENGTH = 128;
const MAX_NAME_SHOWN = 60;

/** Documented quotas: groups a user may be in, and groups a pool may have. */
const MAX_GROUPS_OF_USER = 100;
const MAX_GROUPS_OF_POOL = 10_000;

/** Reads the names of a user's groups, each once, and adds what is wrong with them to the issues. */
export type ReadGroups = (record: SourceRecord, issues: Issue[]) => readonly string[];

/** What is done to the source's names of groups. */
export interface GroupNaming {
  /** Whether they are distinguished names, of which only the group's own part is taken. */
  readonly rdn?: boolean | undefined;
  /** What takes the place of each run of spaces and slashes. */
  readonly clean?: string | undefined;
}

/**
 * Makes the reader of groups. Throws GROUPS_UNUSABLE when two of the source's names would become one group, and when there
 * are more groups than a pool can have. That a pool which ignores the case of usernames ignores that of groups too is
 * reported, of one such pool.
 */
export function createGroupReader(read: Reader, naming: GroupNaming, pool: Pool): ReadGroups {
  const originals = new Map<string, Original>();
  return (record, issues) => {
    const reading = read(record);
    if (reading instanceof Unusable) {
      issues.push(unusable(reading));
      return [];
    }
    const names = new Set<string>();
    for (const element of elementsOf(reading)) {
      const text = textOf(element ?? "");
      if (text instanceof Unusable) {
        issues.push(text.code === "number-inexact" ? unusable(text) : invalidGroup("a list or an object"));
        continue;
      }
      const original = toNfc(text);
      if (original === "") continue;
      const name = nameOf(original, naming);
      // Whether code points or UTF-16 units count is not documented, so both are held.
      if (name.length > MAX_NAME_LENGTH || !GROUP_NAME.test(name)) {
        issues.push(invalidGroup(JSON.stringify(cut(name))));
        continue;
      }
      requireOne(originals, {
        key: comparedName(name, pool),
        name,
        original: naming.rdn === true ? comparableName(original) : original,
        shown: original,
      });
      names.add(name);
    }
    if (names.size > MAX_GROUPS_OF_USER) issues.push(tooMany(names.size));
    return [...names];
  };
}

/** A name of the source's: what it is compared by, and how it was first written. */
interface Original {
  readonly original: string;
  readonly shown: string;
}

function nameOf(original: string, { rdn, clean }: GroupNaming): string {
  const name = rdn === true ? toNfc(ownNameOf(original) ?? original) : original;
  return clean === undefined ? name : cleaned(name, clean);
}

function cleaned(name: string, clean: string): string {
  return name
    .split(/[\s/]+/u)
    .filter((part) => part !== "")
    .join(clean);
}

function requireOne(
  originals: Map<string, Original>,
  { key, name, original, shown }: Original & { readonly key: string; readonly name: string },
): void {
  const known = originals.get(key);
  if (known?.original === original) return;
  if (known !== undefined) {
    throw new FerryError(
      "GROUPS_UNUSABLE",
      `The source's groups ${known.shown} and ${shown} would both become the group ${name}`,
      { hint: "Give each its own name with a lookup in mapping.groups.from" },
    );
  }
  originals.set(key, { original, shown });
  if (originals.size > MAX_GROUPS_OF_POOL) {
    throw new FerryError(
      "GROUPS_UNUSABLE",
      `The source has more than ${MAX_GROUPS_OF_POOL} groups, which is all that a pool can have`,
      { hint: "Check that mapping.groups reads groups, and bring them down with a lookup" },
    );
  }
}

function unusable({ code, message }: Unusable): Issue {
  return { code, attribute: "groups", message: `groups: ${message}` };
}

function invalidGroup(name: string): Issue {
  return {
    code: "group-invalid",
    attribute: "groups",
    message: `the name of a group is not 1 to 128 characters without spaces: ${name}`,
  };
}

/** As much of a name as tells which it is. */
function cut(name: string): string {
  return name.length > MAX_NAME_SHOWN ? `${name.slice(0, MAX_NAME_SHOWN)}…` : name;
}

function tooMany(count: number): Issue {
  return {
    code: "groups-too-many",
    attribute: "groups",
    message: `the user is in ${count} groups, Cognito takes ${MAX_GROUPS_OF_USER}`,
  };
}
