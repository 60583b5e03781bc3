import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { anAppClient } from "../support/app-client.ts";
import { runCli } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { LOGS_ROLE_ARN, type Target } from "../support/target.ts";
import type { Wanted } from "./outside.ts";
import {
  CLASHING,
  COMING,
  EARLIER,
  linesOf,
  LONGEST_ROW,
  MAPPING,
  SIGNING_UP,
  UNFIT,
  type Person,
} from "./people.ts";
import type { Play } from "./stage.ts";

/** Import jobs that refuse long rows, and do not fail for it. */
const RULES: Play["rules"] = { charactersInRow: LONGEST_ROW, highestFailedShare: 1 };

const POOL: Play["pool"] = { MfaConfiguration: "OPTIONAL", AliasAttributes: ["email"] };

const IMPORT_JOB = `importJob: { logsRoleArn: "${LOGS_ROLE_ARN}" }`;

/** What a run of everybody reports beside those whom it creates. */
const REPORTED = { skipped: EARLIER.length, rejected: CLASHING.length };

/** A config whose source these people are. */
function aConfig({ emulator, userPoolId }: Target, people: readonly Person[], more: string): string {
  const folder = aFolder();
  writeFileSync(join(folder, "people.ndjson"), linesOf(people));
  return aFile(
    `source: { type: ndjson, path: ${join(folder, "people.ndjson")} }
userPool: { id: ${userPoolId}, endpointUrl: "${emulator.url}" }
limits: { canaryUsers: 1, failedShare: 1 }
${MAPPING}${more}
`,
    "ferry.yaml",
  );
}

async function run(args: readonly string[], exitCodes: readonly number[]): Promise<void> {
  const result = await runCli(args);
  expect(exitCodes, result.stdout + result.stderr).toContain(result.exitCode);
}

/** Plans a run of these people, those from before, who are in the pool then, and those who clash. */
async function plan(
  target: Target,
  runDir: string,
  { coming, more }: { readonly coming: readonly Person[]; readonly more: string },
): Promise<void> {
  const earlier = aConfig(target, EARLIER, IMPORT_JOB);
  await run(["migrate", "--config", earlier, "--run-dir", join(aFolder(), "earlier"), "--yes"], [0]);
  const config = aConfig(target, [...EARLIER, ...CLASHING, ...coming], more);
  await run(["plan", "--config", config, "--run-dir", runDir], [0, 3]);
}

/** Everybody who comes as `portray` says, and those from before as they were. */
function wantedOf(
  coming: readonly Person[],
  portray: (person: Person) => string,
  messages: readonly string[] = [],
): Wanted {
  const users = new Map(EARLIER.map((person) => [person.username, imported(person)]));
  for (const person of coming) users.set(person.username, portray(person));
  return {
    users,
    created: coming.map(({ username }) => username),
    messages: messages.toSorted(),
    reported: REPORTED,
  };
}

/** What makes users of one way look otherwise than those of another. */
interface Way {
  readonly status: string;
  readonly password: string;
  /** Whether a phone number that is not there is said to be unverified: an import job must be told something. */
  readonly saysUnverified: boolean;
}

/** How a user looks in the pool, as {@link Wanted.users} has it. */
function look(person: Person, { status, password, saysUnverified }: Way): string {
  const { email, email_verified, name, phone_number, off, teams, mfa, identities } = person;
  const attributes = [
    `email=${email}`,
    `email_verified=${email_verified}`,
    `name=${name}`,
    ...(phone_number === "" ? [] : [`phone_number=${phone_number}`]),
    ...(saysUnverified ? ["phone_number_verified=false"] : []),
  ];
  return [
    off ? "disabled" : "enabled",
    status,
    attributes.join(" "),
    `groups ${teams.toSorted().join(" ")}`,
    `mfa ${mfa === "sms" ? "SMS_MFA" : ""}`,
    `identities ${identities.map(({ id }) => `Google:${id}`).join(" ")}`,
    `aliases ${email_verified ? "email" : ""}`,
    `password ${password}`,
  ].join("; ");
}

