import {
  CognitoIdentityProviderClient,
  CreateUserPoolCommand,
  type CreateUserPoolCommandInput,
} from "@aws-sdk/client-cognito-identity-provider";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { startEmulator, type Emulator, type EmulatorOptions } from "./emulator.ts";
import { attributeOf } from "../../emulator/state/user.ts";
import { aFolder } from "./files.ts";

/** A role that the emulator takes. */
export const LOGS_ROLE_ARN = "arn:aws:iam::123456789012:role/import-log";

/** A user pool at an emulator of its own. */
export interface Target {
  readonly emulator: Emulator;
  readonly userPoolId: string;
  /** The flags that name it on the command line. */
  readonly flags: readonly string[];
  /** Who is in the pool, as the emulator holds it: username and the attributes asked for. */
  users(...attributes: readonly string[]): readonly Readonly<Record<string, string | undefined>>[];
}

/** Starts an emulator with one pool, which verifies e-mail addresses unless told otherwise; both end with the test. */
export async function aTarget(
  pool: Partial<CreateUserPoolCommandInput> = {},
  options: EmulatorOptions = {},
): Promise<Target> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  const client = new CognitoIdentityProviderClient({
    endpoint: emulator.url,
    region: emulator.region,
    credentials: options.credentials ?? { accessKeyId: "local", secretAccessKey: "local" },
  });
  const { UserPool } = await client.send(
    new CreateUserPoolCommand({
      PoolName: "customers",
      AutoVerifiedAttributes: ["email"],
      UsernameConfiguration: { CaseSensitive: false },
      ...pool,
    }),
  );
  client.destroy();
  const userPoolId = UserPool?.Id ?? "";
  return {
    emulator,
    userPoolId,
    flags: ["--user-pool-id", userPoolId, "--endpoint-url", emulator.url, "--logs-role-arn", LOGS_ROLE_ARN],
    users: (...attributes) => usersOf(emulator, userPoolId, attributes),
  };
}

function usersOf(
  emulator: Emulator,
  userPoolId: string,
  attributes: readonly string[],
): ReturnType<Target["users"]> {
  const users = [...(emulator.state.pools.get(userPoolId)?.users ?? [])];
  return users
    .map((user) => ({
      username: user.username,
      ...Object.fromEntries(attributes.map((name) => [name, attributeOf(user, name)])),
    }))
    .sort((one, other) => (one.username < other.username ? -1 : 1));
}

/** What a test of `migrate` says beside the source. */
export interface MigrateSettings {
  /** A new folder unless given. */
  readonly runDir?: string;
  /** `--json` unless given. */
  readonly output?: readonly string[];
}

/** The command line that migrates a source, named as TYPE:PATH, into a target without asking. */
export function migrateArgs(
  target: Target,
  source: string,
  { runDir = join(aFolder(), "run"), output = ["--json"] }: MigrateSettings = {},
): readonly string[] {
  return ["migrate", "--from", source, ...target.flags, "--run-dir", runDir, "--yes", ...output];
}
