import { readFile } from "node:fs/promises";
import type * as Ldapts from "ldapts";
import { isWithin } from "../core/distinguished-name.ts";
import { FerryError } from "../core/ferry-error.ts";
import type { Row, RowBatch } from "../core/row.ts";
import { AttributeNames, DirectoryEntry, isLeftOut, textOfValue } from "./directory-entry.ts";
import { LdapConnection, type Driver, type LdapAddress } from "./ldap-connection.ts";
import { isNoSuchEntry } from "./ldap-error.ts";
import { loadDriver } from "../drivers/load-driver.ts";
import { isMemberAttribute, MEMBER_ATTRIBUTES, Memberships } from "./memberships.ts";
import { BATCH_BYTES, BATCH_ROWS, type Source, type SourceOptions, type SourceType } from "./source.ts";

/**
 * A directory that is read where it is: OpenLDAP and others, Active Directory. Users are the same documents as those of
 * {@link ldif}, and come in the server's order, in pages (RFC 2696). Groups come from `memberOf`; servers other than Active
 * Directory are also asked for the groups that name members. References to other servers are passed over.
 *
 * With `cursorColumn` a later reading asks only for what changed since (`uSNChanged`, `modifyTimestamp`); without it rows
 * are counted. Throws USAGE, DRIVER_MISSING, and what {@link LdapConnection} throws.
 */
export const ldap: SourceType = {
  type: "ldap",
  place: "environment",
  options: [
    "connectionUrl",
    "baseDn",
    "filter",
    "bindDn",
    "bindPassword",
    "startTls",
    "caFile",
    "cursorColumn",
  ],
  async open(_place, options, { signal, after } = {}) {
    const address = await addressOf(options);
    const credentials = credentialsOf(options);
    const driver = await loadDriver(() => import("ldapts"), {
      what: "A directory is read",
      packages: ["ldapts"],
    });
    const search = searchOf(driver, options, after);
    const connection = await LdapConnection.open(driver, address, signal);
    try {
      if (credentials !== undefined) await connection.bind(credentials.dn, credentials.password);
      const server = await readServer(driver, connection);
      const base = options.baseDn ?? server.base;
      if (base === undefined) throw withoutBase(server.contexts);
      return new Directory({ driver, connection, address, server }, { base, ...search });
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw error;
    }
  },
};

const DEFAULT_PORTS = { "ldap:": 389, "ldaps:": 636 } as const;

async function addressOf({ connectionUrl, startTls, caFile }: SourceOptions): Promise<LdapAddress> {
  const url = connectionUrl !== undefined && URL.canParse(connectionUrl) ? new URL(connectionUrl) : undefined;
  const { protocol = "", hostname = "", port = "" } = url ?? {};
  // The address is not shown: it should hold no secret, and may.
  if (url === undefined || (protocol !== "ldap:" && protocol !== "ldaps:") || hostname === "") {
    throw new FerryError(
      "USAGE",
      "The address of the directory is not of the form ldap://HOST or ldaps://HOST",
      {
        hint: "Put it into the environment variable that source.urlEnv names, for instance ldaps://dc1.example.com",
      },
    );
  }
  if (url.username + url.password + url.search + url.hash !== "" || !["", "/"].includes(url.pathname)) {
    throw new FerryError("USAGE", "The address of the directory says more than its host and port", {
      hint: "Say the rest in the config: source.baseDn, filter, bindDn and bindPasswordEnv",
    });
  }
  if (protocol === "ldaps:" && startTls === true) {
    throw new FerryError(
      "USAGE",
      "source.startTls does not go with an address of ldaps://, which is encrypted",
      {
        hint: "Leave it out, or use ldap:// in the address",
      },
    );
  }
  return {
    host: decodeURIComponent(hostname).replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? DEFAULT_PORTS[protocol] : Number(port),
    encryption: protocol === "ldaps:" ? "ldaps" : startTls === true ? "starttls" : "none",
    authorities: caFile === undefined ? undefined : await readAuthorities(caFile),
  };
}

