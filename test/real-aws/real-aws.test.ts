import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { startEmulator, type RuleSettings } from "../support/emulator.ts";
import { DEFAULT_RULES } from "../../emulator/rules.ts";
import { Laboratory } from "./laboratory.ts";
import { QUESTIONS, type Question } from "./questions.ts";
import { sanitise } from "./transcript.ts";

const isReal = process.env["REAL_AWS"] === "1";

/** Settings that no question settles, and why. */
const UNASKED: Readonly<Record<string, string>> = {
  jobStartDelayMs: "how fast the emulator is, not what AWS does",
  jobRowDelayMs: "how fast the emulator is, not what AWS does",
  countsWhileInProgress: "a job of a size that shows it costs more than it is worth",
  logDelivery: "a job of a size that shows it costs more than it is worth",
  jobExpiryMs: "takes a day",
  jobsInPool: "documented; takes a thousand jobs that nobody can delete",
  usersInFile: "documented; takes half a million users",
  bytesInFile: "documented; takes a file of 100 MB",
  "texts.tooManyUsers": "takes half a million users",
  listLagMs: "documented as a possibility; no question can rule it out",
  usersSearchedInPage: "takes a pool with very many users",
  alsoCountsAsActive: "shows on the bill, not in an answer",
  mfaOffNeedsFactor: "reported",
  identitiesOfUser: "documented; takes an identity provider",
  "texts.tooManyIdentities": "takes an identity provider",
  "texts.identityOfOther": "takes an identity provider",
  groupsInPool: "documented; takes ten thousand groups",
  "texts.tooManyGroups": "takes ten thousand groups",
  groupsOfUser: "documented",
  tooManyGroupsOfUserError: "a hundred groups for a word that nobody meets",
  "texts.tooManyGroupsOfUser": "a hundred groups for a word that nobody meets",
  customAttributesInPool: "documented",
  "texts.tooManyCustomAttributes": "words that nobody meets in a migration",
  "texts.poolDeleted": "nobody can ask about a job whose pool is gone",
  "texts.emailMfaTier": "takes a pool of another tier",
  "texts.emailMfaNoEmail": "takes a pool with a paid e-mail sender",
  signInAttempts: "documented",
  firstLockOutMs: "documented",
  longestLockOutMs: "documented",
  resetAttemptsInHour: "documented, and sends mails",
  codeResendsInHour: "documented, and sends mails",
  confirmationsInHour: "documented, and sends mails",
  passwordChangesInHour: "documented",
  signInCodesGoTo: "sends mails",
  resetOfUnconfirmed: "takes a code that was mailed",
  "texts.srpWithHash": "takes an SRP client; test/emulator/sign-in-srp.test.ts shows how it would be seen",
  "texts.refreshOfDeleted": "words that nobody meets in a migration",
  mfaColumnKept: "takes a pool with text messages set up",
  jobStuckAfterRows: "a fault, not what AWS does",
  stopTakesMs: "a job of a size that shows it costs more than it is worth",
  logRole: "documented; takes a role that is broken on purpose",
  "texts.logRoleUnusable": "takes a role that is broken on purpose",
  logLagMs: "a fault, not what AWS does",
  logLostShare: "a fault, not what AWS does",
  logDoubledShare: "a fault, not what AWS does",
  logShuffledLines: "a fault, not what AWS does",
  logFaultSeed: "a fault, not what AWS does",
  emptyLogPages: "documented as what may happen",
  eventsInLogPage: "documented",
  eventsSearchedInPage: "takes a very large log",
  filterTermsMatch: "poolferry reads logs without a filter",
  bytesInRequest: "no user of a migration meets it",
};

/** Asks the emulator a question under some settings. */
async function askEmulator({ ask }: Question, rules: RuleSettings): Promise<unknown> {
  // Jobs last long enough to be in each other's way.
  await using emulator = await startEmulator({ rules: { jobStartDelayMs: 60, ...rules }, quotas: "off" });
  await using laboratory = new Laboratory({
    endpoint: emulator.url,
    region: emulator.region,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    logsRoleArn: "arn:aws:iam::123456789012:role/import",
  });
  return await ask(laboratory);
}

