import type { Account } from "./account.ts";
import type { Pool } from "./pool.ts";
import { attributeOf, type User } from "./user.ts";

/** A message that Cognito would have sent. The emulator sends nothing; it keeps them. */
export interface OutboxMessage {
  readonly kind: "invitation" | "confirm-sign-up" | "reset-password" | "sign-in" | "verify-attribute";
  readonly poolId: string;
  readonly username: string;
  readonly medium: Medium;
  readonly destination: string;
  /** The temporary password of an invitation, or the code of any other message. */
  readonly secret: string;
  readonly sentMs: number;
}

/** How a message travels (API model). */
type Medium = "EMAIL" | "SMS";

/**
 * Puts a message to a user into the outbox, if the user has an address for it, or one is named that is not the user's yet;
 * returns the address.
 */
export function sendMessage(
  account: Account,
  { pool, user }: { readonly pool: Pool; readonly user: User },
  message: Pick<OutboxMessage, "kind" | "medium" | "secret"> & Partial<Pick<OutboxMessage, "destination">>,
): string | undefined {
  const own = attributeOf(user, message.medium === "SMS" ? "phone_number" : "email");
  const { destination = own } = message;
  if (destination === undefined) return undefined;
  const { username } = user;
  const sentMs = account.clock();
  account.outbox.push({ ...message, poolId: pool.settings.id, username, destination, sentMs });
  return destination;
}