async function readAuthorities(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new FerryError("USAGE", `source.caFile ${path} cannot be read (${cause.code ?? cause.message})`, {
      hint: "It holds the certificate of the authority that vouches for the directory, as PEM",
      cause,
    });
  });
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  throw new FerryError("USAGE", `source.caFile ${path} holds no certificate`, {
    hint: "Write it as PEM: openssl x509 -inform DER -in ca.cer -out ca.pem",
  });
}

function credentialsOf({
  bindDn,
  bindPassword,
}: SourceOptions): { readonly dn: string; readonly password: string } | undefined {
  if (bindDn === undefined && bindPassword === undefined) return undefined;
  // With a name and no password a server lets anybody in, as nobody (RFC 4513, 5.1.2).
  if (bindDn === undefined || bindPassword === undefined || bindPassword === "") {
    throw new FerryError("USAGE", "source.bindDn and its password go together, and one of them is missing", {
      hint: "Name the environment variable with the password in source.bindPasswordEnv; leave out both to read anonymously",
    });
  }
  return { dn: bindDn, password: bindPassword };
}

/** People, and accounts of Unix; machines are told from them afterwards, as not every server knows their class. */
const USERS = "(|(objectClass=person)(objectClass=account)(objectClass=posixAccount))";

/** What is asked for, and how far it is told. */
interface UserSearch {
  readonly filter: Ldapts.Filter;
  readonly cursorColumn: string | undefined;
  readonly after: string | undefined;
}

function searchOf(
  driver: Driver,
  { filter, cursorColumn }: SourceOptions,
  after: string | undefined,
): UserSearch {
  const users = parseFilter(driver, filter ?? USERS);
  if (cursorColumn === undefined) return { filter: users, cursorColumn, after: undefined };
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(cursorColumn)) {
    throw new FerryError("USAGE", "source.cursorColumn is not the name of an attribute", {
      hint: "Use uSNChanged with Active Directory, modifyTimestamp with others",
    });
  }
  if (after === undefined) return { filter: users, cursorColumn, after };
  const { AndFilter, GreaterThanEqualsFilter } = driver;
  const changed = new GreaterThanEqualsFilter({ attribute: cursorColumn, value: firstBehind(after) });
  return { filter: new AndFilter({ filters: [users, changed] }), cursorColumn, after };
}

function parseFilter(driver: Driver, text: string): Ldapts.Filter {
  try {
    return driver.FilterParser.parseString(text);
  } catch (cause) {
    throw new FerryError("USAGE", "source.filter is no filter of LDAP", {
      hint: "For instance (&(objectClass=person)(mail=*)); parentheses and backslashes of values are written \\28, \\29 and \\5c",
      cause,
    });
  }
}

