import { userOfAccessToken } from "../auth/tokens.ts";
import { viewAttributes, viewMfa } from "../view/user.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly AccessToken: string;
}

/** Shows users to themselves: what their app client may read. That it counts them as active is documented for reading users in general. */
export function getUser({ account }: Context, request: Request): object {
  const { pool, user, client } = userOfAccessToken(account, request.AccessToken);
  pool.countActive(user, account.clock());
  const readable = client?.readAttributes;
  const attributes = viewAttributes(user).filter(({ Name }) => {
    if (Name === "sub") return true;
    return !Name.startsWith("dev:") && (readable === undefined || readable.includes(Name));
  });
  return { Username: user.username, UserAttributes: attributes, ...viewMfa(user) };
}
