// The reference of AdminCreateUser: the SDK alone in a loop, with so many calls under way at the same time, over undici as
// poolferry has it or as the SDK comes: node create-alone.ts URL POOL USERS UNDER_WAY undici|plain
import {
  AdminCreateUserCommand,
  CognitoIdentityProviderClient,
} from "@aws-sdk/client-cognito-identity-provider";
import { UndiciHttpHandler, type UndiciHttpHandlerOptions } from "@smithy/undici-http-handler";
import { EnvHttpProxyAgent } from "undici";
import { attributesOfUnverified } from "./unverified-users.ts";

const [, , endpoint = "", UserPoolId = "", users = "0", underWay = "1", transport = "plain"] = process.argv;
const dispatcher = new EnvHttpProxyAgent() as unknown as NonNullable<UndiciHttpHandlerOptions["dispatcher"]>;
const client = new CognitoIdentityProviderClient({
  endpoint,
  region: "us-east-1",
  maxAttempts: 1,
  ...(transport === "undici" ? { requestHandler: new UndiciHttpHandler({ dispatcher }) } : {}),
});

let begun = 0;
async function work(): Promise<void> {
  while (begun < Number(users)) {
    begun += 1;
    await client.send(
      new AdminCreateUserCommand({
        UserPoolId,
        Username: `user${begun}`,
        UserAttributes: Object.entries(attributesOfUnverified(begun)).map(([Name, Value]) => ({
          Name,
          Value,
        })),
        TemporaryPassword: "Password-of-32-characters-1234567",
        MessageAction: "SUPPRESS",
      }),
    );
  }
}

await Promise.all(Array.from({ length: Number(underWay) }, work));
client.destroy();
await (dispatcher as unknown as EnvHttpProxyAgent).destroy();
