import {
  AdminAddUserToGroupCommand,
  AdminConfirmSignUpCommand,
  AdminCreateUserCommand,
  AdminDeleteUserAttributesCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminLinkProviderForUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminResetUserPasswordCommand,
  AdminSetUserMFAPreferenceCommand,
  AdminUpdateUserAttributesCommand,
  AdminSetUserPasswordCommand,
  type CognitoIdentityProviderClient,
} from "@aws-sdk/client-cognito-identity-provider";
import type { Change } from "../core/change.ts";
import type { FollowUp } from "../core/follow-up.ts";
import type { Attributes } from "../core/planned-user.ts";
import type { CallOptions, Cognito, Send } from "./cognito.ts";
import { CHANGE_OPERATIONS, FOLLOW_UP_OPERATIONS } from "./follow-up-operations.ts";

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
      case "set-attributes":
      case "add-to-group":
        return this.#sendOfChange(followUp, username);
      case "confirm":
        return (client, abort) => client.send(new AdminConfirmSignUpCommand(user), abort);
      case "set-own-password":
      case "set-password": {
        const set = new AdminSetUserPasswordCommand({ ...user, Password: makePassword(), Permanent: true });
        return (client, abort) => client.send(set, abort);
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

  /**
   * Makes one change. Each can be made again without harm, so a lost reply is repeated; a user who was deleted is then
   * refused as one that is not there. Cognito sends a code where an address or number is set that it verifies by itself and
   * that the same change does not call verified (documented; see core/code-sent.ts); where it holds such a value back until
   * the user has verified it, a repeat sends another one. A verified address or number that is an alias is taken from the
   * user who has it, silently (reported).
   */
  async change(change: Change, username: string): Promise<void> {
    await this.#cognito.call(CHANGE_OPERATIONS[change.kind], this.#sendOfChange(change, username), {
      ...this.#options("safe"),
      isUrgent: change.kind === "disable",
    });
  }

  #sendOfChange(change: Change, username: string): Send<CognitoIdentityProviderClient, unknown> {
    const user = { UserPoolId: this.#poolId, Username: username };
    switch (change.kind) {
      case "disable":
        return (client, abort) => client.send(new AdminDisableUserCommand(user), abort);
      case "enable":
        return (client, abort) => client.send(new AdminEnableUserCommand(user), abort);
      case "set-attributes": {
        const UserAttributes = change.attributes.map(([Name, Value]) => ({ Name, Value }));
        const update = new AdminUpdateUserAttributesCommand({ ...user, UserAttributes });
        return (client, abort) => client.send(update, abort);
      }
      case "delete-attributes": {
        const remove = new AdminDeleteUserAttributesCommand({
          ...user,
          UserAttributeNames: [...change.names],
        });
        return (client, abort) => client.send(remove, abort);
      }
      case "add-to-group": {
        const add = new AdminAddUserToGroupCommand({ ...user, GroupName: change.group });
        return (client, abort) => client.send(add, abort);
      }
      case "remove-from-group": {
        const remove = new AdminRemoveUserFromGroupCommand({ ...user, GroupName: change.group });
        return (client, abort) => client.send(remove, abort);
      }
      case "delete":
        return (client, abort) => client.send(new AdminDeleteUserCommand(user), abort);
    }
  }

  #options(repeat: CallOptions["repeat"]): CallOptions {
    return { repeat, signal: this.#signal, whenInterrupted: "finish" };
  }
}