describe("the questions for a real account, asked of the emulator", () => {
  test.each(QUESTIONS)("$rules: $question", async (question) => {
    expect(await askEmulator(question, {})).toEqual(question.guess(DEFAULT_RULES));
  });

  test.each(QUESTIONS.filter(({ otherwise }) => otherwise !== undefined))(
    "$rules: the question tells one answer from another",
    async (question) => {
      const rules = {
        ...DEFAULT_RULES,
        ...question.otherwise,
        texts: { ...DEFAULT_RULES.texts, ...question.otherwise?.texts },
      };
      const answer = await askEmulator(question, question.otherwise ?? {});
      expect(answer).toEqual(question.guess(rules));
      expect(answer).not.toEqual(question.guess(DEFAULT_RULES));
    },
  );

  test("every setting is asked about, or it is said why not", () => {
    const { texts, ...settings } = DEFAULT_RULES;
    const names = [...Object.keys(settings), ...Object.keys(texts).map((name) => `texts.${name}`)];
    const asked = QUESTIONS.flatMap((question) => question.settings);
    expect(names.filter((name) => !asked.includes(name) && !Object.hasOwn(UNASKED, name))).toEqual([]);
    expect([...asked, ...Object.keys(UNASKED)].filter((name) => !names.includes(name))).toEqual([]);
  });

  test("every question names rules of the README", () => {
    const readme = readFileSync(new URL("../../emulator/README.md", import.meta.url), "utf8");
    const rules = QUESTIONS.flatMap((question) => question.rules.split(", "));
    expect(rules.filter((id) => !new RegExp(`^\\|.*\\b${id}\\b`, "m").test(readme))).toEqual([]);
  });
});

test("a transcript tells no account, key, pool, person or signature", () => {
  const secret = {
    PreSignedUrl:
      "https://bucket.s3.us-west-2.amazonaws.com/123456789012/us-west-2_aB3dE6gH9/import-aB3dE6gH9j?X-Amz-Security-Token=abc&X-Amz-Signature=def",
    Role: "arn:aws:iam::123456789012:role/service-role/Cognito-Import",
    Attributes: [{ Name: "sub", Value: "6a1e4c1c-0f0e-4f6b-9d5e-1f2a3b4c5d6e" }],
    Key: "ASIAABCDEFGHIJKLMNOP",
    ClientSecret: "never",
    AuthenticationResult: { AccessToken: "never", IdToken: "never", RefreshToken: "never", ExpiresIn: 3600 },
    Session: "never",
    Words: [
      "Client 1example23456789abcdefghij is configured with secret",
      "User: arn:aws:iam::123456789012:user/jane is not authorized to perform: cognito-idp:SignUp",
      "User: arn:aws:sts::123456789012:assumed-role/Admin/jane@example.com is not authorized",
      "Token eyJraWQiOiJ4In0.eyJzdWIiOiJ4In0.c2ln is old",
    ],
    CreationDate: new Date(),
    $metadata: { requestId: "r" },
  };
  expect(sanitise(secret)).toEqual({
    PreSignedUrl: "https://bucket.s3.us-west-2.amazonaws.com/(account)/us-west-2_(pool)/import-(job)?(query)",
    Role: "arn:aws:iam::(account):role/(role)",
    Attributes: [{ Name: "sub", Value: "(uuid)" }],
    Key: "(key)",
    AuthenticationResult: { ExpiresIn: 3600 },
    Words: [
      "Client (client) is configured with secret",
      "User: arn:aws:iam::(account):user/(user) is not authorized to perform: cognito-idp:SignUp",
      "User: arn:aws:sts::(account):assumed-role/(assumed-role) is not authorized",
      "Token (token) is old",
    ],
    CreationDate: "(time)",
  });
});

if (isReal) {
  describe("a real account", askRealAccount);
} else {
  test.skip("a real account is asked with REAL_AWS=1 (see emulator/README.md)", askRealAccount);
}

function askRealAccount(): void {
  const region = process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"] ?? "";
  const logsRoleArn = process.env["POOLFERRY_LOGS_ROLE_ARN"] ?? "";
  const endpoint = process.env["REAL_AWS_ENDPOINT"];
  const folder = process.env["REAL_AWS_FOLDER"] ?? "real-aws-answers";

  test.each(QUESTIONS)("$rules: $question", { timeout: 30 * 60_000 }, async (question) => {
    expect(region, "set AWS_REGION").not.toBe("");
    expect(logsRoleArn, "set POOLFERRY_LOGS_ROLE_ARN to a role that lets Cognito write its log").not.toBe("");
    const laboratory = new Laboratory({
      region,
      logsRoleArn,
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    const { rules, question: asked, settings } = question;
    let answer: unknown;
    try {
      answer = sanitise(await question.ask(laboratory));
    } catch (error) {
      // An account may lack what the question takes, which is an answer too.
      answer = { error: (error as Error).name, message: sanitise((error as Error).message) };
    } finally {
      await laboratory[Symbol.asyncDispose]();
      const guess = question.guess(DEFAULT_RULES);
      const isAsGuessed = JSON.stringify(answer) === JSON.stringify(guess);
      mkdirSync(folder, { recursive: true });
      const file = join(folder, `${rules.split(", ").join("+")}.json`);
      const record = {
        rules,
        question: asked,
        settings,
        answer,
        guess,
        isAsGuessed,
        exchanges: laboratory.exchanges,
      };
      writeFileSync(file, `${JSON.stringify(record, undefined, 2)}\n`);
      console.info(
        `${isAsGuessed ? "as guessed" : "NOT as guessed"}: ${asked} ${JSON.stringify(answer)} (${file})`,
      );
    }
  });
}
