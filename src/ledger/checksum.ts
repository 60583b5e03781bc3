import { crc32 } from "node:zlib";
import type { Attributes } from "../core/planned-user.ts";

/** Length of the checksum before a sealed text. */
const HEX_DIGITS = 8;

/**
 * What a row of the ledger holds is not what was written into it. SQLite sees damage to its own structures only; within
 * them any bytes are as good as others, and users must not be made of those.
 */
export class BrokenRow extends Error {
  override readonly name = "BrokenRow";
}

/** The checksum of values that belong together and never change. */
export function checksumOf(values: readonly (string | number | null)[]): number {
  return crc32(JSON.stringify(values));
}

/** Throws {@link BrokenRow} when values are not those that a checksum was made of. */
export function requireWhole(
  what: string,
  values: readonly (string | number | null)[],
  checksum: number,
): void {
  if (checksumOf(values) !== checksum) throw new BrokenRow(`${what} is not as it was written`);
}

/** A text of a user with its checksum before it, so that whoever erases the one erases the other. */
export function seal(seq: number, text: string): string {
  return `${sealOf(seq, text).toString(16).padStart(HEX_DIGITS, "0")}${text}`;
}

/** The text of a user that {@link seal} sealed. Throws {@link BrokenRow}. */
export function unseal(seq: number, sealed: string): string {
  const text = sealed.slice(HEX_DIGITS);
  if (sealOf(seq, text) !== Number.parseInt(sealed.slice(0, HEX_DIGITS), 16))
    throw new BrokenRow(`a text of user ${seq} is not as it was written`);
  return text;
}

// The text as it stands and not as JSON, since it can be long; a space tells where the user's number ends.
function sealOf(seq: number, text: string): number {
  return crc32(text, crc32(`${seq} `));
}

/** What of a user's row its checksum is of. */
interface UncheckedRecord {
  readonly seq: number;
  readonly username: string | null;
  readonly attributes: string;
  readonly sms_mfa: number;
}

/** The same with the checksum, of a user who has a name. */
export interface CheckedRecord extends UncheckedRecord {
  readonly username: string;
  readonly checksum: number;
}

/**
 * The checksum of a user. Made of its texts as they are, which takes a fraction of what it takes to write them as JSON; the
 * length tells where the name ends.
 */
export function userChecksum({ seq, username, attributes, sms_mfa }: UncheckedRecord): number {
  return crc32(`${seq} ${sms_mfa} ${username?.length ?? -1} ${username ?? ""} ${attributes}`);
}

/** The attributes of a user as they were planned. Throws {@link BrokenRow}, also when the username is another one. */
export function attributesOf(record: CheckedRecord): Attributes {
  if (userChecksum(record) !== record.checksum)
    throw new BrokenRow(`user ${record.seq} is not as it was written`);
  return JSON.parse(record.attributes) as Attributes;
}
