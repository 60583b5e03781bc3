import {
  AddCustomAttributesCommand,
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminSetUserMFAPreferenceCommand,
  AdminUpdateUserAttributesCommand,
  CreateUserPoolClientCommand,
  GetProvisionedLimitCommand,
  InitiateAuthCommand,
  ListUsersCommand,
  SignUpCommand,
  StopUserImportJobCommand,
  type AttributeType,
  type AuthFactorType,
  type CreateUserPoolClientCommandInput,
  type PasswordHashingAlgorithmType,
  type SignUpCommandInput,
  type CreateUserPoolCommandInput,
} from "@aws-sdk/client-cognito-identity-provider";

import type { Rules, RuleSettings } from "../../emulator/index.ts";
import { messageFrom, outcomeOf, type Laboratory, type Row } from "./laboratory.ts";

/** A question that only AWS can answer. */
export interface Question {
  /** The rules of emulator/README.md that it settles. */
  readonly rules: string;
  readonly question: string;
  /** The settings that hold our guess; a change of them, `otherwise`, must change the emulator's answer. */
  readonly settings: readonly string[];
  readonly otherwise?: RuleSettings;
  /** Asks; the answer is plain data. */
  readonly ask: (laboratory: Laboratory) => Promise<unknown>;
  /** What we take for true. */
  readonly guess: (rules: Rules) => unknown;
}

/** A row that every pool takes which verifies e-mail addresses. */
function aRow(username: string, values: Row = {}): Row {
  return {
    "cognito:username": username,
    email: `${username}@example.com`,
    email_verified: "true",
    ...values,
  };
}

/** The status of a log line, such as SKIPPED. */
function statusOf(line = ""): string {
  return /^\[(\w+)\]/.exec(line)?.[1] ?? "no line";
}

/** What a log line says behind its number. */
function messageOf(line = ""): string {
  return line.replace(/^\[\w+\] Line Number \d+ - /, "");
}

/** The line that an import writes about one row, among others that are in order. */
async function lineAbout(
  laboratory: Laboratory,
  row: Row,
  settings: Partial<CreateUserPoolCommandInput> = {},
): Promise<string> {
  const pool = await laboratory.pool(settings);
  const { lines } = await laboratory.import(pool, [row, aRow("fine1"), aRow("fine2")]);
  return lines.find((line) => !line.startsWith("[SUCCEEDED]")) ?? "[SUCCEEDED]";
}

/** Those of the values that AdminCreateUser takes for an attribute. */
async function taken(
  laboratory: Laboratory,
  settings: Partial<CreateUserPoolCommandInput>,
  name: string,
  values: readonly string[],
): Promise<readonly string[]> {
  const UserPoolId = await laboratory.pool(settings);
  const kept: string[] = [];
  for (const [place, Value] of values.entries()) {
    const command = new AdminCreateUserCommand({
      UserPoolId,
      Username: `user${place}`,
      UserAttributes: [{ Name: name, Value }],
      MessageAction: "SUPPRESS",
      TemporaryPassword: "Password1!",
    });
    if ((await outcomeOf(laboratory.cognito.send(command))) === "ok") kept.push(Value);
  }
  return kept;
}

/** The CSV of rows that have a password hash, whether the pool's header lists the column or not. */
async function hashCsv(laboratory: Laboratory, pool: string, hashes: readonly string[]): Promise<string> {
  const header = await laboratory.header(pool);
  const columns = header.includes("password_hash") ? header : [...header, "password_hash"];
  const lines = hashes.map((hash, place) => {
    const row: Row = aRow(`user${place}`, { password_hash: hash });
    return columns.map((name) => row[name] ?? "").join(",");
  });
  return `${[columns.join(","), ...lines].join("\n")}\n`;
}

/** What an import with an algorithm says of each of some hashes; `ok` for those it takes. */
async function saidOfHashes(
  laboratory: Laboratory,
  PasswordHashingAlgorithm: PasswordHashingAlgorithmType,
  hashes: readonly string[],
): Promise<readonly string[]> {
  const pool = await laboratory.pool();
  // Half of the rows are in order, so that no job fails for its share of failures.
  const csv = await hashCsv(laboratory, pool, [...hashes, ...hashes.map(() => "")]);
  const { lines } = await laboratory.import(pool, csv, { PasswordHashingAlgorithm });
  return hashes.map((_, place) => {
    const line = lines.find((one) => one.includes(`Line Number ${place + 2} `)) ?? "";
    return statusOf(line) === "SUCCEEDED" ? "ok" : messageOf(line);
  });
}

