import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { BIN, jsonOf, LOCAL_ENV, runCli, type CommandOptions } from "../support/cli.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, migrateArgs, type Target } from "../support/target.ts";
import { aFile, aFolder } from "../support/files.ts";

interface Trouble {
  readonly what: string;
  readonly code: string;
  readonly exitCode: number;
  /** What the message must name. */
  readonly names: RegExp;
  readonly source: () => string;
  readonly config?: string;
  readonly target?: () => Promise<Target>;
  readonly flags?: (target: Target) => readonly string[];
  readonly env?: CommandOptions["env"];
}

const NDJSON = Array.from({ length: 40 }, (_, index) =>
  JSON.stringify({ username: `u${index}`, email: `u${index}@example.com`, email_verified: true }),
).join("\n");
const good = (): string => `csv:${aUserCsv(3)}`;

const TROUBLES: readonly Trouble[] = [
  {
    what: "a truncated JSON file",
    code: "SOURCE_TRUNCATED",
    exitCode: 2,
    names: /users\.json is cut short/,
    source: () => `json:${aFile(`[${NDJSON.replaceAll("\n", ",")}]`.slice(0, -30), "users.json")}`,
  },
  {
    what: "a truncated NDJSON file",
    code: "SOURCE_TRUNCATED",
    exitCode: 2,
    names: /last line, 40,/,
    source: () => `ndjson:${aFile(NDJSON.slice(0, -10), "users.ndjson")}`,
  },
  {
    what: "a truncated gzip file",
    code: "SOURCE_TRUNCATED",
    exitCode: 2,
    names: /gzip stream ends too early/,
    source: () => `ndjson:${aFile(gzipSync(NDJSON).subarray(0, -20), "users.gz")}`,
  },
  {
    what: "a truncated CSV file",
    code: "SOURCE_TRUNCATED",
    exitCode: 2,
    names: /last line, 3,/,
    source: () =>
      `csv:${aFile("username,email,email_verified\nu1,u1@example.com,true\nu2,u2@ex", "users.csv")}`,
  },
  {
    what: "a JSON file named as CSV",
    code: "SOURCE_FORMAT",
    exitCode: 2,
    names: /is a JSON array, not CSV/,
    source: () => `csv:${aFile(`[${NDJSON.replaceAll("\n", ",")}]`, "users.csv")}`,
  },
  {
    what: "a CSV file named as Auth0 export",
    code: "SOURCE_FORMAT",
    exitCode: 2,
    names: /has no column user_id/,
    source: () => `auth0:${aUserCsv(2)}`,
  },
  {
    what: "an empty file",
    code: "SOURCE_FORMAT",
    exitCode: 2,
    names: /empty/,
    source: () => `csv:${aFile("", "users.csv")}`,
  },
  {
    what: "a file with a header and no user",
    code: "SOURCE_FORMAT",
    exitCode: 2,
    names: /holds no user/,
    source: () => `csv:${aFile("username,email,email_verified\n", "users.csv")}`,
  },
  {
    what: "a missing file",
    code: "SOURCE_NOT_FOUND",
    exitCode: 2,
    names: /no file \/nowhere\/users\.csv/,
    source: () => "csv:/nowhere/users.csv",
  },
  {
    what: "an unknown source type",
    code: "USAGE",
    exitCode: 2,
    names: /no source type xls/,
    source: () => "xls:users.xls",
  },
  {
    what: "too many ragged rows",
    code: "TOO_MANY_BAD_ROWS",
    exitCode: 5,
    names: /2 of 3 rows/,
    source: () =>
      `csv:${aFile("username,email,email_verified\nu1,a\nu2,b\nu3,u3@example.com,true\n", "users.csv")}`,
  },
  {
    what: "a flag that can be read of nobody",
    code: "FLAGS_UNREADABLE",
    exitCode: 5,
    names: /disabled could not be read of 12 of 12 users/,
    source: () =>
      `csv:${aFile(
        `username,email,email_verified,Aktiv\n${Array.from({ length: 12 }, (_, at) => `u${at},u${at}@example.com,true,ja\n`).join("")}`,
        "users.csv",
      )}`,
    config: "mapping: { enabled: Aktiv }",
  },
  {
    what: "an unknown column in the mapping",
    code: "MAPPING_INVALID",
    exitCode: 2,
    names: /mapping\.attributes\.given_name reads the column frist_name/,
    source: good,
    config: "mapping: { attributes: { given_name: frist_name } }",
  },
  {
    what: "an unknown path in the mapping",
    code: "MAPPING_INVALID",
    exitCode: 2,
    names: /mapping\.attributes\.given_name reads profile\.first/,
    source: () => `ndjson:${aFile(NDJSON, "users.ndjson")}`,
    config: "mapping: { attributes: { given_name: profile.first } }",
  },
  {
    what: "an unknown attribute in the mapping",
    code: "MAPPING_INVALID",
    exitCode: 2,
    names: /has no attribute plan to set/,
    source: good,
    config: "mapping: { attributes: { plan: plan } }",
  },
  {
    what: "a required attribute without a rule",
    code: "MAPPING_INVALID",
    exitCode: 2,
    names: /requires family_name/,
    source: good,
    target: () =>
      aTarget({
        Schema: [{ Name: "family_name", Required: true, AttributeDataType: "String", Mutable: true }],
      }),
  },
  {
    what: "an unknown key in the config",
    code: "CONFIG_INVALID",
    exitCode: 2,
    names: /ferry\.yaml:2:\d+ mapping\.usrname: there is no such key/,
    source: good,
    config: "mapping:\n  usrname: email",
  },
  {
    what: "a missing pool",
    code: "POOL_NOT_FOUND",
    exitCode: 2,
    names: /no user pool us-east-1_Nowhere1 in us-east-1/,
    source: good,
    flags: (target) => ["--user-pool-id", "us-east-1_Nowhere1", ...target.flags.slice(2)],
  },
  {
    what: "something that is no pool id",
    code: "USAGE",
    exitCode: 2,
    names: /customers is not a user pool id/,
    source: good,
    flags: (target) => ["--user-pool-id", "customers", ...target.flags.slice(2)],
  },
  {
    what: "wrong credentials",
    code: "CREDENTIALS_INVALID",
    exitCode: 2,
    names: /does not accept the credentials for DescribeUserPool/,
    source: good,
    target: () => aTarget({}, { credentials: { accessKeyId: "AKIAREAL", secretAccessKey: "right" } }),
    env: { AWS_ACCESS_KEY_ID: "AKIAREAL", AWS_SECRET_ACCESS_KEY: "wrong" },
  },
  {
    what: "an unknown access key",
    code: "CREDENTIALS_INVALID",
    exitCode: 2,
    names: /does not accept the credentials/,
    source: good,
    target: () => aTarget({}, { credentials: { accessKeyId: "AKIAREAL", secretAccessKey: "right" } }),
  },
  {
    what: "no credentials",
    code: "CREDENTIALS_MISSING",
    exitCode: 2,
    names: /No AWS credentials were found/,
    source: good,
    env: { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" },
  },
  {
    what: "an unknown profile",
    code: "CREDENTIALS_MISSING",
    exitCode: 2,
    names: /profile nobody/,
    source: good,
    flags: (target) => [...target.flags, "--profile", "nobody"],
    env: { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" },
  },
  {
    what: "a pool without auto-verified attributes",
    code: "POOL_UNREADY",
    exitCode: 2,
    names: /verifies neither e-mail addresses nor phone numbers/,
    source: good,
    target: () => aTarget({ AutoVerifiedAttributes: [] }),
  },
  {
    what: "no role for the log",
    code: "LOGS_ROLE_MISSING",
    exitCode: 2,
    names: /needs a role/,
    source: good,
    flags: (target) => target.flags.slice(0, 4),
  },
  {
    what: "https where only http is spoken",
    code: "ENDPOINT_UNREACHABLE",
    exitCode: 2,
    names: /https:\/\/127\.0\.0\.1:\d+ cannot be spoken to securely/,
    source: good,
    flags: ({ flags, emulator }) => [...flags, "--endpoint-url", emulator.url.replace("http:", "https:")],
  },
  {
    what: "a proxy that is no address",
    code: "USAGE",
    exitCode: 2,
    names: /An address is not valid/,
    source: good,
    env: { HTTPS_PROXY: "proxy" },
  },
  {
    what: "an address that is no URL",
    code: "USAGE",
    exitCode: 2,
    names: /--endpoint-url localhost is not/,
    source: good,
    flags: (target) => [...target.flags, "--endpoint-url", "localhost"],
  },
];

test.each(TROUBLES)(
  "$what ends with one clear sentence, a hint and its exit code, and nothing is sent",
  async (trouble) => {
    const target = await (trouble.target ?? aTarget)();
    const runDir = join(aFolder(), "run");
    const config = trouble.config === undefined ? [] : ["--config", aFile(trouble.config, "ferry.yaml")];
    const flags = trouble.flags?.(target) ?? target.flags;
    const result = await runCli(
      ["migrate", "--from", trouble.source(), ...flags, ...config, "--run-dir", runDir, "--yes", "--json"],
      trouble.env === undefined ? {} : { env: trouble.env },
    );

    const { error, exitCode } = jsonOf(result);
    expect(error?.code).toBe(trouble.code);
    expect(error?.message).toMatch(trouble.names);
    expect(error?.hint).toMatch(/\w{3}/);
    expect(exitCode).toBe(trouble.exitCode);
    expect(result.exitCode).toBe(trouble.exitCode);
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect(
      [...target.emulator.requestCounts.keys()].filter(
        (operation) => !/^(CreateUserPool|DescribeUserPool|GetCSVHeader)$/.test(operation),
      ),
    ).toEqual([]);
    expect(existsSync(runDir)).toBe(false);
  },
);

test("an address where nothing answers is named after a few tries", async () => {
  const result = await runCli(
    [
      "plan",
      "--from",
      good(),
      "--user-pool-id",
      "us-east-1_Nowhere1",
      "--endpoint-url",
      "http://127.0.0.1:9",
      "--json",
    ],
    { cwd: aFolder() },
  );
  expect(jsonOf(result).error).toMatchObject({
    code: "ENDPOINT_UNREACHABLE",
    message: expect.stringMatching(
      /127\.0\.0\.1:9 does not answer DescribeUserPool \(ECONNREFUSED\)/,
    ) as string,
  });
  expect(result.exitCode).toBe(2);
});

test("without a terminal and without --yes nothing begins", async () => {
  const target = await aTarget();
  const result = await runCli(["migrate", "--from", good(), ...target.flags]);
  expect(result.stderr).toContain("[CONFIRMATION_MISSING]");
  expect(result.exitCode).toBe(2);
  expect(target.emulator.requestCounts.get("DescribeUserPool")).toBeUndefined();
});

test.each([
  { args: ["aply"], says: "Did you mean apply?" },
  { args: ["plan", "--frm", "csv:x"], says: "Did you mean --from?" },
  { args: ["apply"], says: "--run-dir is missing" },
  { args: ["plan"], says: "--from TYPE:PATH is missing" },
  { args: ["plan", "--from", "users.csv"], says: "is not of the form TYPE:PLACE" },
  { args: ["status", "--run-dir", "/nowhere"], says: "There is no run in /nowhere" },
  { args: ["resume", "--run-dir", "/nowhere"], says: "There is no run in /nowhere" },
])("poolferry $args is a usage error that says: $says", async ({ args, says }) => {
  const result = await runCli(args);
  expect(result.stderr).toContain(says);
  expect(result.exitCode).toBe(2);
});

test("a run folder below a file is named as unusable", async () => {
  const target = await aTarget();
  const runDir = join(aFile("no folder"), "run");
  const result = await runCli(migrateArgs(target, good(), { runDir }));
  expect(jsonOf(result).error).toMatchObject({
    code: "DISK_UNUSABLE",
    message: expect.stringContaining(`${runDir} is not a folder`) as string,
  });
  expect(result.exitCode).toBe(2);
});

const isRoot = process.getuid?.() === 0;

test("a run folder that lets nobody look is not taken for one without a run", async ({ skip }) => {
  const runDir = join(aFolder(), "run");
  mkdirSync(runDir, { mode: 0 });
  // Root may look everywhere, unless it was taken from it.
  const [program, ...before] = isRoot ? [...WITHOUT_RIGHTS, process.execPath] : [process.execPath];
  if (isRoot && spawnSync("setpriv", ["--version"]).status !== 0)
    skip("root cannot be kept out without setpriv");
  const parameters = [...before, BIN, "status", "--run-dir", runDir];
  const result = spawnSync(program, parameters, { env: LOCAL_ENV, encoding: "utf8" });
  expect(result.stderr).toContain(`${runDir} cannot be looked into (EACCES)`);
  expect(result.stderr).toContain("[DISK_UNUSABLE]");
  expect(result.status).toBe(2);
});

const WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"];

if (!isRoot) console.warn("skipped: a disk that is full needs root, to mount a small one");

/** A disk of this many kilobytes. */
function aSmallDisk(kilobytes: number): string | undefined {
  const folder = aFolder();
  if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", folder]).status !== 0)
    return undefined;
  onTestFinished(() => void spawnSync("umount", [folder]));
  return folder;
}

test.runIf(isRoot)("a disk that fills up in the plan is named, and nothing is sent", async ({ skip }) => {
  const target = await aTarget();
  const disk = aSmallDisk(256) ?? skip("no small disk can be mounted here");
  const result = await runCli(migrateArgs(target, `csv:${aUserCsv(3_000)}`, { runDir: join(disk, "run") }));
  expect(jsonOf(result).error).toMatchObject({
    code: "DISK_UNUSABLE",
    message: expect.stringContaining("full") as string,
  });
  expect(result.exitCode).toBe(2);
  expect(target.emulator.requestCounts.get("CreateUserImportJob")).toBeUndefined();
});
