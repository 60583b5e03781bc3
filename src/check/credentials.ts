import { ok, warning, type Finding } from "./check.ts";
import type { Surroundings } from "./surroundings.ts";

/** Credentials that end sooner than this may end before a run does. */
const SOON_MS = 3_600_000;

/** Whether there are credentials that AWS takes, whose they are, and how long they last. Throws what the look-up throws. */
export async function checkCredentials({ account, identity, connection }: Surroundings): Promise<Finding> {
  const keys = await account.keys();
  const { account: accountId, arn } = await identity;
  const profile = connection.profile === undefined ? "" : `, profile ${connection.profile}`;
  const whose = `Account ${accountId}, ${arn}, access key ${keys.maskedId}${profile}`;
  const { expiresMs = Number.POSITIVE_INFINITY } = keys;
  const leftMs = expiresMs - Date.now();
  if (leftMs > SOON_MS) return ok(whose);
  return warning(
    `${whose}; they expire in ${Math.max(0, Math.floor(leftMs / 60_000))} minutes`,
    "A run that outlives them stops, and goes on with resume under new ones: renew them before",
  );
}
