import { USER_WRITE_PAUSE_MS } from "../cognito/quota.ts";
import { pause } from "../cognito/retry.ts";

/** Works on what is to be written of one user, one after the other with a pause between, which holds the rate of that user's writes. */
export async function oneByOne<Item>(
  items: Iterable<Item>,
  signal: AbortSignal,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let isFirst = true;
  for (const item of items) {
    if (!isFirst) await pause(USER_WRITE_PAUSE_MS, signal);
    isFirst = false;
    await work(item);
  }
}
