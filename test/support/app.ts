import {
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  ConfirmForgotPasswordCommand,
  CreateUserPoolClientCommand,
  ForgotPasswordCommand,
  InitiateAuthCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { onTestFinished } from "vitest";
import type { Target } from "./target.ts";

/** The password that users of the app set for themselves. */
export const OWN_PASSWORD = "My-own-Passw0rd!";

/** An app of the pool, as its users meet it. */
class App {
  readonly #target: Target;
  readonly #client: CognitoIdentityProviderClient;
  #id = "";

  constructor(target: Target) {
    const { url, region } = target.emulator;
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    this.#target = target;
    this.#client = new CognitoIdentityProviderClient({ endpoint: url, region, credentials });
    onTestFinished(() => this.#client.destroy());
  }

  async open(): Promise<void> {
    const { UserPoolClient } = await this.#client.send(
      new CreateUserPoolClientCommand({
        UserPoolId: this.#target.userPoolId,
        ClientName: "app",
        ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH"],
      }),
    );
    this.#id = UserPoolClient?.ClientId ?? "";
  }

  /** Asks for a code and sets the password with it. */
  async forgetPassword(Username: string): Promise<void> {
    await this.#client.send(new ForgotPasswordCommand({ ClientId: this.#id, Username }));
    await this.useCode(Username);
  }

  /** Sets the password with the last code that was sent to anybody. */
  async useCode(Username: string): Promise<void> {
    const ConfirmationCode = this.#target.emulator.control.outbox.at(-1)?.secret;
    const Password = OWN_PASSWORD;
    await this.#client.send(
      new ConfirmForgotPasswordCommand({ ClientId: this.#id, Username, ConfirmationCode, Password }),
    );
  }

  /** Sets a user's password as an administrator. */
  async setPassword(Username: string): Promise<void> {
    const { userPoolId: UserPoolId } = this.#target;
    await this.#client.send(
      new AdminSetUserPasswordCommand({ UserPoolId, Username, Password: OWN_PASSWORD, Permanent: true }),
    );
  }

  /** Whether a user gets in. Throws Cognito's refusal. */
  async signIn(USERNAME: string, PASSWORD = OWN_PASSWORD): Promise<boolean> {
    const { AuthenticationResult } = await this.#client.send(
      new InitiateAuthCommand({
        ClientId: this.#id,
        AuthFlow: "USER_PASSWORD_AUTH",
        AuthParameters: { USERNAME, PASSWORD },
      }),
    );
    return AuthenticationResult?.AccessToken !== undefined;
  }
}

/** An app client of the target's pool, ready for its users. */
export async function anApp(target: Target): Promise<App> {
  const app = new App(target);
  await app.open();
  return app;
}

/** The status of every user of the target's pool, by username. */
export function statusesOf({ emulator, userPoolId }: Target): Readonly<Record<string, string>> {
  const users = [...(emulator.state.pools.get(userPoolId)?.users ?? [])];
  return Object.fromEntries(users.map(({ username, status }) => [username, status]));
}