const NUMBER = /^\d{1,19}$/;
/** A number of changes, a time, or OpenLDAP's entryCSN. */
const PLACE = /^\d[\w.+#-]{0,99}$/;

/**
 * The least value behind a place. Of a number of changes it is the next; of a time the same one, as more can have changed
 * within it: LDAP knows no greater than.
 */
function firstBehind(after: string): string {
  if (!PLACE.test(after)) {
    throw new FerryError(
      "USAGE",
      "source.after is no place in a directory that is read by source.cursorColumn",
      {
        hint: "Write it as the plan before said it (source.cursor in its report.json), in quotes; leave it out to read everything",
      },
    );
  }
  return NUMBER.test(after) ? String(BigInt(after) + 1n) : after;
}

/** What a server says of itself. */
interface Server {
  readonly isActiveDirectory: boolean;
  readonly contexts: readonly string[];
  /** Where its users are, if that is one place. */
  readonly base: string | undefined;
  /** The number of its last change, of Active Directory. */
  readonly lastChange: string | undefined;
}

/** supportedCapabilities of Active Directory, and of its form without a domain (MS-ADTS, 3.1.1.3.4.3). */
const ACTIVE_DIRECTORY = new Set(["1.2.840.113556.1.4.800", "1.2.840.113556.1.4.1851"]);
const ABOUT_SERVER = [
  "namingContexts",
  "defaultNamingContext",
  "supportedCapabilities",
  "highestCommittedUSN",
];

async function readServer(driver: Driver, connection: LdapConnection): Promise<Server> {
  const about = new Map<string, readonly string[]>();
  const search = {
    base: "",
    scope: "base",
    filter: parseFilter(driver, "(objectClass=*)"),
    attributes: ABOUT_SERVER,
  } as const;
  for await (const entries of connection.search(search)) {
    for (const { type, parsedBuffers } of entries.flatMap(({ attributes }) => attributes)) {
      about.set(type.toLowerCase(), parsedBuffers.map(String));
    }
  }
  const of = (name: string): readonly string[] => about.get(name.toLowerCase()) ?? [];
  const contexts = of("namingContexts");
  const [only, ...others] = contexts;
  const [lastChange] = of("highestCommittedUSN");
  return {
    isActiveDirectory: of("supportedCapabilities").some((each) => ACTIVE_DIRECTORY.has(each)),
    contexts,
    base: of("defaultNamingContext")[0] ?? (others.length === 0 ? only : undefined),
    lastChange,
  };
}

function withoutBase(contexts: readonly string[]): FerryError {
  const known = contexts.length === 0 ? "" : `; the directory holds ${contexts.join(" and ")}`;
  return new FerryError("USAGE", `source.baseDn is missing${known}`, {
    hint: "Name the entry below which the users are: ou=people,dc=example,dc=com",
  });
}

/** What a directory is read with. */
interface Reading {
  readonly driver: Driver;
  readonly connection: LdapConnection;
  readonly address: LdapAddress;
  readonly server: Server;
}

class Directory implements Source {
  readonly shape = { kind: "documents" } as const;
  readonly heedsAfter: boolean;
  readonly #reading: Reading;
  readonly #search: UserSearch & { readonly base: string };
  #groups = 0;
  #others = 0;
  #highest: string | undefined;
  #isRead = false;

  constructor(reading: Reading, search: UserSearch & { readonly base: string }) {
    this.#reading = reading;
    this.#search = search;
    this.heedsAfter = search.cursorColumn !== undefined;
  }

  get description(): string {
    const { host, port, encryption } = this.#reading.address;
    const shown = encryption === "none" ? "without encryption" : encryption === "ldaps" ? "TLS" : "StartTLS";
    const kind = this.#reading.server.isActiveDirectory ? "Active Directory" : "LDAP";
    const parts = [
      `${kind} at ${host}:${port}, ${shown}`,
      `below ${this.#search.base}`,
      this.#groups === 0 ? "" : `groups: ${this.#groups}`,
      this.#others === 0 ? "" : `other entries: ${this.#others}`,
    ];
    return parts.filter((part) => part !== "").join(", ");
  }

  /** Entries come in no order, so there is a place to go on from only behind all of them. */
  get cursor(): string | undefined {
    const { cursorColumn, after } = this.#search;
    if (cursorColumn === undefined) return undefined;
    const { lastChange } = this.#reading.server;
    const isNumbered = cursorColumn.toLowerCase() === "usnchanged";
    const before = after ?? (isNumbered ? "0" : "19700101000000Z");
    if (!this.#isRead) return before;
    // What changed after the server said its last number comes again: it may have been read before it changed.
    if (isNumbered && lastChange !== undefined && NUMBER.test(lastChange)) return lastChange;
    return this.#highest ?? before;
  }

  async *batches(): AsyncGenerator<RowBatch> {
    const { connection, server } = this.#reading;
    try {
      using memberships = new Memberships();
      if (!server.isActiveDirectory) await this.#readGroups(memberships);
      yield* this.#readUsers(memberships);
      this.#isRead = true;
    } finally {
      await connection[Symbol.asyncDispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reading.connection[Symbol.asyncDispose]();
  }

  async *#readUsers(memberships: Memberships): AsyncGenerator<RowBatch> {
    const { base, filter } = this.#search;
    const names = new AttributeNames();
    let rows: Row[] = [];
    let seq = 0;
    let batchBytes = 0;
    const found = this.#reading.connection.search({ base, scope: "sub", filter, attributes: ["*", "+"] });
    for await (const entries of found) {
      for (const message of entries) {
        const { entry, bytes } = entryOf(message, names);
        this.#noteChange(entry);
        if (entry.kind !== "user") {
          this.#others += 1;
          continue;
        }
        memberships.join(entry);
        seq += 1;
        batchBytes += bytes;
        rows.push({ seq, line: undefined, record: entry.toRecord() });
        if (rows.length < BATCH_ROWS && batchBytes < BATCH_BYTES) continue;
        yield rows;
        rows = [];
        batchBytes = 0;
      }
    }
    if (rows.length > 0) yield rows;
  }

  /** Takes note of when an entry changed. Throws USAGE for one that does not say so: it would never come again. */
  #noteChange(entry: DirectoryEntry): void {
    const { cursorColumn } = this.#search;
    if (cursorColumn === undefined) return;
    const wanted = cursorColumn.toLowerCase();
    const [, [value] = []] = [...entry.values].find(([key]) => key.toLowerCase() === wanted) ?? [];
    if (value === undefined) {
      throw new FerryError("USAGE", `An entry has no ${cursorColumn}, by which changes are to be found`, {
        hint: "Use uSNChanged with Active Directory, modifyTimestamp with others; the account must be allowed to read it",
      });
    }
    if (this.#highest === undefined || isBehind(value, this.#highest)) this.#highest = value;
  }

  /** Reads the groups of the whole part of the directory in which the users are, as groups stand beside them. */
  async #readGroups(memberships: Memberships): Promise<void> {
    const { base } = this.#search;
    const context = this.#reading.server.contexts.find((each) => isWithin(base, each)) ?? base;
    try {
      await this.#readGroupsBelow(context, memberships);
    } catch (error) {
      if (context === base || !isNoSuchEntry(error)) throw error;
      await this.#readGroupsBelow(base, memberships);
    }
  }

  async #readGroupsBelow(base: string, memberships: Memberships): Promise<void> {
    const { driver, connection } = this.#reading;
    const filter = parseFilter(driver, `(|${MEMBER_ATTRIBUTES.map((name) => `(${name}=*)`).join("")})`);
    const open: OpenGroup[] = [];
    const search = { base, scope: "sub", filter, attributes: MEMBER_ATTRIBUTES } as const;
    for await (const entries of connection.search(search)) {
      for (const entry of entries) {
        this.#groups += 1;
        open.push(...takeMembers(entry, memberships));
      }
    }
    for (let group = open.pop(); group !== undefined; group = open.pop()) {
      const { dn, attribute, next } = group;
      const attributes = [`${attribute};range=${next}-*`];
      const rest = {
        base: dn,
        scope: "base",
        filter: parseFilter(driver, "(objectClass=*)"),
        attributes,
      } as const;
      for await (const entries of connection.search(rest)) {
        for (const entry of entries) open.push(...takeMembers(entry, memberships));
      }
    }
  }
}

/** Whether a number or time comes behind another one. */
function isBehind(value: string, other: string): boolean {
  return NUMBER.test(value) && NUMBER.test(other) ? BigInt(value) > BigInt(other) : value > other;
}

function entryOf(
  { name, attributes }: Ldapts.SearchEntry,
  names: AttributeNames,
): { readonly entry: DirectoryEntry; readonly bytes: number } {
  const entry = new DirectoryEntry(name);
  let bytes = 0;
  for (const { type, parsedBuffers } of attributes) {
    const key = names.keyOf(type);
    if (key === undefined || isLeftOut(key)) continue;
    for (const value of parsedBuffers) {
      bytes += value.length;
      entry.add(key, textOfValue(key, value));
    }
  }
  return { entry, bytes };
}

/** A group of which the server gave only the first members. */
interface OpenGroup {
  readonly dn: string;
  readonly attribute: string;
  /** The number of the first member that is still to come. */
  readonly next: number;
}

const RANGE = /;range=\d+-(\d+)$/i;

/** Takes the members that an entry names; gives the attributes of which there are more. */
function takeMembers(
  { name: dn, attributes }: Ldapts.SearchEntry,
  memberships: Memberships,
): readonly OpenGroup[] {
  const open: OpenGroup[] = [];
  for (const { type, parsedBuffers } of attributes) {
    const [attribute = ""] = type.toLowerCase().split(";");
    if (!isMemberAttribute(attribute)) continue;
    for (const member of parsedBuffers) memberships.add(dn, attribute, member.toString("utf8"));
    const last = RANGE.exec(type)?.[1];
    if (last !== undefined) open.push({ dn, attribute, next: Number(last) + 1 });
  }
  return open;
}
