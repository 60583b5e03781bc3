import { stringify } from "csv-stringify/sync";
import { HASHES, PERSONAL, SECRETS } from "./canaries.ts";
import type { Sandbox } from "./sandbox.ts";

/** The source types, each of which is tried. */
export const FORMATS = ["csv", "ndjson", "json", "auth0"] as const;
type Format = (typeof FORMATS)[number];

type Person = Readonly<Record<string, string | boolean>>;

function person(number: number, more: Person = {}): Person {
  return {
    user_id: `auth0|zz${number}`,
    username: `${PERSONAL.email}${number}`,
    email: `${PERSONAL.email}${number}@example.com`,
    email_verified: true,
    phone_number: "",
    name: `${PERSONAL.name} ${number}`,
    address: "",
    off: false,
    digest: "",
    word: "",
    totp_secret: SECRETS.totp,
    api_token: SECRETS.token,
    ...more,
  };
}

/** Users of every kind of password and of every outcome, full of canaries. */
export const PEOPLE: readonly Person[] = [
  person(1, { digest: HASHES.bcrypt, phone_number: `+48${PERSONAL.phone}` }),
  person(2, { digest: HASHES.argon2 }),
  person(3, { digest: HASHES.pbkdf2, address: `${PERSONAL.address} "3"` }),
  person(4, { word: SECRETS.password }),
  person(5, { digest: HASHES.md5, off: true }),
  person(6, { email_verified: false, word: SECRETS.password }),
  // Rejected, clashing, and refused by the import job and by AdminCreateUser, with their secrets.
  person(7, { username: `${PERSONAL.email} 7`, digest: HASHES.bcrypt, word: "" }),
  person(8, { username: `${PERSONAL.email}1`, digest: HASHES.bcrypt }),
  person(9, { email: `${PERSONAL.email}9@refused.org`, digest: HASHES.bcrypt }),
  person(10, { phone_number: PERSONAL.phone, digest: HASHES.bcrypt }),
];

/** The people as a file of a format. */
export function peopleAs(format: Format): string {
  if (format === "csv") return stringify([...PEOPLE], { header: true, cast: { boolean: String } });
  if (format === "json") return JSON.stringify({ users: PEOPLE }, null, 2);
  return PEOPLE.map((each) => `${JSON.stringify(each)}\n`).join("");
}

/** A config that migrates the people, or another file, into the sandbox's pool. */
export function configFor(sandbox: Sandbox, format: Format, path: string, more = ""): string {
  const text = `source: { type: ${format}, path: ${path} }
mapping:
  username: username
  passwordHash: digest
  password: word
  disabled: "off"
  attributes: { email: email, email_verified: email_verified, phone_number: phone_number, name: name, address: address }
policies: { duplicates: first }
${more}`;
  return sandbox.bring(`${format}-${Math.random().toString(36).slice(2)}.yaml`, text);
}

/** A config for the people in a format. */
export function peopleConfig(sandbox: Sandbox, format: Format, more = ""): string {
  return configFor(sandbox, format, sandbox.bring(`people.${format}`, peopleAs(format)), more);
}
