import type { Cognito } from "../cognito/cognito.ts";
import { listUsers, type ListedUser } from "../cognito/list-users.ts";
import type { RunObserver } from "./run-event.ts";

/** What all users of a pool are listed with. */
export interface ListAll {
  readonly cognito: Cognito;
  readonly poolId: string;
  readonly signal: AbortSignal;
  readonly observe: RunObserver;
}

/** Users between two words about the progress. */
const USERS_PER_NOTICE = 6_000;

/**
 * Lists all users of a pool, page by page, and tells how many there were so far: whenever the caller is done with some
 * thousands of them, and at the end.
 */
export async function* listAllUsers({
  cognito,
  poolId,
  signal,
  observe,
}: ListAll): AsyncGenerator<readonly ListedUser[]> {
  let users = 0;
  let told = 0;
  for await (const page of listUsers(cognito, { poolId }, signal)) {
    yield page;
    users += page.length;
    if (users - told < USERS_PER_NOTICE) continue;
    told = users;
    observe({ kind: "users-listed", users });
  }
  observe({ kind: "users-listed", users });
}
