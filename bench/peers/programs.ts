// The programs that create users one by one, each as it is run by whoever uses it.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BIN, ENVIRONMENT, type LocalPool } from "../local-pool.ts";
import { measure, type Measurement, type Stop } from "../measure.ts";

/** Where users are to be created, and the files that hold them. */
interface Place extends Pick<LocalPool, "url" | "userPoolId"> {
  /** Without an extension: beside it are .csv and, as ListUsers has them, .json. */
  readonly path: string;
  /** When the program is stopped; only one that is watched for a time looks at it. */
  readonly stop?: Stop | undefined;
}

/** A program that creates users. */
export interface Program {
  readonly run: (place: Place) => Promise<Measurement>;
  /** Of one that is too slow to wait for its end: how long it is watched. */
  readonly watchMs?: number;
}

/** A script over the SDK as people write it. */
export const script: Program = {
  async run({ url, userPoolId, path }) {
    const program = fileURLToPath(new URL("script.ts", import.meta.url));
    return measure(process.execPath, [program, url, userPoolId, `${path}.csv`], ENVIRONMENT);
  },
};

/** Plans and applies: what the others do not do – looking, validating, the ledger, the reports – is in its time. */
export const poolferry: Program = {
  async run({ url, userPoolId, path }) {
    const runDir = `${path}-run`;
    rmSync(runDir, { recursive: true, force: true });
    const target = ["--user-pool-id", userPoolId, "--endpoint-url", url];
    const plan = [BIN, "plan", "--from", `csv:${path}.csv`, ...target, "--run-dir", runDir];
    const planned = await measure(process.execPath, plan, ENVIRONMENT);
    const applied = await measure(process.execPath, [BIN, "apply", "--run-dir", runDir], ENVIRONMENT);
    for (const { exitCode, stdout, stderr } of [planned, applied])
      if (exitCode !== 0 && exitCode !== 3) throw new Error(stdout + stderr);
    return {
      ...applied,
      seconds: planned.seconds + applied.seconds,
      cpuSeconds: (planned.cpuSeconds ?? 0) + (applied.cpuSeconds ?? 0),
      peakMegabytes: Math.max(planned.peakMegabytes ?? 0, applied.peakMegabytes ?? 0),
    };
  },
};

/** cognito-backup-restore as npm has installed it in a folder. */
export function backupRestoreIn(folder: string, watchMs: number): Program {
  const modules = join(folder, "node_modules");
  const endpoint = fileURLToPath(new URL("point-aws-sdk.ts", import.meta.url));
  const program = join(modules, "cognito-backup-restore", "build", "cli", "cli.js");
  const keys = ["--aws-access-key", "local", "--aws-secret-key", "local", "--region", "us-east-1"];
  return {
    watchMs,
    async run({ url, userPoolId, path, stop }) {
      const users = ["--userpool", userPoolId, "--file", `${path}.json`, "--password", "Password1!"];
      const env = { ...ENVIRONMENT, BENCH_MODULES: modules, BENCH_ENDPOINT: url };
      const parameters = ["--import", endpoint, program, "restore", ...keys, ...users];
      return measure(process.execPath, parameters, env, stop);
    },
  };
}
