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
  type CognitoIdentityProviderClient,
} from "@aws-sdk/client-cognito-identity-provider";
import type { FollowUp, FollowUpKind } from "../core/follow-up.ts";
import type { Attributes } from "../core/planned-user.ts";
import type { CallOptions, Cognito, Send } from "./cognito.ts";
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
   * Creates a user with a temporary password; no message is sent. Returns the sub, where the answer has it. Not repeated
   * after a lost reply: look the user up first.
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
   * Does one follow-up. They can be done again without harm, so a lost reply is repeated; a link that is there already, or
   * a user who is confirmed already, is then refused as such. Only `reset-password` sends the user a message each time:
   * look the user up first. `makePassword` makes what `set-password` and `set-own-password` set.
   */
  async do(followUp: FollowUp, username: string, makePassword: () => string): Promise<void> {
    await this.#cognito.call(
      FOLLOW_UP_OPERATIONS[followUp.kind],
      this.#sendOf(followUp, username, makePassword),
      {
        ...this.#options(followUp.kind === "reset-password" ? "once" : "safe"),
        isUrgent: followUp.kind === "disable",
      },
    );
  }

  #sendOf(
    followUp: FollowUp,
    username: string,
    makePassword: () => string,
  ): Send<CognitoIdentityProviderClient, unknown> {
    const user = { UserPoolId: this.#poolId, Username: username };
    switch (followUp.kind) {
      case "disable":
        return (client, abort) => client.send(new AdminDisableUserCommand(user), abort);
      case "confirm":
        return (client, abort) => client.send(new AdminConfirmSignUpCommand(user), abort);
      case "set-attributes": {
        const UserAttributes = followUp.attributes.map(([Name, Value]) => ({ Name, Value }));
        const update = new AdminUpdateUserAttributesCommand({ ...user, UserAttributes });
        return (client, abort) => client.send(update, abort);
      }
      case "set-own-password":
      case "set-password": {
        const set = new AdminSetUserPasswordCommand({ ...user, Password: makePassword(), Permanent: true });
        return (client, abort) => client.send(set, abort);
      }
      case "add-to-group": {
        const add = new AdminAddUserToGroupCommand({ ...user, GroupName: followUp.group });
        return (client, abort) => client.send(add, abort);
      }
      case "set-mfa": {
        // A factor that is left out stays as it is; to say that it is off can be refused (reported).
        const SMSMfaSettings = { Enabled: true, PreferredMfa: true };
        const prefer = new AdminSetUserMFAPreferenceCommand({ ...user, SMSMfaSettings });
        return (client, abort) => client.send(prefer, abort);
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
        return (client, abort) => client.send(link, abort);
      }
      case "reset-password":
        return (client, abort) => client.send(new AdminResetUserPasswordCommand(user), abort);
    }
  }

  /** Locks a user out. It can be done again without harm, so a lost reply is repeated. */
  async disable(username: string): Promise<void> {
    const disable = new AdminDisableUserCommand({ UserPoolId: this.#poolId, Username: username });
    await this.#cognito.call(
      "AdminDisableUser",
      (client, abort) => client.send(disable, abort),
      this.#options("safe"),
    );
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
