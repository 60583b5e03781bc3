import { invalidParameter } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

/** The greatest page (API model), and the default (guess). */
const CLIENTS_IN_PAGE = 60;

/** Lists a pool's app clients in the order of creation (guess). The token is the last client's id. */
export function listUserPoolClients({ account }: Context, request: Request): object {
  const { clients, settings } = account.pool(request.UserPoolId);
  const all = [...clients.values()];
  const limit = request.MaxResults ?? CLIENTS_IN_PAGE;
  const start = request.NextToken === undefined ? 0 : all.findIndex(({ id }) => id === request.NextToken) + 1;
  if (request.NextToken !== undefined && start === 0) throw invalidParameter("Invalid pagination token.");
  const page = all.slice(start, start + limit);
  const last = page.at(-1);
  return {
    UserPoolClients: page.map(({ id, name }) => {
      return { ClientId: id, ClientName: name, UserPoolId: settings.id };
    }),
    ...(last === undefined || start + limit >= all.length ? {} : { NextToken: last.id }),
  };
}
