import { rmSync } from "node:fs";
import { join } from "node:path";
import { BIN, creationsOf, setQuotas, startLocalPool } from "../local-pool.ts";
import { planAlone } from "../plan-alone.ts";
import type { Figures, Row, Setting, Size, Trial } from "../row.ts";
import { runNode } from "../run-node.ts";
import { Watch } from "../watch.ts";

/** How many seconds' worth of users are created. */
const SECONDS: Readonly<Record<Size, number>> = { small: 2, medium: 60, full: 60 };

const USED = "of the limit, %";
const REFUSED = "refused";

/** Users created one by one where the service takes 25 a second. */
export const limit25 = limitOf(25);

/** Where it takes 50 a second. */
export const limit50 = limitOf(50);

/** Where it takes 125 a second. */
export const limit125 = limitOf(125);

function limitOf(rps: number): Row {
  return {
    name: `limit-${rps}`,
    work: `poolferry apply, AdminCreateUser, ${rps} a second`,
    reference: "the limit",
    aims: [
      {
        what: "of the limit",
        unit: "%",
        value: ({ more = {} }) => more[USED] ?? Number.NaN,
        bound: { atLeast: 98.5 },
      },
      {
        what: "requests refused",
        unit: "requests",
        value: ({ more = {} }) => more[REFUSED] ?? Number.NaN,
        bound: { atMost: 0 },
      },
    ],
    seconds: (size, rounds) => (5 + SECONDS[size]) * rounds,
    prepare: (setting) => prepare(setting, rps),
  };
}

async function prepare({ size, folder }: Setting, rps: number): Promise<Trial> {
  const users = rps * SECONDS[size];
  return {
    input: `${users.toLocaleString("en")} users`,
    work: () => createAll(folder, users, rps),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Plans and applies, with a share of 1 and no trial, to an empty pool; the figures are the apply's. */
async function createAll(folder: string, users: number, rps: number): Promise<Figures> {
  using pool = await startLocalPool();
  await setQuotas(pool, { UserCreation: rps });
  rmSync(join(folder, "planned"), { recursive: true, force: true });
  const runDir = await planAlone(folder, users, { pool, url: pool.url });
  const watch = new Watch(() => creationsOf(pool));
  const applied = await runNode(BIN, "apply", "--run-dir", runDir);
  await watch.stop();
  const { accepted, refused } = await creationsOf(pool);
  if (accepted !== users) throw new Error(`${accepted} users were created of ${users}`);
  return { ...applied, more: { [USED]: (100 * accepted) / (rps * watch.seconds), [REFUSED]: refused } };
}
