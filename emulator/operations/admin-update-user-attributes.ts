import { makeCode } from "../auth/codes.ts";
import { mediumOf } from "../auth/delivery.ts";
import { changeAttributes } from "../state/change-attributes.ts";
import { sendMessage } from "../state/outbox.ts";
import type { GivenAttribute } from "../state/read-attributes.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly Username: string;
  readonly UserAttributes: readonly GivenAttribute[];
}

/**
 * Changes attributes of a user; that counts the user as active (documented). A new contact that the pool verifies by itself
 * is sent a code, which nothing here takes.
 */
export function adminUpdateUserAttributes({ account }: Context, request: Request): object {
  const found = account.user(request);
  for (const { name, value } of changeAttributes(account, found, request.UserAttributes)) {
    const message = { kind: "verify-attribute", medium: mediumOf(name), secret: makeCode() } as const;
    sendMessage(account, found, { ...message, destination: value });
  }
  found.pool.countActive(found.user, account.clock());
  return {};
}
