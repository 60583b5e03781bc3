import {
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  DescribeUserPoolCommand,
  type CreateUserPoolClientCommandInput,
} from "@aws-sdk/client-cognito-identity-provider";
import { onTestFinished } from "vitest";
import { aFile } from "./files.ts";
import type { Target } from "./target.ts";

/** An app client of a pool. */
export interface AppClient {
  readonly id: string;
  /** Empty for a client without one. */
  readonly secret: string;
}

/** A client of the target's service, with credentials that it takes. */
export function cognitoOf({ emulator }: Target): CognitoIdentityProviderClient {
  const client = new CognitoIdentityProviderClient({
    endpoint: emulator.url,
    region: emulator.region,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  onTestFinished(() => client.destroy());
  return client;
}

/** Makes an app client, without a secret unless told otherwise. */
export async function anAppClient(
  target: Target,
  settings: Partial<CreateUserPoolClientCommandInput> = {},
): Promise<AppClient> {
  const { UserPoolClient } = await cognitoOf(target).send(
    new CreateUserPoolClientCommand({ UserPoolId: target.userPoolId, ClientName: "app", ...settings }),
  );
  return { id: UserPoolClient?.ClientId ?? "", secret: UserPoolClient?.ClientSecret ?? "" };
}

/** The pool's description in a file, as the AWS CLI prints it (with `UserPool` around it), or without that. */
export async function aPoolDescription(target: Target, form: "whole" | "bare" = "whole"): Promise<string> {
  const { UserPool } = await cognitoOf(target).send(
    new DescribeUserPoolCommand({ UserPoolId: target.userPoolId }),
  );
  return aFile(JSON.stringify(form === "whole" ? { UserPool } : UserPool), "pool.json");
}
