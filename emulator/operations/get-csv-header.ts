import { csvHeader } from "../import/header.ts";
import type { Context } from "./context.ts";

/** Lists the columns of the pool's import CSV. */
export function getCsvHeader({ account }: Context, request: { readonly UserPoolId: string }): object {
  const pool = account.pool(request.UserPoolId);
  return { UserPoolId: request.UserPoolId, CSVHeader: csvHeader(pool, account.rules) };
}
