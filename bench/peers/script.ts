// Users created as scripts that are passed around do it: the whole file in memory, AdminCreateUser for each, so many at a
// time, the SDK as it comes with its retries, and a line for whoever failed: node script.ts URL POOL FILE.
import {
  AdminCreateUserCommand,
  CognitoIdentityProviderClient,
} from "@aws-sdk/client-cognito-identity-provider";
import { parse } from "csv-parse/sync";
import { readFileSync } from "node:fs";
import PQueue from "p-queue";

const CONCURRENCY = 50;

const [, , endpoint = "", UserPoolId = "", path = ""] = process.argv;
const client = new CognitoIdentityProviderClient({ endpoint, region: "us-east-1" });
const limit = new PQueue({ concurrency: CONCURRENCY });
const users: Record<string, string>[] = parse(readFileSync(path), { columns: true });

let [created, failed] = [0, 0];

async function create({ username = "", ...attributes }: Record<string, string>): Promise<void> {
  const command = new AdminCreateUserCommand({
    UserPoolId,
    Username: username,
    MessageAction: "SUPPRESS",
    UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
  });
  try {
    await client.send(command);
    created += 1;
  } catch (error) {
    failed += 1;
    console.error(`${username}: ${String(error)}`);
  }
}

await Promise.all(users.map((user) => limit.add(() => create(user))));
console.log(`${created} created, ${failed} failed`);
