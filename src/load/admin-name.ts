import type { Pool } from "../core/pool.ts";

/**
 * What an administrator's request calls a user. Where contacts are the usernames, the sub is the Username (reported); while it
 * is not known, the contact stands for it as well.
 */
export function adminNameOf(
  { username, sub }: { readonly username: string; readonly sub: string | undefined },
  { usernameAttributes }: Pool,
): string {
  return usernameAttributes.length > 0 ? (sub ?? username) : username;
}
