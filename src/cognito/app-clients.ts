import {
  DescribeUserPoolClientCommand,
  ListUserPoolClientsCommand,
  type UserPoolClientType,
} from "@aws-sdk/client-cognito-identity-provider";
import type { Cognito } from "./cognito.ts";

/** How users sign in with an app client of a pool. */
export interface AppClientFlows {
  readonly name: string;
  /** The authentication flows that it allows, by their names in the API. */
  readonly flows: readonly string[];
  /** Whether it has a page of Cognito's own to sign in at, or is for programs alone. */
  readonly isApart: boolean;
}

/** App clients that are looked at: each takes a request, of which a pool answers five a second (documented). */
const MOST = 20;

/**
 * Reads how the first app clients of a pool let users sign in, and whether there are more of them. The answers hold the clients'
 * secrets, which go nowhere from here.
 */
export async function readAppClients(
  cognito: Cognito,
  poolId: string,
  signal: AbortSignal,
): Promise<{ readonly clients: readonly AppClientFlows[]; readonly hasMore: boolean }> {
  const input = { UserPoolId: poolId, MaxResults: MOST };
  const { UserPoolClients = [], NextToken } = await cognito.call(
    "ListUserPoolClients",
    (client, abort) => client.send(new ListUserPoolClientsCommand(input), abort),
    { repeat: "safe", signal },
  );
  const clients = await Promise.all(
    UserPoolClients.map(async ({ ClientId }) => {
      const { UserPoolClient = {} } = await cognito.call(
        "DescribeUserPoolClient",
        (client, abort) =>
          client.send(new DescribeUserPoolClientCommand({ UserPoolId: poolId, ClientId }), abort),
        { repeat: "safe", signal },
      );
      return toFlows(UserPoolClient);
    }),
  );
  return { clients, hasMore: NextToken !== undefined };
}

/** Without any flow named, a client allows these (documented). */
const DEFAULT_FLOWS = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"];

function toFlows({
  ClientName = "",
  ExplicitAuthFlows = [],
  AllowedOAuthFlows = [],
  AllowedOAuthFlowsUserPoolClient = false,
}: UserPoolClientType): AppClientFlows {
  return {
    name: ClientName,
    flows: ExplicitAuthFlows.length === 0 ? DEFAULT_FLOWS : ExplicitAuthFlows,
    isApart: AllowedOAuthFlowsUserPoolClient && AllowedOAuthFlows.length > 0,
  };
}
