import {
  AdminAddUserToGroupCommand,
  AdminConfirmSignUpCommand,
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminLinkProviderForUserCommand,
  AdminResetUserPasswordCommand,
  AdminSetUserMFAPreferenceCommand,
  AdminUpdateUserAttributesCommand,
  AdminSetUserPasswordCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import type { FollowUp, FollowUpKind } from "../core/follow-up.ts";
import type { Attributes } from "../core/planned-user.ts";
import type { CallOptions, Cognito } from "./cognito.ts";
import type { Operation } from "./quota.ts";

/** What AdminCreateUser makes a user of. */
export interface NewUser {
  /** Where a contact is the username, the contact (reported). */
  readonly username: string;
  readonly attributes: Attributes;
  /** A secret that nobody keeps. */
  readonly temporaryPassword: string;
  /** Whether a verified address or number that is another user's alias is taken from that user, or this one refused. */
  readonly forceAliasCreation: boolean;
}

/** With which operation each follow-up is done. */
export const FOLLOW_UP_OPERATIONS = {
  disable: "AdminDisableUser",
  confirm: "AdminConfirmSignUp",
  "set-attributes": "AdminUpdateUserAttributes",
  "set-own-password": "AdminSetUserPassword",
  "set-password": "AdminSetUserPassword",
  "add-to-group": "AdminAddUserToGroup",
  "set-mfa": "AdminSetUserMFAPreference",
  "link-provider": "AdminLinkProviderForUser",
  "reset-password": "AdminResetUserPassword",
} as const satisfies Record<FollowUpKind, Operation>;

/** The calls that make and change one user. Once sent they are finished, even when the run is interrupted. */
export class AdminUsers {
  readonly #cognito: Cognito;
  readonly #poolId: string;
  readonly #signal: AbortSignal;

  constructor(cognito: Cognito, poolId: string, signal: AbortSignal) {
    this.#cognito = cognito;
    this.#poolId = poolId;
    this.#signal = signal;
  }

  /**
   * Creates a user with a temporary password; no message is sent. Returns the sub, where the answer has it. Not repeated after a lost reply: look the user up first.
   */
  async create({
    username,
    attributes,
    temporaryPassword,
    forceAliasCreation,
  }: NewUser): Promise<string | undefined> {
    const input = {
      UserPoolId: this.#poolId,
      Username: username,
      UserAttributes: attributes.map(([Name, Value]) => ({ Name, Value })),
      TemporaryPassword: temporaryPassword,
      MessageAction: "SUPPRESS" as const,
      ...(forceAliasCreation ? { ForceAliasCreation: true } : {}),
    };
    const { User } = await this.#cognito.call(
      "AdminCreateUser",
      (client, abort) => client.send(new AdminCreateUserCommand(input), abort),
      this.#options("once"),
    );
    return User?.Attributes?.find(({ Name }) => Name === "sub")?.Value;
  }

  /**
   * Does one follow-up. They can be done again without harm, so a lost reply is repeated; a link that is there
   * already, or a user who is confirmed already, is then refused as such. Only `reset-password` sends the user a message each time: look the user up first.
   * `makePassword` makes what `set-password` and `set-own-password` set.
   */
  async do(followUp: FollowUp, username: string, makePassword: () => string): Promise<void> {
    const user = { UserPoolId: this.#poolId, Username: username };
    const options = this.#options("safe");
    switch (followUp.kind) {
      case "disable":
        return this.#disable(username, { ...options, isUrgent: true });
      case "confirm": {
        const confirm = new AdminConfirmSignUpCommand(user);
        await this.#cognito.call(
          "AdminConfirmSignUp",
          (client, abort) => client.send(confirm, abort),
          options,
        );
        return;
      }
      case "set-attributes": {
        const update = new AdminUpdateUserAttributesCommand({
          ...user,
          UserAttributes: followUp.attributes.map(([Name, Value]) => ({ Name, Value })),
        });
        await this.#cognito.call(
          "AdminUpdateUserAttributes",
          (client, abort) => client.send(update, abort),
          options,
        );
        return;
      }
      case "set-own-password":
      case "set-password": {
        const set = new AdminSetUserPasswordCommand({ ...user, Password: makePassword(), Permanent: true });
        await this.#cognito.call("AdminSetUserPassword", (client, abort) => client.send(set, abort), options);
        return;
      }
      case "add-to-group": {
        const add = new AdminAddUserToGroupCommand({ ...user, GroupName: followUp.group });
        await this.#cognito.call("AdminAddUserToGroup", (client, abort) => client.send(add, abort), options);
        return;
      }
      case "set-mfa": {
        // A factor that is left out stays as it is; to say that it is off can be refused (reported).
        const prefer = new AdminSetUserMFAPreferenceCommand({
          ...user,
          SMSMfaSettings: { Enabled: true, PreferredMfa: true },
        });
        await this.#cognito.call(
          "AdminSetUserMFAPreference",
          (client, abort) => client.send(prefer, abort),
          options,
        );
        return;
      }
      case "link-provider": {
        const link = new AdminLinkProviderForUserCommand({
          UserPoolId: this.#poolId,
          DestinationUser: { ProviderName: "Cognito", ProviderAttributeValue: username },
          SourceUser: {
            ProviderName: followUp.provider,
            ProviderAttributeName: "Cognito_Subject",
            ProviderAttributeValue: followUp.subject,
          },
        });
        await this.#cognito.call(
          "AdminLinkProviderForUser",
          (client, abort) => client.send(link, abort),
          options,
        );
        return;
      }
      case "reset-password": {
        const reset = new AdminResetUserPasswordCommand(user);
        await this.#cognito.call(
          "AdminResetUserPassword",
          (client, abort) => client.send(reset, abort),
          this.#options("once"),
        );
      }
    }
  }

  /** Locks a user out. It can be done again without harm, so a lost reply is repeated. */
  async disable(username: string): Promise<void> {
    await this.#disable(username, this.#options("safe"));
  }

  async #disable(username: string, options: CallOptions): Promise<void> {
    const disable = new AdminDisableUserCommand({ UserPoolId: this.#poolId, Username: username });
    await this.#cognito.call("AdminDisableUser", (client, abort) => client.send(disable, abort), options);
  }

  /** Deletes a user. A lost reply is repeated: a user who is gone by then is refused as one that is not there. */
  async delete(username: string): Promise<void> {
    const remove = new AdminDeleteUserCommand({ UserPoolId: this.#poolId, Username: username });
    await this.#cognito.call(
      "AdminDeleteUser",
      (client, abort) => client.send(remove, abort),
      this.#options("safe"),
    );
  }

  #options(repeat: CallOptions["repeat"]): CallOptions {
    return { repeat, signal: this.#signal, whenInterrupted: "finish" };
  }
}
