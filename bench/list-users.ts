// Lists a user pool with the SDK alone, page by page, and does nothing with the users: node list-users.ts URL POOL [RPS],
// at most so many pages a second where that is given.
import { CognitoIdentityProviderClient, paginateListUsers } from "@aws-sdk/client-cognito-identity-provider";
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";

const [, , endpoint = "", UserPoolId = "", rps = "Infinity"] = process.argv;
const client = new CognitoIdentityProviderClient({ endpoint, region: "us-east-1" });
const startedMs = performance.now();
let pages = 0;
let users = 0;
for await (const { Users = [] } of paginateListUsers({ client, pageSize: 60 }, { UserPoolId, Limit: 60 })) {
  pages += 1;
  users += Users.length;
  const dueMs = startedMs + (pages * 1000) / Number(rps);
  await wait(Math.max(0, dueMs - performance.now()));
}
console.log(JSON.stringify({ pages, users }));
