import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Something that is planted where users keep such things, and looked for where it must not be. */
export interface Canary {
  readonly what: string;
  readonly value: string;
}

/** Bytes of a hash, so that every way of writing them can be looked for. */
const PBKDF2_BYTES = "zzCanaryPbkdf2HashOf32BytesLong!";
const ARGON2_BYTES = "zzCanaryArgon2HashOf32BytesLong!";
const BCRYPT_REST = "zzCanaryBcryptSalt012OzzCanaryBcryptHash0123456789abO";

/** Password hashes as sources write them; the canaries stand in them. */
export const HASHES = {
  bcrypt: `$2b$10$${BCRYPT_REST}`,
  argon2: `$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$${base64(ARGON2_BYTES).replace(/=+$/, "")}`,
  pbkdf2: `pbkdf2_sha256$600000$zzSaltOfDjango16$${base64(PBKDF2_BYTES)}`,
  md5: "$1$zzsaltzz$zzCanaryMd5HashUnusable",
} as const;

/** Secrets: nowhere but in the source, the ledger and a part, and gone from these when they are settled. */
export const SECRETS = {
  bcrypt: BCRYPT_REST,
  argon2: ARGON2_BYTES,
  pbkdf2: PBKDF2_BYTES,
  md5: "zzCanaryMd5HashUnusable",
  password: 'zzCanary-Pa55w0rd"\\ü&<x',
  totp: "ZZCANARYTOTPSEEDJBSWY3DPEHPK3PXP",
  token: "zzCanaryApiTokenOfTheSource",
  accessKey: "zzCanary/SecretAccessKey+0123456789ABCDE",
  sessionToken: "zzCanarySessionToken//+IQoJb3JpZ2luX2VjE==",
  clientSecret: "zzCanaryClientSecretOfTheApp",
  proxyPassword: "zzCanaryPasswordOfTheProxy",
} as const;

/** Personal data: in the files made for it, and nowhere else. */
export const PERSONAL = {
  email: "zzquenby",
  phone: "601555777",
  name: "Zzuiderzee",
  address: "Zzanderstraat",
} as const;

/** Canaries of a table, with those that only turn up while a test runs. */
export function canariesOf(
  table: Readonly<Record<string, string>>,
  more: Iterable<string> = [],
): readonly Canary[] {
  return [
    ...Object.entries(table).map(([what, value]) => ({ what, value })),
    ...[...more].map((value) => ({ what: "pre-signed URL", value })),
  ];
}

/** What of the canaries stands in some bytes, in whatever form: as it is, or as JSON, a URL, base64 or hex write it. */
export function foundIn(bytes: Buffer, canaries: readonly Canary[]): readonly string[] {
  const text = bytes.toString("latin1").toLowerCase();
  return canaries.flatMap(({ what, value }) => {
    const found = formsOf(value).find(({ form, isExact }) =>
      isExact ? bytes.includes(form) : text.includes(latin1(form)),
    );
    return found === undefined ? [] : [`${what} (${found.name})`];
  });
}

interface Form {
  readonly name: string;
  readonly form: string;
  /** Whether upper and lower case differ in it. */
  readonly isExact: boolean;
}

function formsOf(value: string): readonly Form[] {
  const exact = [0, 1, 2].flatMap((shift) => {
    // Without the characters that depend on the bytes before and after.
    const encoded = base64(" ".repeat(shift) + value).replace(/=+$/, "");
    const inner = encoded.slice(Math.ceil((shift * 8) / 6), -2);
    return [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
  });
  const plain = {
    plain: value,
    JSON: JSON.stringify(value).slice(1, -1),
    "JSON in JSON": JSON.stringify(JSON.stringify(value)).slice(3, -3),
    CSV: value.replaceAll('"', '""'),
    URL: encodeURIComponent(value),
    hex: Buffer.from(value).toString("hex"),
  };
  return [
    ...Object.entries(plain).map(([name, form]) => ({ name, form, isExact: false })),
    ...exact.map((form) => ({ name: "base64", form, isExact: true })),
  ];
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function latin1(text: string): string {
  return Buffer.from(text).toString("latin1").toLowerCase();
}

/** Every file below a folder, and what of the canaries stands in it. */
export function searchFolder(
  folder: string,
  canaries: readonly Canary[],
  isPassed: (path: string) => boolean = () => false,
): readonly string[] {
  return filesBelow(folder)
    .filter((path) => !isPassed(path))
    .flatMap((path) => foundIn(readFileSync(join(folder, path)), canaries).map((what) => `${path}: ${what}`));
}

/** Files and folders below a folder that others than their owner may do anything with. */
export function openToOthers(folder: string): readonly string[] {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return all
    .filter((path) => (statSync(join(folder, path)).mode & 0o077) !== 0)
    .map((path) => `${path} ${(statSync(join(folder, path)).mode & 0o777).toString(8)}`);
}

function filesBelow(folder: string): readonly string[] {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return all.filter((path) => statSync(join(folder, path)).isFile());
}
