import { cpSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cpuRatio, peakOf, wallRatio } from "../aims.ts";
import { BIN, startLocalPool, type LocalPool } from "../local-pool.ts";
import type { Measurement } from "../measure.ts";
import { planAlone } from "../plan-alone.ts";
import type { Row, Setting, Size, Trial } from "../row.ts";
import { runNode } from "../run-node.ts";
import { startService, type Service } from "../service.ts";

const USERS: Readonly<Record<Size, number>> = { small: 500, medium: 20_000, full: 100_000 };

/** Calls under way at the same time: as many as apply has at any rate. */
const UNDER_WAY = 400;

/** Users created one by one where no rate holds it back, beside the SDK with the transport that poolferry gives it. */
export const create = createBeside("undici");

/** Beside the SDK as it comes. */
export const createPlain = createBeside("plain");

function createBeside(transport: "undici" | "plain"): Row {
  const name = transport === "undici" ? "create" : "create-plain";
  const how = transport === "undici" ? "over undici" : "as it comes";
  return {
    name,
    work: "poolferry apply, AdminCreateUser at any rate",
    reference: `the AWS SDK ${how} alone in a loop, ${UNDER_WAY} calls under way`,
    aims: [wallRatio(1.25), cpuRatio(), peakOf(200)],
    seconds: (size, rounds) =>
      ({ small: 3 + 3 * rounds, medium: 10 + 15 * rounds, full: 15 + 70 * rounds })[size],
    prepare: (setting) => prepare(setting, transport),
  };
}

/** Plans everyone once; each round applies a copy. */
async function prepare({ size, folder }: Setting, transport: string): Promise<Trial> {
  const users = USERS[size];
  using starting = new DisposableStack();
  const pool = starting.use(await startLocalPool("--no-quotas"));
  const stub = starting.use(await startService("stub-server.ts", pool.url));
  const planned = await planAlone(folder, users, { pool, url: stub.url });
  const stop = starting.move();
  return {
    input: `${users.toLocaleString("en")} users`,
    work: () => apply(planned, stub, users),
    reference: () => createAlone({ users, stub, pool }, transport),
    [Symbol.asyncDispose]: async () => stop[Symbol.dispose](),
  };
}

interface Creating {
  readonly users: number;
  readonly stub: Service;
  readonly pool: LocalPool;
}

async function apply(planned: string, stub: Service, users: number): Promise<Measurement> {
  const runDir = `${planned}-copy`;
  rmSync(runDir, { recursive: true, force: true });
  cpSync(planned, runDir, { recursive: true });
  const before = await createdBy(stub);
  const applied = await runNode(BIN, "apply", "--run-dir", runDir, "--json");
  requireAll((await createdBy(stub)) - before, users);
  return applied;
}

async function createAlone({ users, stub, pool }: Creating, transport: string): Promise<Measurement> {
  const script = fileURLToPath(new URL("../create-alone.ts", import.meta.url));
  const before = await createdBy(stub);
  const created = await runNode(
    script,
    stub.url,
    pool.userPoolId,
    String(users),
    String(UNDER_WAY),
    transport,
  );
  requireAll((await createdBy(stub)) - before, users);
  return created;
}

async function createdBy({ url }: Service): Promise<number> {
  return ((await (await fetch(url)).json()) as { readonly created: number }).created;
}

function requireAll(created: number, users: number): void {
  if (created !== users) throw new Error(`${created} users were created of ${users}`);
}