/** Confirmed with a hash or an own password, and to be reset otherwise. Who may not sign in comes without either. */
function imported(person: Person): string {
  const password = passwordOf(person);
  const status = password === "none" ? "RESET_REQUIRED" : "CONFIRMED";
  return look(person, { status, password, saysUnverified: true });
}

function passwordOf({ off, digest, word }: Person): string {
  if (off || digest + word === "") return "none";
  if (word !== "") return "own";
  return digest.startsWith("$2b$") ? "BCRYPT" : "PBKDF2_SHA256";
}

/** Who has no verified contact is created with a password that nobody knows, or the own one. */
function created(person: Person): string {
  const password = person.word === "" ? "random" : "own";
  return look(person, { status: "CONFIRMED", password, saysUnverified: false });
}

const APPLY = {
  begin: (runDir: string) => ["apply", "--run-dir", runDir, "--json"],
  goOn: (runDir: string) => ["resume", "--run-dir", runDir, "--json"],
};

/** Users of every kind, by import jobs and AdminCreateUser, with all follow-ups. */
export const MIXED: Play = {
  ...APPLY,
  name: "mixed",
  pool: POOL,
  prepare: (target, runDir) =>
    plan(target, runDir, {
      coming: COMING,
      more: `${IMPORT_JOB}\npolicies: { passwordAfterCreate: random-permanent }`,
    }),
  rules: RULES,
  wanted: wantedOf(COMING, (person) =>
    person.email_verified && person.name.length < LONGEST_ROW ? imported(person) : created(person),
  ),
};

const isSentCode = ({ off, word }: Person): boolean => !off && word === "";

/** Users whom AdminCreateUser makes, and who are sent one code each, unless they may not sign in or have a password. */
export const RESET: Play = {
  ...APPLY,
  name: "reset",
  pool: POOL,
  prepare: (target, runDir) => {
    const policies = "policies: { unsafeValues: admin-create, passwordAfterCreate: reset-required }";
    return plan(target, runDir, { coming: UNFIT, more: `${IMPORT_JOB}\n${policies}` });
  },
  wanted: wantedOf(
    UNFIT,
    (person) =>
      isSentCode(person)
        ? look(person, { status: "RESET_REQUIRED", password: "random", saysUnverified: false })
        : created(person),
    UNFIT.filter(isSentCode).map(({ username }) => `reset-password ${username}`),
  ),
};

/** Users who sign up by an app client, which sends each of them a code, and are confirmed. */
export const SIGN_UP: Play = {
  ...APPLY,
  name: "sign-up",
  pool: POOL,
  prepare: async (target, runDir) => {
    const client = await anAppClient(target);
    const more = `signUp: { clientId: ${client.id}, messages: allowed, confirm: true }`;
    await plan(target, runDir, { coming: SIGNING_UP, more });
  },
  wanted: wantedOf(
    SIGNING_UP,
    // Who signs up is unverified without a word.
    (person) => created(person).replace(" email_verified=false", ""),
    SIGNING_UP.map(({ username }) => `confirm-sign-up ${username}`),
  ),
};

const UNDO_ARGS = (runDir: string): readonly string[] => {
  const report = readFileSync(join(runDir, "report.json"), "utf8");
  const { runId } = JSON.parse(report) as { readonly runId: string };
  return ["undo", "--delete", "--run-dir", runDir, "--confirm", runId, "--json"];
};

/** Everybody whom a run has created is deleted again. */
export const UNDO: Play = {
  name: "undo",
  pool: POOL,
  rules: RULES,
  prepare: async (target, runDir) => {
    await MIXED.prepare(target, runDir);
    await run(MIXED.begin(runDir), [0, 3]);
  },
  begin: UNDO_ARGS,
  goOn: UNDO_ARGS,
  wanted: { ...wantedOf([], imported), reported: undefined },
};
