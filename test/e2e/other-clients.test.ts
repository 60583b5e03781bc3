import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { finish, jsonOf, LOCAL_ENV, runCli, startCli } from "../support/cli.ts";
import { startMoto } from "../support/moto.ts";
import { isInstalled } from "../support/programs.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, migrateArgs } from "../support/target.ts";
import { aFolder } from "../support/files.ts";

const DEMO_EXPORT = fileURLToPath(new URL("../../fixtures/demo/auth0-export.json", import.meta.url));

async function aws(args: readonly string[], endpointUrl: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(
    "aws",
    [...args, "--endpoint-url", endpointUrl, "--output", "json"],
    {
      env: { ...LOCAL_ENV, AWS_DEFAULT_REGION: "us-east-1" },
    },
  );
  return JSON.parse(stdout);
}

test.skipIf(!isInstalled("aws", "asking for the migrated users with another client"))(
  "the AWS CLI lists the migrated users and the finished job",
  async () => {
    const target = await aTarget();
    await runCli(migrateArgs(target, `auth0:${DEMO_EXPORT}`, { output: [] }));
    const listed = (await aws(
      ["cognito-idp", "list-users", "--user-pool-id", target.userPoolId],
      target.emulator.url,
    )) as {
      Users: { Username: string; UserStatus: string; Enabled: boolean }[];
    };
    const states = listed.Users.map(
      ({ Username, UserStatus, Enabled }) => `${Username} ${UserStatus} ${Enabled ? "enabled" : "disabled"}`,
    );
    expect(states.sort()).toEqual([
      "ada.nowak@example.com RESET_REQUIRED enabled",
      "bjorn RESET_REQUIRED enabled",
      "chen.li@example.com RESET_REQUIRED enabled",
      "diego.ruiz@example.com RESET_REQUIRED enabled",
      "eve.okafor@example.com FORCE_CHANGE_PASSWORD enabled",
      "farid.haddad@example.com RESET_REQUIRED disabled",
      "grace.kim@example.com RESET_REQUIRED enabled",
      "ivan.petrov@example.com RESET_REQUIRED enabled",
      "kofi.mensah@example.com RESET_REQUIRED enabled",
    ]);
    const jobs = (await aws(
      ["cognito-idp", "list-user-import-jobs", "--user-pool-id", target.userPoolId, "--max-results", "10"],
      target.emulator.url,
    )) as { UserImportJobs: { Status: string; ImportedUsers: number }[] };
    expect(jobs.UserImportJobs).toMatchObject([{ Status: "Succeeded", ImportedUsers: 8 }]);
  },
);

test.skipIf(
  !isInstalled("moto_server", "pointing the command at another service") ||
    !isInstalled("aws", "making a pool there"),
)("a Cognito-compatible service without import jobs is named as such, and nothing is sent", async () => {
  const url = await startMoto();
  const created = (await aws(
    ["cognito-idp", "create-user-pool", "--pool-name", "p", "--auto-verified-attributes", "email"],
    url,
  )) as {
    UserPool: { Id: string };
  };
  const flags = ["--user-pool-id", created.UserPool.Id, "--region", "us-east-1", "--endpoint-url", url];
  const result = await runCli([
    "plan",
    "--from",
    `csv:${aUserCsv(2)}`,
    ...flags,
    "--run-dir",
    join(aFolder(), "run"),
    "--json",
  ]);
  expect(jsonOf(result).error).toMatchObject({
    code: "ENDPOINT_UNSUPPORTED",
    message: expect.stringContaining("gives no usable answer to GetCSVHeader") as string,
  });
  expect(result.exitCode).toBe(2);
  const users = (await aws(["cognito-idp", "list-users", "--user-pool-id", created.UserPool.Id], url)) as {
    Users: unknown[];
  };
  expect(users.Users).toEqual([]);
});

test("the SDK's own endpoint variables work in place of --endpoint-url", async () => {
  const target = await aTarget();
  const env = {
    AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: target.emulator.url,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: target.emulator.url,
  };
  const flags = [
    "--user-pool-id",
    target.userPoolId,
    "--logs-role-arn",
    "arn:aws:iam::123456789012:role/import-log",
  ];
  const result = await runCli(
    [
      "migrate",
      "--from",
      `csv:${aUserCsv(2)}`,
      ...flags,
      "--run-dir",
      join(aFolder(), "run"),
      "--yes",
      "--json",
    ],
    { env },
  );
  expect(jsonOf(result)).toMatchObject({ outcomes: { imported: 2 }, exitCode: 0 });
});

test("an address for CloudWatch Logs in the environment goes before --endpoint-url", async () => {
  const target = await aTarget();
  const logs = await aTarget();
  const result = await runCli(
    ["plan", "--from", `csv:${aUserCsv(2)}`, ...target.flags, "--run-dir", join(aFolder(), "run"), "--json"],
    { env: { AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: logs.emulator.url } },
  );
  const { runDir } = jsonOf(result);
  // That server has no such log, so the users are looked up in the pool.
  const child = startCli(["apply", "--run-dir", runDir]);
  const ended = finish(child);
  await expect
    .poll(() => logs.emulator.requestCounts.get("DescribeLogGroups"), { timeout: 60_000 })
    .toBeGreaterThan(0);
  expect(target.emulator.requestCounts.get("DescribeLogGroups")).toBeUndefined();
  child.kill("SIGKILL");
  await ended;
});

/** A forward proxy for plain HTTP, which is asked with whole URLs; remembers the hosts and methods. */
async function aProxy(): Promise<{ url: string; asked: readonly string[] }> {
  const asked: string[] = [];
  const proxy = createServer((incoming, outgoing) => {
    const { method, headers, url = "" } = incoming;
    asked.push(`${method} ${new URL(url).host}`);
    const onward = request(url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked };
}

test("a proxy in the environment is used, for Cognito and for the upload", async () => {
  const target = await aTarget();
  const proxy = await aProxy();
  const result = await runCli(migrateArgs(target, `csv:${aUserCsv(2)}`), { env: { HTTP_PROXY: proxy.url } });
  expect(jsonOf(result)).toMatchObject({ outcomes: { imported: 2 }, exitCode: 0 });
  const { host } = new URL(target.emulator.url);
  expect(new Set(proxy.asked)).toEqual(new Set([`POST ${host}`, `PUT ${host}`]));
});
