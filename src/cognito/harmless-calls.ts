import { randomBytes } from "node:crypto";
import {
  AdminAddUserToGroupCommand,
  AdminConfirmSignUpCommand,
  AdminDeleteUserAttributesCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminLinkProviderForUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminResetUserPasswordCommand,
  AdminSetUserMFAPreferenceCommand,
  AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  type CognitoIdentityProviderClient,
  DescribeUserImportJobCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  GetCSVHeaderCommand,
  GetProvisionedLimitCommand,
  ListGroupsCommand,
  ListUserImportJobsCommand,
  ListUserPoolClientsCommand,
  ListUsersCommand,
  ListUsersInGroupCommand,
  StartUserImportJobCommand,
  StopUserImportJobCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import {
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import type { AbortOptions, Cognito } from "./cognito.ts";
import type { Operation } from "./quota.ts";

/** Makes one call that changes nothing, whatever comes of it. */
export type HarmlessCall = (cognito: Cognito, signal: AbortSignal) => Promise<unknown>;

/** A call of Cognito, with what the client sends. */
function toCognito(
  operation: Operation,
  send: (client: CognitoIdentityProviderClient, abort: AbortOptions | undefined) => Promise<unknown>,
): readonly [Operation, HarmlessCall] {
  return [operation, (cognito, signal) => cognito.call(operation, send, { repeat: "safe", signal })];
}

/**
 * Calls by which can be told whether operations are allowed, without any effect: those that only read, and those on a user, a group
 * or a job that is not there. Their names are random and of 128 bits, so that nobody has them. Permissions are looked at before
 * anything else (our guess for Cognito, as most services of AWS do), so whatever is refused for another reason is allowed.
 * Missing are the operations of which this cannot be told so: what creates something by its name alone.
 */
export function harmlessCalls(poolId: string): ReadonlyMap<Operation, HarmlessCall> {
  const nobody = `poolferry-doctor-${randomBytes(16).toString("hex")}`;
  const pool = { UserPoolId: poolId };
  const user = { ...pool, Username: nobody };
  const member = { ...user, GroupName: nobody };
  const job = { ...pool, JobId: `import-${randomBytes(16).toString("hex")}` };
  const logGroupName = `/aws/cognito/userpools/${poolId}/${nobody}`;
  const category = { LimitClass: "API_CATEGORY", Attributes: { Category: "UserCreation" } } as const;
  return new Map([
    toCognito("DescribeUserPool", (client, abort) => client.send(new DescribeUserPoolCommand(pool), abort)),
    toCognito("GetCSVHeader", (client, abort) => client.send(new GetCSVHeaderCommand(pool), abort)),
    toCognito("ListUsers", (client, abort) =>
      client.send(new ListUsersCommand({ ...pool, Limit: 1, AttributesToGet: ["sub"] }), abort),
    ),
    toCognito("ListGroups", (client, abort) =>
      client.send(new ListGroupsCommand({ ...pool, Limit: 1 }), abort),
    ),
    toCognito("ListUsersInGroup", (client, abort) =>
      client.send(new ListUsersInGroupCommand({ ...pool, GroupName: nobody, Limit: 1 }), abort),
    ),
    toCognito("ListUserImportJobs", (client, abort) =>
      client.send(new ListUserImportJobsCommand({ ...pool, MaxResults: 1 }), abort),
    ),
    toCognito("ListUserPoolClients", (client, abort) =>
      client.send(new ListUserPoolClientsCommand({ ...pool, MaxResults: 1 }), abort),
    ),
    toCognito("DescribeUserPoolClient", (client, abort) =>
      client.send(
        new DescribeUserPoolClientCommand({ ...pool, ClientId: randomBytes(16).toString("hex") }),
        abort,
      ),
    ),
    toCognito("GetProvisionedLimit", (client, abort) =>
      client.send(new GetProvisionedLimitCommand({ LimitDefinition: category }), abort),
    ),
    toCognito("DescribeUserImportJob", (client, abort) =>
      client.send(new DescribeUserImportJobCommand(job), abort),
    ),
    toCognito("StartUserImportJob", (client, abort) =>
      client.send(new StartUserImportJobCommand(job), abort),
    ),
    toCognito("StopUserImportJob", (client, abort) => client.send(new StopUserImportJobCommand(job), abort)),
    toCognito("AdminConfirmSignUp", (client, abort) =>
      client.send(new AdminConfirmSignUpCommand(user), abort),
    ),
    toCognito("AdminDisableUser", (client, abort) => client.send(new AdminDisableUserCommand(user), abort)),
    toCognito("AdminEnableUser", (client, abort) => client.send(new AdminEnableUserCommand(user), abort)),
    toCognito("AdminDeleteUser", (client, abort) => client.send(new AdminDeleteUserCommand(user), abort)),
    toCognito("AdminUpdateUserAttributes", (client, abort) =>
      client.send(
        new AdminUpdateUserAttributesCommand({ ...user, UserAttributes: [{ Name: "name", Value: nobody }] }),
        abort,
      ),
    ),
    toCognito("AdminDeleteUserAttributes", (client, abort) =>
      client.send(new AdminDeleteUserAttributesCommand({ ...user, UserAttributeNames: ["name"] }), abort),
    ),
    toCognito("AdminAddUserToGroup", (client, abort) =>
      client.send(new AdminAddUserToGroupCommand(member), abort),
    ),
    toCognito("AdminRemoveUserFromGroup", (client, abort) =>
      client.send(new AdminRemoveUserFromGroupCommand(member), abort),
    ),
    toCognito("AdminSetUserMFAPreference", (client, abort) =>
      client.send(
        new AdminSetUserMFAPreferenceCommand({ ...user, SMSMfaSettings: { Enabled: true } }),
        abort,
      ),
    ),
    toCognito("AdminSetUserPassword", (client, abort) =>
      client.send(
        new AdminSetUserPasswordCommand({ ...user, Password: `Aa1!${nobody}`, Permanent: false }),
        abort,
      ),
    ),
    toCognito("AdminResetUserPassword", (client, abort) =>
      client.send(new AdminResetUserPasswordCommand(user), abort),
    ),
    toCognito("AdminLinkProviderForUser", (client, abort) =>
      client.send(
        new AdminLinkProviderForUserCommand({
          ...pool,
          DestinationUser: { ProviderName: "Cognito", ProviderAttributeValue: nobody },
          SourceUser: {
            ProviderName: "poolferry-doctor",
            ProviderAttributeName: "Cognito_Subject",
            ProviderAttributeValue: nobody,
          },
        }),
        abort,
      ),
    ),
    [
      "DescribeLogGroups",
      readLogs("DescribeLogGroups", (client, abort) =>
        client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName, limit: 1 }), abort),
      ),
    ],
    [
      "DescribeLogStreams",
      readLogs("DescribeLogStreams", (client, abort) =>
        client.send(new DescribeLogStreamsCommand({ logGroupName, limit: 1 }), abort),
      ),
    ],
    [
      "GetLogEvents",
      readLogs("GetLogEvents", (client, abort) =>
        client.send(new GetLogEventsCommand({ logGroupName, logStreamName: nobody, limit: 1 }), abort),
      ),
    ],
  ]);
}

function readLogs(operation: Operation, send: Parameters<Cognito["callLogs"]>[1]): HarmlessCall {
  return (cognito, signal) => cognito.callLogs(operation, send, { repeat: "safe", signal });
}
