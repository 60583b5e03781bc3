/** A user as the source of the matrices has it. */
export interface Person {
  readonly username: string;
  readonly email: string;
  readonly email_verified: boolean;
  readonly name: string;
  readonly phone_number: string;
  readonly off: boolean;
  readonly teams: readonly string[];
  readonly mfa: string;
  readonly identities: readonly { readonly provider: string; readonly id: string }[];
  readonly digest: string;
  readonly word: string;
}

const BCRYPT = "$2b$10$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234";
const DJANGO = `pbkdf2_sha256$260000$seasaltseasalt$${Buffer.alloc(32, "gulls").toString("base64")}`;

/** Texts that only the hashes and passwords of {@link PEOPLE} hold; none may be anywhere once a run is over. */
export const SECRETS: readonly string[] = [BCRYPT.slice(-20), DJANGO.slice(-20), "own-Passw0rd"];

function person(username: string, over: Partial<Person> = {}): Person {
  return {
    username,
    email: `${username}@example.com`,
    email_verified: true,
    name: "Ada",
    phone_number: "",
    off: false,
    teams: [],
    mfa: "",
    identities: [],
    digest: "",
    word: "",
    ...over,
  };
}

/** Who is in the pool before the run. */
export const EARLIER: readonly Person[] = [person("earlier", { name: "From before" })];

/** Who has the same username as somebody else in the source. */
export const CLASHING: readonly Person[] = [
  person("twin", { email: "twin1@example.com" }),
  person("twin", { email: "twin2@example.com" }),
];

/** Characters of a row above which the pools of the matrices refuse it. */
export const LONGEST_ROW = 400;

const LONG_NAME = "F".repeat(LONGEST_ROW);

/**
 * Users of every kind: with hashes of two algorithms, for import jobs without, for AdminCreateUser, and some whose rows an
 * import job refuses.
 */
export const COMING: readonly Person[] = [
  person("b1", { digest: BCRYPT, off: true, teams: ["crew", "deck"] }),
  person("b2", { digest: BCRYPT, name: 'Bo "the 2nd"' }),
  person("b3", { digest: DJANGO, teams: ["deck"] }),
  person("j1", { word: "J1s-own-Passw0rd", teams: ["crew"] }),
  person("j2", { name: 'Cy "the \\ third"', off: true }),
  person("j3", { phone_number: "+48601555010", mfa: "sms" }),
  person("j4", { identities: [{ provider: "google", id: "g-4" }] }),
  person("f1", { name: LONG_NAME, off: true }),
  person("f2", { name: LONG_NAME, teams: ["deck"] }),
  person("c1", { email_verified: false, off: true, teams: ["crew"] }),
  person("c2", { email_verified: false, word: "C2s-own-Passw0rd" }),
  person("c3", { email_verified: false, teams: ["deck"], identities: [{ provider: "google", id: "g-6" }] }),
  person("c4", { email_verified: false, phone_number: "+48601555011", mfa: "sms" }),
];

/** Users with verified addresses, whose names no import job takes. */
export const UNFIT: readonly Person[] = [
  person("r1", { name: 'Di "a"', off: true }),
  person("r2", { name: 'Ed "b"', teams: ["crew"] }),
  person("r3", { name: 'Fo "c"' }),
  person("r4", { name: 'Gi "d"', word: "R4s-own-Passw0rd" }),
];

/** Users for whom an app client is enough. */
export const SIGNING_UP: readonly Person[] = [
  person("s1", { off: true }),
  person("s2", { teams: ["crew"] }),
  person("s3", { word: "S3s-own-Passw0rd" }),
  person("s4", { email_verified: false }),
];

/** A source of these people, as NDJSON. */
export function linesOf(people: readonly Person[]): string {
  return people.map((each) => `${JSON.stringify(each)}\n`).join("");
}

/** The mapping for {@link linesOf}, and policies under which everyone can come. */
export const MAPPING = `mapping:
  username: username
  passwordHash: digest
  password: word
  disabled: "off"
  groups: teams
  mfa: mfa
  linkedProviders: { list: identities, provider: provider, subject: id, names: { google: Google } }
`;
