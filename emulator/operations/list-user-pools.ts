import { readPage } from "../state/page.ts";
import type { Pool } from "../state/pool.ts";
import { readPageToken, writePageToken } from "../wire/page-token.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly MaxResults: number;
  readonly NextToken?: string;
}

/** Lists the account's pools in the order of creation (guess), a page a call. */
export function listUserPools({ account }: Context, request: Request): object {
  const start = readPageToken("pools", request.NextToken);
  const page = readPage(account.poolPlaces, { start, limit: request.MaxResults });
  return {
    UserPools: page.members.map(describePool),
    ...(page.next === undefined ? {} : { NextToken: writePageToken("pools", page.next) }),
  };
}

function describePool({ settings }: Pool): object {
  return {
    Id: settings.id,
    Name: settings.name,
    LambdaConfig: settings.echoed["LambdaConfig"],
    LastModifiedDate: settings.modifiedMs / 1000,
    CreationDate: settings.createdMs / 1000,
  };
}