const BCRYPT = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
const PBKDF2 = (salt: string) => `$pbkdf2-sha256$1000$${salt}$${"A".repeat(43)}`;
const DIALECTS = { dot: "ab.d", plus: "ab+d", padding: "abcdef==" } as const;

const EMAILS = [
  "ann@example.com",
  "ann+tag@example.com",
  "o'neil@example.com",
  '"ann b"@example.com',
  "ann@localhost",
  "ann@[127.0.0.1]",
  "änn@example.com",
  "ann@bücher.example",
  "ann..b@example.com",
  `${"a".repeat(64)}@example.com`,
  `${"a".repeat(65)}@example.com`,
];

const PHONES = [
  "+4917012345",
  "+1",
  `+${"1".repeat(15)}`,
  `+${"1".repeat(16)}`,
  "+0170",
  "0049170",
  "+49 170",
];
const NUMBERS = ["1", "-1", "1.5", "1e3", "0x10", " 1", "+1", "007"];
const TIMES = [
  "1735241621",
  "2026-01-02",
  "2026-01-02T03:04:05Z",
  "2026-01-02T03:04:05+01:00",
  "01/02/2026",
  "now",
];

/** The questions, in an order in which they can be asked of one account. */
export const QUESTIONS: readonly Question[] = [
  {
    rules: "log-first",
    question: "What is the number of the first user's line?",
    settings: ["firstLineNumber"],
    otherwise: { firstLineNumber: 1 },
    ask: async (laboratory) => {
      const { lines } = await laboratory.import(await laboratory.pool(), [aRow("ann")]);
      return Number(/Line Number (\d+)/.exec(lines[0] ?? "")?.[1]);
    },
    guess: (rules) => rules.firstLineNumber,
  },
  {
    rules: "csv-columns",
    question: "Does the header list password_hash, and developer-only attributes?",
    settings: ["headerListsPasswordHash", "headerListsDeveloperAttributes"],
    otherwise: { headerListsPasswordHash: true, headerListsDeveloperAttributes: false },
    ask: async (laboratory) => {
      const Schema = [{ Name: "x", DeveloperOnlyAttribute: true, AttributeDataType: "String" as const }];
      const header = await laboratory.header(await laboratory.pool({ Schema }));
      return {
        passwordHash: header.includes("password_hash"),
        developerOnly: header.some((name) => name.startsWith("dev:")),
      };
    },
    guess: (rules) => ({
      passwordHash: rules.headerListsPasswordHash,
      developerOnly: rules.headerListsDeveloperAttributes,
    }),
  },
  {
    rules: "job-failed",
    question: "Which share of failed rows makes a job Failed?",
    settings: ["highestFailedShare"],
    otherwise: { highestFailedShare: 0.1 },
    ask: async (laboratory) => {
      const statuses: Record<string, string | undefined> = {};
      for (const failed of [1, 3, 5, 6, 9]) {
        const rows = Array.from({ length: 10 }, (_, place) => {
          return aRow(`u${place}`, place < failed ? { email_verified: "false" } : {});
        });
        const { job } = await laboratory.import(await laboratory.pool(), rows);
        statuses[`${failed} of 10`] = job.Status;
      }
      return statuses;
    },
    guess: (rules) => {
      const entries = [1, 3, 5, 6, 9].map((failed) => {
        return [`${failed} of 10`, failed / 10 > rules.highestFailedShare ? "Failed" : "Succeeded"];
      });
      return Object.fromEntries(entries) as object;
    },
  },
  {
    rules: "csv-count",
    question: "What does a row with too few values do, and what is said?",
    settings: ["wrongFieldCount", "texts.wrongFieldCount"],
    otherwise: { wrongFieldCount: "fails-the-job" },
    ask: async (laboratory) => {
      const pool = await laboratory.pool();
      const csv = await laboratory.csv(pool, [aRow("ann"), aRow("bob"), aRow("eve")]);
      const { job, lines } = await laboratory.import(pool, csv.replace(/,eve\n$/, "\n"));
      const isRow = job.ImportedUsers === 2 && job.FailedUsers === 1;
      const said = isRow
        ? messageOf(lines.find((line) => line.startsWith("[FAILED]")))
        : job.CompletionMessage;
      return { effect: isRow ? "fails-the-row" : "fails-the-job", said };
    },
    guess: (rules) => ({ effect: rules.wrongFieldCount, said: rules.texts.wrongFieldCount }),
  },
  {
    rules: "csv-line-end",
    question: "Does CR LF end a line as LF does?",
    settings: ["takesCarriageReturns"],
    otherwise: { takesCarriageReturns: false },
    ask: async (laboratory) => {
      const pool = await laboratory.pool();
      const csv = await laboratory.csv(pool, [aRow("ann"), aRow("bob")]);
      const { job } = await laboratory.import(pool, csv.replaceAll("\n", "\r\n"));
      return job.ImportedUsers === 2;
    },
    guess: (rules) => rules.takesCarriageReturns,
  },
  {
    rules: "csv-backslash, csv-dialect",
    question: "How are a backslash and quotes kept?",
    settings: [],
    ask: async (laboratory) => {
      const pool = await laboratory.pool();
      await laboratory.import(pool, [aRow("ann", { name: "a\\b", nickname: '"c"' }), aRow("bob")]);
      const ann = (await laboratory.users(pool)).find(({ Username }) => Username === "ann");
      const value = (name: string) => ann?.Attributes?.find(({ Name }) => Name === name)?.Value;
      return { backslash: value("name"), quotes: value("nickname") };
    },
    guess: () => ({ backslash: "a\\b", quotes: '"c"' }),
  },
  {
    rules: "csv-header",
    question: "What is said of a header that lacks a column?",
    settings: ["texts.unexpectedHeader"],
    otherwise: { texts: { unexpectedHeader: "Something else." } },
    ask: async (laboratory) => {
      const { job } = await laboratory.import(
        await laboratory.pool(),
        "cognito:username,email\nann,a@b.cd\n",
      );
      return { status: job.Status, said: job.CompletionMessage };
    },
    guess: (rules) => ({ status: "Failed", said: rules.texts.unexpectedHeader }),
  },
  {
    rules: "csv-limits-effect",
    question: "What becomes of a row above 16,000 characters?",
    settings: ["charactersInRow", "texts.rowTooLong"],
    otherwise: { charactersInRow: 100_000 },
    ask: async (laboratory) => {
      const long = "x".repeat(2000);
      const columns = [
        "name",
        "given_name",
        "family_name",
        "middle_name",
        "nickname",
        "profile",
        "picture",
        "website",
      ];
      const row = aRow("ann", {
        ...Object.fromEntries(columns.map((name) => [name, long])),
        gender: "x".repeat(200),
      });
      const line = await lineAbout(laboratory, row);
      return statusOf(line) === "SUCCEEDED" ? "imported" : messageOf(line);
    },
    guess: (rules) => (rules.charactersInRow < 16_200 ? rules.texts.rowTooLong : "imported"),
  },
  {
    rules: "job-empty",
    question: "How does a job end whose file holds a header alone?",
    settings: [],
    ask: async (laboratory) => (await laboratory.import(await laboratory.pool(), [])).job.Status,
    guess: () => "Succeeded",
  },
  {
    rules: "row-exists",
    question: "Is a user looked up before or after the row's values are checked?",
    settings: ["existingUserCheck"],
    otherwise: { existingUserCheck: "before-values" },
    ask: async (laboratory) => {
      const pool = await laboratory.pool();
      await laboratory.import(pool, [aRow("ann")]);
      const rows = [aRow("ann", { birthdate: "never" }), aRow("bob"), aRow("eve")];
      const { lines } = await laboratory.import(pool, rows);
      const status = statusOf(lines.find((line) => !line.startsWith("[SUCCEEDED]")));
      return status === "SKIPPED" ? "before-values" : "after-values";
    },
    guess: (rules) => rules.existingUserCheck,
  },
  {
    rules: "row-alias",
    question: "What becomes of a row whose verified e-mail is another user's alias, and what is said?",
    settings: ["aliasConflict", "texts.aliasTaken"],
    otherwise: { aliasConflict: "moved" },
    ask: async (laboratory) => {
      const pool = await laboratory.pool({ AliasAttributes: ["email"] });
      await laboratory.import(pool, [aRow("ann")]);
      const { lines } = await laboratory.import(pool, [
        aRow("bob", { email: "ann@example.com" }),
        aRow("eve"),
      ]);
      const [line] = lines;
      const status = statusOf(line);
      return status === "FAILED" ? { failed: messageOf(line) } : status;
    },
    guess: ({ aliasConflict, texts }) => {
      return { failed: { failed: texts.aliasTaken }, skipped: "SKIPPED", moved: "SUCCEEDED" }[aliasConflict];
    },
  },
  {
    rules: "row-birthdate",
    question: "How is a birthdate of the file kept?",
    settings: ["birthdateStoredAs"],
    otherwise: { birthdateStoredAs: "csv-form" },
    ask: async (laboratory) => {
      const pool = await laboratory.pool();
      await laboratory.import(pool, [aRow("ann", { birthdate: "02/01/1985" })]);
      const [ann] = await laboratory.users(pool);
      return ann?.Attributes?.find(({ Name }) => Name === "birthdate")?.Value;
    },
    guess: (rules) => (rules.birthdateStoredAs === "api-form" ? "1985-02-01" : "02/01/1985"),
  },
  {
    rules: "row-user",
    question: "Which status do imported users have?",
    settings: ["importedStatus"],
    otherwise: { importedStatus: "CONFIRMED" },
    ask: async (laboratory) => {
      const pool = await laboratory.pool();
      await laboratory.import(pool, [aRow("ann")]);
      return (await laboratory.users(pool))[0]?.UserStatus;
    },
    guess: (rules) => rules.importedStatus,
  },
  {
    rules: "row-verified-value, row-username, row-mfa, user-name-shape",
    question: "What is said of rows that break these rules?",
    settings: [
      "texts.emailMissing",
      "texts.phoneMissing",
      "texts.usernameInvalid",
      "texts.mfaInvalid",
      "texts.usernameOfPhoneFormat",
    ],
    otherwise: {
      texts: {
        emailMissing: "1",
        phoneMissing: "2",
        usernameInvalid: "3",
        mfaInvalid: "4",
        usernameOfPhoneFormat: "5",
      },
    },
    ask: async (laboratory) => ({
      emailMissing: messageOf(await lineAbout(laboratory, aRow("ann", { email: "" }))),
      phoneMissing: messageOf(await lineAbout(laboratory, aRow("ann", { phone_number_verified: "true" }))),
      usernameInvalid: messageOf(await lineAbout(laboratory, aRow("ann", { "cognito:username": "a b" }))),
      mfaInvalid: messageOf(await lineAbout(laboratory, aRow("ann", { "cognito:mfa_enabled": "true" }))),
      usernameOfPhoneFormat: messageOf(
        await lineAbout(laboratory, aRow("ann", { "cognito:username": "+4917012345" }), {
          AliasAttributes: ["phone_number"],
        }),
      ),
    }),
    guess: ({ texts }) => ({
      emailMissing: texts.emailMissing,
      phoneMissing: texts.phoneMissing,
      usernameInvalid: texts.usernameInvalid,
      mfaInvalid: texts.mfaInvalid,
      usernameOfPhoneFormat: texts.usernameOfPhoneFormat,
    }),
  },
  {
    rules: "log-odd-name",
    question: "Which log group does a pool with an odd name write to?",
    settings: ["logGroupReplacement"],
    otherwise: { logGroupReplacement: "-" },
    ask: async (laboratory) => {
      const pool = await laboratory.pool({ PoolName: "poolferry real+aws @ 1" });
      await laboratory.import(pool, [aRow("ann")]);
      return laboratory.logGroup(pool);
    },
    guess: ({ logGroupReplacement: sign }) => `poolferry${sign}real${sign}aws${sign}${sign}${sign}1`,
  },
  {
    rules: "job-stop",
    question: "Can a job be stopped that was never started?",
    settings: ["stoppableStatuses", "wrongJobStatusError"],
    otherwise: { stoppableStatuses: ["Created"] },
    ask: async (laboratory) => {
      const UserPoolId = await laboratory.pool();
      const JobId = await laboratory.job(UserPoolId, "nothing");
      return outcomeOf(laboratory.cognito.send(new StopUserImportJobCommand({ UserPoolId, JobId })));
    },
    guess: (rules) => (rules.stoppableStatuses.includes("Created") ? "ok" : rules.wrongJobStatusError),
  },
  {
    rules: "job-once",
    question: "With which error is a job refused that is started again?",
    settings: ["wrongJobStatusError"],
    otherwise: { wrongJobStatusError: "InvalidParameterException" },
    ask: async (laboratory) => {
      const pool = await laboratory.pool();
      const { job } = await laboratory.import(pool, [aRow("ann")]);
      return outcomeOf(laboratory.start(pool, job.JobId ?? ""));
    },
    guess: (rules) => rules.wrongJobStatusError,
  },
  {
    rules: "job-verified-pool",
    question: "With which error is a job refused in a pool that verifies nothing automatically?",
    settings: ["nothingAutoVerifiedError", "texts.nothingAutoVerified"],
    otherwise: { nothingAutoVerifiedError: "InvalidParameterException" },
    ask: async (laboratory) => {
      const pool = await laboratory.pool({ AutoVerifiedAttributes: [] });
      const csv = await laboratory.csv(pool, [aRow("ann")]);
      return outcomeOf(laboratory.job(pool, csv).then((job) => laboratory.start(pool, job)));
    },
    guess: (rules) => rules.nothingAutoVerifiedError,
  },
  {
    rules: "job-one",
    question: "With which error is a second active job refused, in the same pool and in another?",
    settings: ["secondActiveJobError", "oneActiveJobPer", "texts.anotherJobActive"],
    otherwise: { oneActiveJobPer: "pool", secondActiveJobError: "LimitExceededException" },
    ask: async (laboratory) => {
      const [pool, other] = [await laboratory.pool(), await laboratory.pool()];
      const rows = Array.from({ length: 20_000 }, (_, place) => aRow(`user${place}`));
      const long = await laboratory.job(pool, await laboratory.csv(pool, rows));
      const second = await laboratory.job(pool, await laboratory.csv(pool, [aRow("ann")]));
      const elsewhere = await laboratory.job(other, await laboratory.csv(other, [aRow("ann")]));
      await laboratory.start(pool, long);
      const answer = {
        samePool: await outcomeOf(laboratory.start(pool, second)),
        otherPool: await outcomeOf(laboratory.start(other, elsewhere)),
      };
      await laboratory.end(pool, long);
      if (answer.otherPool === "ok") await laboratory.end(other, elsewhere);
      return answer;
    },
    guess: (rules) => ({
      samePool: rules.secondActiveJobError,
      otherPool: rules.oneActiveJobPer === "pool" ? "ok" : rules.secondActiveJobError,
    }),
  },
  {
    rules: "create-alias",
    question: "With which error does AdminCreateUser refuse an alias that another user has?",
    settings: ["aliasExistsError"],
    otherwise: { aliasExistsError: "AliasExistsException" },
    ask: async (laboratory) => {
      const UserPoolId = await laboratory.pool({ AliasAttributes: ["email"] });
      await laboratory.import(UserPoolId, [aRow("ann")]);
      const command = new AdminCreateUserCommand({
        UserPoolId,
        Username: "bob",
        UserAttributes: [
          { Name: "email", Value: "ann@example.com" },
          { Name: "email_verified", Value: "true" },
        ],
        MessageAction: "SUPPRESS",
        TemporaryPassword: "Password1!",
      });
      return outcomeOf(laboratory.cognito.send(command));
    },
    guess: (rules) => rules.aliasExistsError,
  },
  {
    rules: "list-pick",
    question: "Does ListUsers refuse AttributesToGet that a user lacks?",
    settings: ["attributesToGetMustBeSet"],
    otherwise: { attributesToGetMustBeSet: false },
    ask: async (laboratory) => {
      const UserPoolId = await laboratory.pool();
      await laboratory.import(UserPoolId, [aRow("ann")]);
      const command = new ListUsersCommand({ UserPoolId, AttributesToGet: ["nickname"] });
      return (await outcomeOf(laboratory.cognito.send(command))) !== "ok";
    },
    guess: (rules) => rules.attributesToGetMustBeSet,
  },
  {
    rules: "list-zero, list-order",
    question: "What does a Limit of 0 mean, and in which order are users listed?",
    settings: [],
    ask: async (laboratory) => {
      const UserPoolId = await laboratory.pool();
      await laboratory.import(
        UserPoolId,
        ["c", "a", "b"].map((name) => aRow(name)),
      );
      const { Users = [] } = await laboratory.cognito.send(new ListUsersCommand({ UserPoolId, Limit: 0 }));
      return Users.map(({ Username }) => Username);
    },
    guess: () => ["c", "a", "b"],
  },
  {
    rules: "user-email",
    question: "Which of these e-mail addresses are taken?",
    settings: ["emailPattern"],
    otherwise: { emailPattern: /example/ },
    ask: async (laboratory) => taken(laboratory, {}, "email", EMAILS),
    guess: (rules) => EMAILS.filter((value) => rules.emailPattern.test(value)),
  },
  {
    rules: "user-phone",
    question: "Which of these phone numbers are taken?",
    settings: ["phonePattern"],
    otherwise: { phonePattern: /^\+\d{3,}$/ },
    ask: async (laboratory) => taken(laboratory, {}, "phone_number", PHONES),
    guess: (rules) => PHONES.filter((value) => rules.phonePattern.test(value)),
  },
  {
    rules: "user-number",
    question: "Which of these numbers are taken for a Number attribute?",
    settings: ["numberPattern"],
    otherwise: { numberPattern: /^\d+$/ },
    ask: async (laboratory) => {
      const Schema = [{ Name: "n", AttributeDataType: "Number" as const, Mutable: true }];
      return taken(laboratory, { Schema }, "custom:n", NUMBERS);
    },
    guess: (rules) => NUMBERS.filter((value) => rules.numberPattern.test(value)),
  },
  {
    rules: "user-time",
    question: "Which of these times are taken for a DateTime attribute?",
    settings: ["dateTimePattern"],
    otherwise: { dateTimePattern: /^\d+$/ },
    ask: async (laboratory) => {
      const Schema = [{ Name: "t", AttributeDataType: "DateTime" as const, Mutable: true }];
      return taken(laboratory, { Schema }, "custom:t", TIMES);
    },
    guess: (rules) => TIMES.filter((value) => rules.dateTimePattern.test(value)),
  },
  {
    rules: "change-alias, change-unverified",
    question:
      "What does AdminUpdateUserAttributes do with another user's alias, and with a new e-mail's flag?",
    settings: ["aliasOnUpdate", "changedContactBecomesUnverified"],
    otherwise: { aliasOnUpdate: "refuse", changedContactBecomesUnverified: false },
    ask: async (laboratory) => {
      const UserPoolId = await laboratory.pool({ AliasAttributes: ["email"] });
      await laboratory.import(UserPoolId, [aRow("ann"), aRow("bob"), aRow("eve")]);
      const update = (Username: string, email: string, verified: readonly AttributeType[]) => {
        const UserAttributes = [{ Name: "email", Value: email }, ...verified];
        const command = new AdminUpdateUserAttributesCommand({ UserPoolId, Username, UserAttributes });
        return outcomeOf(laboratory.cognito.send(command));
      };
      const verified = { Name: "email_verified", Value: "true" };
      const alias = await update("bob", "ann@example.com", [verified]);
      await update("eve", "new@example.com", []);
      const eve = (await laboratory.users(UserPoolId)).find(({ Username }) => Username === "eve");
      const flag = eve?.Attributes?.find(({ Name }) => Name === "email_verified")?.Value;
      return { alias, flag };
    },
    guess: (rules) => ({
      alias: rules.aliasOnUpdate === "move" ? "ok" : "AliasExistsException",
      flag: String(!rules.changedContactBecomesUnverified),
    }),
  },
  {
    rules: "mfa-status",
    question: "Can an imported user who must reset the password be given SMS MFA?",
    settings: ["mfaPreferenceRefusedFor"],
    otherwise: { mfaPreferenceRefusedFor: [] },
    ask: async (laboratory) => {
      const UserPoolId = await laboratory.pool({ MfaConfiguration: "OFF" });
      await laboratory.import(UserPoolId, [aRow("ann", { phone_number: "+4917012345" })]);
      const command = new AdminSetUserMFAPreferenceCommand({
        UserPoolId,
        Username: "ann",
        SMSMfaSettings: { Enabled: true },
      });
      return outcomeOf(laboratory.cognito.send(command));
    },
    guess: (rules) => {
      return rules.mfaPreferenceRefusedFor.includes("RESET_REQUIRED")
        ? "PasswordResetRequiredException"
        : "ok";
    },
  },
  {
    rules: "pool-busy",
    question: "Can a pool be changed while its import job runs?",
    settings: ["poolChangesDuringImport", "texts.importInProgress"],
    otherwise: { poolChangesDuringImport: "allowed" },
    ask: async (laboratory) => {
      const UserPoolId = await laboratory.pool();
      const rows = Array.from({ length: 20_000 }, (_, place) => aRow(`user${place}`));
      const job = await laboratory.job(UserPoolId, await laboratory.csv(UserPoolId, rows));
      await laboratory.start(UserPoolId, job);
      const CustomAttributes = [{ Name: "x", AttributeDataType: "String" as const, Mutable: true }];
      const command = new AddCustomAttributesCommand({ UserPoolId, CustomAttributes });
      const answer = await outcomeOf(laboratory.cognito.send(command));
      await laboratory.end(UserPoolId, job);
      return answer;
    },
    guess: (rules) => (rules.poolChangesDuringImport === "refused" ? "UserImportInProgressException" : "ok"),
  },
  {
    rules: "hash-eligible",
    question: "Does a new pool take password hashes, and with which error does it refuse them?",
    settings: ["hashEligible", "hashNotEligibleError", "texts.hashNotEligible"],
    otherwise: { hashEligible: false },
    ask: async (laboratory) => {
      const pool = await laboratory.pool();
      return outcomeOf(laboratory.job(pool, "nothing", { PasswordHashingAlgorithm: "BCRYPT" }));
    },
    guess: (rules) => (rules.hashEligible ? "ok" : rules.hashNotEligibleError),
  },
  {
    rules: "row-hash-refused, hash-limits",
    question: "What is said of a malformed hash, one above the limit, and one of another algorithm?",
    settings: ["texts.hashMalformed", "texts.hashOverLimit", "texts.hashOfOtherAlgorithm"],
    otherwise: { texts: { hashMalformed: "1", hashOverLimit: "2", hashOfOtherAlgorithm: "3" } },
    ask: async (laboratory) => {
      return saidOfHashes(laboratory, "BCRYPT", ["nonsense", BCRYPT.replace("05", "13"), PBKDF2("abcd")]);
    },
    guess: ({ texts }) => [texts.hashMalformed, texts.hashOverLimit, texts.hashOfOtherAlgorithm],
  },
  {
    rules: "hash-base64",
    question: "In which base64 may a PBKDF2 hash be?",
    settings: ["pbkdf2Base64"],
    otherwise: { pbkdf2Base64: ["padding"] },
    ask: async (laboratory) => {
      const said = await saidOfHashes(laboratory, "PBKDF2_SHA256", Object.values(DIALECTS).map(PBKDF2));
      return Object.keys(DIALECTS).filter((_, place) => said[place] === "ok");
    },
    guess: (rules) => rules.pbkdf2Base64,
  },
  {
    rules: "hash-unasked",
    question: "What does a password_hash do in a job that names no algorithm?",
    settings: ["hashWithoutAlgorithm", "texts.hashWithoutAlgorithm"],
    otherwise: { hashWithoutAlgorithm: "fails-the-row" },
    ask: async (laboratory) => {
      const pool = await laboratory.pool();
      const csv = await hashCsv(laboratory, pool, [BCRYPT, "", ""]);
      const { lines } = await laboratory.import(pool, csv);
      if (lines.length === 0) return "fails-the-job";
      return statusOf(lines[0]) === "SUCCEEDED" ? "ignored" : "fails-the-row";
    },
    guess: (rules) => rules.hashWithoutAlgorithm,
  },
  {
    rules: "hash-column",
    question: "What is said of a job with an algorithm whose file has no password_hash column?",
    settings: ["texts.hashColumnMissing"],
    otherwise: { texts: { hashColumnMissing: "Something else." } },
    ask: async (laboratory) => {
      const pool = await laboratory.pool();
      const csv = await laboratory.csv(pool, [aRow("ann")]);
      const { job } = await laboratory.import(pool, csv, { PasswordHashingAlgorithm: "BCRYPT" });
      return { status: job.Status, said: job.CompletionMessage };
    },
    guess: ({ texts }) => ({ status: "Failed", said: texts.hashColumnMissing }),
  },
  {
    rules: "row-passwordless",
    question: "Which status do imported users have where e-mailed codes let in?",
    settings: ["passwordlessConfirmed"],
    otherwise: { passwordlessConfirmed: false },
    ask: async (laboratory) => {
      const AllowedFirstAuthFactors: AuthFactorType[] = ["PASSWORD", "EMAIL_OTP"];
      const pool = await laboratory.pool({ Policies: { SignInPolicy: { AllowedFirstAuthFactors } } });
      await laboratory.import(pool, [aRow("ann")]);
      return (await laboratory.users(pool))[0]?.UserStatus;
    },
    guess: (rules) => (rules.passwordlessConfirmed ? "CONFIRMED" : rules.importedStatus),
  },
  {
    rules: "job-breaks-off",
    question: "Does a job break off when its first rows fail, so that the others have no line?",
    settings: ["jobFailsAfterRows"],
    otherwise: { jobFailsAfterRows: 50 },
    ask: async (laboratory) => {
      const pool = await laboratory.pool();
      const rows = Array.from({ length: 200 }, (_, place) => {
        return aRow(`user${place}`, place < 150 ? { email_verified: "false" } : {});
      });
      return (await laboratory.import(pool, rows)).lines.length;
    },
    guess: (rules) => Math.min(200, rules.jobFailsAfterRows),
  },
  {
    rules: "secret-hash, signup-password",
    question:
      "What is said of a secret hash for a client without a secret, and of a sign-up without a password?",
    settings: ["texts.secretHashUnexpected", "texts.passwordMissing"],
    otherwise: { texts: { secretHashUnexpected: "1", passwordMissing: "2" } },
    ask: async (laboratory) => {
      const UserPoolId = await laboratory.pool({ AutoVerifiedAttributes: [] });
      const client = new CreateUserPoolClientCommand({ UserPoolId, ClientName: "web" });
      const { UserPoolClient } = await laboratory.cognito.send(client);
      const ClientId = UserPoolClient?.ClientId ?? "";
      const said = (input: Partial<SignUpCommandInput>) => {
        return messageFrom(
          laboratory.cognito.send(new SignUpCommand({ ClientId, Username: "ann", ...input })),
        );
      };
      return [await said({ Password: "Password1!", SecretHash: "c2VjcmV0" }), await said({})];
    },
    guess: ({ texts }) => [texts.secretHashUnexpected, texts.passwordMissing],
  },
  {
    rules: "signup-writable",
    question: "Does a client that names no WriteAttributes write custom attributes?",
    settings: ["unnamedWriteAttributes"],
    otherwise: { unnamedWriteAttributes: "standard" },
    ask: async (laboratory) => {
      const Schema = [{ Name: "x", AttributeDataType: "String" as const, Mutable: true }];
      const UserPoolId = await laboratory.pool({ AutoVerifiedAttributes: [], Schema });
      const client = new CreateUserPoolClientCommand({ UserPoolId, ClientName: "web" });
      const { UserPoolClient } = await laboratory.cognito.send(client);
      const command = new SignUpCommand({
        ClientId: UserPoolClient?.ClientId,
        Username: "ann",
        Password: "Password1!",
        UserAttributes: [{ Name: "custom:x", Value: "1" }],
      });
      return (await outcomeOf(laboratory.cognito.send(command))) === "ok" ? "all" : "standard";
    },
    guess: (rules) => rules.unnamedWriteAttributes,
  },
  {
    rules: "client-validity, client-old-flows",
    question: "What is said of a token's life out of range, and of old and new flows together?",
    settings: ["texts.tokenValidityRange", "texts.mixedAuthFlows"],
    otherwise: { texts: { tokenValidityRange: "1", mixedAuthFlows: "2" } },
    ask: async (laboratory) => {
      const UserPoolId = await laboratory.pool();
      const said = (input: Partial<CreateUserPoolClientCommandInput>) => {
        const command = new CreateUserPoolClientCommand({ UserPoolId, ClientName: "web", ...input });
        return messageFrom(laboratory.cognito.send(command));
      };
      return [
        await said({ AccessTokenValidity: 25 }),
        await said({ ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"] }),
      ];
    },
    guess: ({ texts }) => [texts.tokenValidityRange, texts.mixedAuthFlows],
  },
  {
    rules: "signin-disabled",
    question: "Does a client that hides who exists name a disabled user before the password is proven?",
    settings: ["disabledShownWhenHiding"],
    otherwise: { disabledShownWhenHiding: true },
    ask: async (laboratory) => {
      const UserPoolId = await laboratory.pool();
      await laboratory.import(UserPoolId, [aRow("ann")]);
      const client = new CreateUserPoolClientCommand({
        UserPoolId,
        ClientName: "web",
        ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        PreventUserExistenceErrors: "ENABLED",
      });
      const { UserPoolClient } = await laboratory.cognito.send(client);
      await laboratory.cognito.send(new AdminDisableUserCommand({ UserPoolId, Username: "ann" }));
      const command = new InitiateAuthCommand({
        ClientId: UserPoolClient?.ClientId,
        AuthFlow: "USER_PASSWORD_AUTH",
        AuthParameters: { USERNAME: "ann", PASSWORD: "wrong" },
      });
      return messageFrom(laboratory.cognito.send(command));
    },
    guess: (rules) =>
      rules.disabledShownWhenHiding ? "User is disabled." : "Incorrect username or password.",
  },
  {
    rules: "quota-limit",
    question: "Does GetProvisionedLimit know categories that cannot be raised?",
    settings: [],
    ask: async (laboratory) => {
      const LimitDefinition = { LimitClass: "API_CATEGORY" as const, Attributes: { Category: "UserUpdate" } };
      return outcomeOf(laboratory.cognito.send(new GetProvisionedLimitCommand({ LimitDefinition })));
    },
    guess: () => "ok",
  },
  {
    rules: "pool-case",
    question: "Is a user of another case found in a pool that says nothing about case?",
    settings: [],
    ask: async (laboratory) => {
      const UserPoolId = await laboratory.pool();
      await laboratory.import(UserPoolId, [aRow("ann")]);
      return outcomeOf(laboratory.cognito.send(new AdminGetUserCommand({ UserPoolId, Username: "ANN" })));
    },
    guess: () => "UserNotFoundException",
  },
];
