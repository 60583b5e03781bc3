// Measures the local Cognito as a process of its own: AdminCreateUser against moto, ListUsers page by page,
// an import job of 500,000 rows, and the memory of 1,000,000 users.
//
//   npm run bench:emulator
import {
  AdminCreateUserCommand,
  CognitoIdentityProviderClient,
  CreateUserImportJobCommand,
  CreateUserPoolCommand,
  DescribeUserImportJobCommand,
  GetCSVHeaderCommand,
  paginateListUsers,
  StartUserImportJobCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { BIN } from "./local-pool.ts";

const ROLE = "arn:aws:iam::123456789012:role/bench";
const ROWS_IN_JOB = 500_000;

interface Server extends Disposable {
  readonly process: ChildProcess;
  readonly client: CognitoIdentityProviderClient;
}

/** Starts a server and waits until it has said where it listens; nothing if the program is not there. */
async function startServer(command: string, parameters: readonly string[]): Promise<Server | undefined> {
  const child = spawn(command, parameters, { stdio: ["ignore", "pipe", "pipe"] });
  const failed = once(child, "error");
  const endpoint = await Promise.race([addressOf(child), failed.then(() => undefined)]);
  if (endpoint === undefined) return undefined;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new CognitoIdentityProviderClient({ endpoint, region: "us-east-1", credentials });
  return {
    process: child,
    client,
    [Symbol.dispose]: () => {
      client.destroy();
      child.kill("SIGKILL");
    },
  };
}

async function addressOf({ stdout, stderr }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let printed = "";
    for (const stream of [stdout, stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        if (printed.length < 10_000) printed += text;
        const [address] = /http:\/\/127\.0\.0\.1:\d+(?=\s)/.exec(printed) ?? [];
        if (address !== undefined) resolve(address);
      });
    }
  });
}

async function createPool({ client }: Server): Promise<string> {
  const command = new CreateUserPoolCommand({ PoolName: "bench", AutoVerifiedAttributes: ["email"] });
  return (await client.send(command)).UserPool?.Id ?? "";
}

/** Users created per second by so many requests at a time. */
async function creationRate(server: Server, users: number, concurrency: number): Promise<number> {
  const UserPoolId = await createPool(server);
  let next = 0;
  const startedMs = performance.now();
  const work = async () => {
    while (next < users) {
      const Username = `user${next}`;
      next += 1;
      await server.client.send(
        new AdminCreateUserCommand({
          UserPoolId,
          Username,
          MessageAction: "SUPPRESS",
          TemporaryPassword: "Password1!",
          UserAttributes: [{ Name: "email", Value: `${Username}@example.com` }],
        }),
      );
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return users / ((performance.now() - startedMs) / 1000);
}

/** Imports rows of some thirteen columns; how long it took, in seconds, from the start to the end of the job. */
async function importUsers(server: Server, UserPoolId: string, first: number): Promise<number> {
  const { CSVHeader = [] } = await server.client.send(new GetCSVHeaderCommand({ UserPoolId }));
  const job = new CreateUserImportJobCommand({ UserPoolId, JobName: "bench", CloudWatchLogsRoleArn: ROLE });
  const { JobId, PreSignedUrl = "" } = (await server.client.send(job)).UserImportJob ?? {};
  const lines = [CSVHeader.join(",")];
  for (let place = first; place < first + ROWS_IN_JOB; place += 1) {
    const row: Readonly<Record<string, string>> = {
      "cognito:username": `user-${place}`,
      name: `Given ${place} Family ${place}`,
      given_name: `Given ${place}`,
      family_name: `Family ${place}`,
      nickname: `nick${place}`,
      email: `user.${place}@example.com`,
      email_verified: "true",
      phone_number: `+49170${place}`,
      phone_number_verified: "false",
      locale: "de-DE",
      zoneinfo: "Europe/Berlin",
      birthdate: "02/01/1985",
      updated_at: `${1_700_000_000 + place}`,
    };
    lines.push(CSVHeader.map((name) => row[name] ?? "").join(","));
  }
  const headers = { "x-amz-server-side-encryption": "aws:kms" };
  const response = await fetch(PreSignedUrl, { method: "PUT", headers, body: `${lines.join("\n")}\n` });
  if (!response.ok) throw new Error(await response.text());
  const startedMs = performance.now();
  await server.client.send(new StartUserImportJobCommand({ UserPoolId, JobId }));
  for (;;) {
    const command = new DescribeUserImportJobCommand({ UserPoolId, JobId });
    const { UserImportJob } = await server.client.send(command);
    if (UserImportJob?.CompletionDate !== undefined) {
      if (UserImportJob.ImportedUsers !== ROWS_IN_JOB) throw new Error(JSON.stringify(UserImportJob));
      return (performance.now() - startedMs) / 1000;
    }
    await delay(100);
  }
}

/** Milliseconds a page of ListUsers takes in the first, the middle and the last 500 pages. */
async function pageTimes({ client }: Server, UserPoolId: string): Promise<readonly number[]> {
  const times: number[] = [];
  let startedMs = performance.now();
  for await (const page of paginateListUsers({ client }, { UserPoolId })) {
    if ((page.Users?.length ?? 0) > 0) times.push(performance.now() - startedMs);
    startedMs = performance.now();
  }
  const median = (from: number) => times.slice(from, from + 500).sort((one, other) => one - other)[250] ?? 0;
  return [median(0), median(Math.floor(times.length / 2) - 250), median(times.length - 500)];
}

function residentMegabytes({ process: { pid } }: Server): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

async function main(): Promise<void> {
  const emulator = await startServer(process.execPath, [BIN, "emulator", "--port", "0", "--no-quotas"]);
  if (emulator === undefined) throw new Error("the emulator did not start; is the project built?");
  using own = emulator;
  using moto = await startServer("moto_server", ["-p", "0"]);
  console.log("AdminCreateUser, 3,000 users, users per second, each figure the best of three");
  for (const concurrency of [1, 20]) {
    const best = { emulator: 0, moto: 0 };
    for (let round = 0; round < 3; round += 1) {
      best.emulator = Math.max(best.emulator, await creationRate(own, 3000, concurrency));
      if (moto !== undefined) best.moto = Math.max(best.moto, await creationRate(moto, 3000, concurrency));
    }
    const ratio = moto === undefined ? "moto_server is not here" : (best.emulator / best.moto).toFixed(1);
    console.log(
      `  ${concurrency} at a time: emulator ${best.emulator.toFixed(0)}, moto ${best.moto.toFixed(0)}, ratio ${ratio}`,
    );
  }
  const pool = await createPool(own);
  for (const first of [1_000_000, 1_500_000]) {
    const seconds = await importUsers(own, pool, first);
    console.log(
      `import job of 500,000 rows: ${seconds.toFixed(1)} s; peak RSS ${residentMegabytes(own).toFixed(0)} MB`,
    );
  }
  const [head, middle, tail] = await pageTimes(own, pool);
  console.log(
    `ListUsers over 1,000,000 users, median ms a page: first ${head?.toFixed(2)}, middle ${middle?.toFixed(2)}, last ${tail?.toFixed(2)}`,
  );
  console.log(`peak RSS of the emulator with 1,000,000 users: ${residentMegabytes(own).toFixed(0)} MB`);
}

await main();
