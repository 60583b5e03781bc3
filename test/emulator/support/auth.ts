import {
  AdminCreateUserCommand,
  AdminInitiateAuthCommand,
  AdminSetUserPasswordCommand,
  CreateUserPoolClientCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  type AdminCreateUserCommandInput,
  type AuthFlowType,
  type ChallengeNameType,
  type CreateUserPoolClientCommandInput,
  type InitiateAuthCommandOutput,
  type UserPoolClientType,
} from "@aws-sdk/client-cognito-identity-provider";

import type { OutboxMessage, User, UserStatus } from "../../../emulator/index.ts";
import type { TestPool } from "./pool.ts";

/** The password that every made-up user has. */
export const PASSWORD = "Passw0rd!";
/** The one that they choose next. */
export const NEW_PASSWORD = "An0ther-One";

/** What a test client may do unless it is told otherwise: everything. */
const ALL_FLOWS = [
  "ALLOW_USER_PASSWORD_AUTH",
  "ALLOW_ADMIN_USER_PASSWORD_AUTH",
  "ALLOW_USER_SRP_AUTH",
  "ALLOW_USER_AUTH",
  "ALLOW_CUSTOM_AUTH",
  "ALLOW_REFRESH_TOKEN_AUTH",
] as const;

/** Creates an app client that allows every flow and has no secret. */
export async function aClient(
  { cognito, poolId }: TestPool,
  settings: Partial<CreateUserPoolClientCommandInput> = {},
): Promise<UserPoolClientType> {
  const { UserPoolClient: client = {} } = await cognito.send(
    new CreateUserPoolClientCommand({
      UserPoolId: poolId,
      ClientName: "web",
      ExplicitAuthFlows: [...ALL_FLOWS],
      ...settings,
    }),
  );
  return client;
}

/** Creates a client and returns its id. */
export async function aClientId(
  pool: TestPool,
  settings: Partial<CreateUserPoolClientCommandInput> = {},
): Promise<string> {
  return (await aClient(pool, settings)).ClientId ?? "";
}

/** Who is to be there before the test begins. */
export interface Being {
  readonly username?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** The status that the user is brought to by the API. */
  readonly status?: "FORCE_CHANGE_PASSWORD" | "CONFIRMED";
  readonly request?: Partial<AdminCreateUserCommandInput>;
}

/** Creates ann, with a verified e-mail, who is confirmed and knows PASSWORD unless told otherwise. */
export async function aUser(pool: TestPool, being: Being = {}): Promise<User> {
  const { username = "ann", status = "CONFIRMED" } = being;
  const { attributes = { email: "ann@example.com", email_verified: "true" } } = being;
  const place = { UserPoolId: pool.poolId, Username: username };
  await pool.cognito.send(
    new AdminCreateUserCommand({
      ...place,
      MessageAction: "SUPPRESS",
      TemporaryPassword: PASSWORD,
      UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
      ...being.request,
    }),
  );
  if (status === "CONFIRMED") {
    await pool.cognito.send(
      new AdminSetUserPasswordCommand({ ...place, Password: PASSWORD, Permanent: true }),
    );
  }
  return userNamed(pool, username);
}

/** The user as the emulator holds it. */
export function userNamed({ emulator, poolId }: TestPool, username = "ann"): User {
  const user = emulator.state.pools.get(poolId)?.users.find(username);
  if (user === undefined) throw new Error(`there is no user ${username}`);
  return user;
}

/** Makes a user what an import would have made it. */
export function asImported(user: User, status: UserStatus = "RESET_REQUIRED"): User {
  user.status = status;
  user.credential = undefined;
  return user;
}

/** Begins a sign-in by a flow. */
export async function begin(
  { cognito }: TestPool,
  clientId: string,
  flow: AuthFlowType,
  parameters: Record<string, string>,
): Promise<InitiateAuthCommandOutput> {
  return cognito.send(
    new InitiateAuthCommand({ ClientId: clientId, AuthFlow: flow, AuthParameters: parameters }),
  );
}

/** Begins a sign-in by a flow that only servers may use. */
export async function beginAsAdmin(
  { cognito, poolId }: TestPool,
  clientId: string,
  flow: AuthFlowType,
  parameters: Record<string, string>,
): Promise<InitiateAuthCommandOutput> {
  const request = { UserPoolId: poolId, ClientId: clientId, AuthFlow: flow, AuthParameters: parameters };
  return cognito.send(new AdminInitiateAuthCommand(request));
}

/** Signs in with a password that goes over the wire. */
export async function signIn(
  pool: TestPool,
  clientId: string,
  { username = "ann", password = PASSWORD } = {},
): Promise<InitiateAuthCommandOutput> {
  return begin(pool, clientId, "USER_PASSWORD_AUTH", { USERNAME: username, PASSWORD: password });
}

/** Answers the challenge that a sign-in ended in. */
export async function respond(
  { cognito }: TestPool,
  clientId: string,
  asked: Pick<InitiateAuthCommandOutput, "Session"> & {
    readonly ChallengeName?: ChallengeNameType | undefined;
  },
  responses: Record<string, string>,
): Promise<InitiateAuthCommandOutput> {
  return cognito.send(
    new RespondToAuthChallengeCommand({
      ClientId: clientId,
      ChallengeName: asked.ChallengeName,
      Session: asked.Session,
      ChallengeResponses: { USERNAME: "ann", ...responses },
    }),
  );
}

/** The last message that was sent. */
export function lastMessage({ emulator }: TestPool): OutboxMessage {
  const message = emulator.state.outbox.at(-1);
  if (message === undefined) throw new Error("nothing was sent");
  return message;
}

/** A clock that stands still until it is moved. */
export class Clock {
  #nowMs = Date.now();

  readonly now = (): number => this.#nowMs;

  /** Moves the time on. */
  pass(milliseconds: number): void {
    this.#nowMs += milliseconds;
  }
}

/** The claims of a token, unverified. */
export function claimsOf(token: string | undefined): Record<string, unknown> {
  const parsed: unknown = JSON.parse(Buffer.from(token?.split(".")[1] ?? "", "base64url").toString());
  return parsed as Record<string, unknown>;
}
