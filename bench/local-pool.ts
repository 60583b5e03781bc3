import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The command as it is built. */
export const BIN = fileURLToPath(new URL("../bin/poolferry.cjs", import.meta.url));

/** What the command is given of the environment: credentials that a local Cognito takes. */
export const ENVIRONMENT = {
  PATH: process.env["PATH"],
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
  AWS_EC2_METADATA_DISABLED: "true",
  NO_COLOR: "1",
};

/** A user pool at a local Cognito that is a process of its own. */
export interface LocalPool extends Disposable {
  readonly url: string;
  readonly userPoolId: string;
}

/** Starts a local Cognito with one pool; `flags` are more of the command's. */
export async function startLocalPool(...flags: readonly string[]): Promise<LocalPool> {
  const parameters = [BIN, "emulator", "--port", "0", "--pool", "bench", ...flags];
  const child = spawn(process.execPath, parameters, { stdio: ["ignore", "pipe", "ignore"] });
  const stop = (): unknown => child.kill("SIGKILL");
  process.once("exit", stop);
  let printed = "";
  for await (const text of child.stdout.setEncoding("utf8") as AsyncIterable<string>) {
    printed += text;
    const [, url, userPoolId] = /emulator (\S+) in [^]*user pool (\S+)\n/.exec(printed) ?? [];
    if (url !== undefined && userPoolId !== undefined)
      return {
        url,
        userPoolId,
        [Symbol.dispose]: () => {
          process.off("exit", stop);
          stop();
        },
      };
  }
  throw new Error("the local Cognito did not start; is the project built?");
}

/** What a local Cognito has counted of an operation. */
export interface OperationCounts {
  readonly requests: number;
  /** By the type of the error. */
  readonly refused: Readonly<Record<string, number>>;
}

/** What a local Cognito has counted since it began, by operation. */
export async function countsOf({
  url,
}: Pick<LocalPool, "url">): Promise<Readonly<Record<string, OperationCounts>>> {
  const { operations } = (await control(url, "GET", "stats")) as {
    readonly operations: Readonly<Record<string, OperationCounts>>;
  };
  return operations;
}

/** Requests of one operation: those that a local Cognito has carried out, and those that it has refused. */
export interface Requests {
  readonly accepted: number;
  readonly refused: number;
}

/** How many users a local Cognito was asked to create by an administrator. */
export async function creationsOf(pool: Pick<LocalPool, "url">): Promise<Requests> {
  const { requests = 0, refused = {} } = (await countsOf(pool))["AdminCreateUser"] ?? {};
  const notTaken = Object.values(refused).reduce((sum, count) => sum + count, 0);
  return { accepted: requests - notTaken, refused: notTaken };
}

/** Sets how many requests a second a local Cognito takes by category, and how many seconds' worth may come at once. */
export async function setQuotas(
  { url }: Pick<LocalPool, "url">,
  categories: Readonly<Record<string, number>>,
  burstSeconds = 1,
): Promise<void> {
  await control(url, "PUT", "quotas", { categories, burstSeconds });
}

async function control(url: string, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${url}/_emulator/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}
