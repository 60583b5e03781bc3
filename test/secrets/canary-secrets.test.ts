import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonOf } from "../support/cli.ts";
import { canariesOf, foundIn, openToOthers, PERSONAL, SECRETS } from "./canaries.ts";
import { FORMATS, peopleAs, peopleConfig } from "./people.ts";
import { Sandbox } from "./sandbox.ts";

const RULES = { emailPattern: /@example\.com$/, highestFailedShare: 1 };

/** How each command is told to speak; another way for each format, so that all are heard. */
const OUTPUTS = {
  csv: [],
  ndjson: ["--json", "--log-level", "trace"],
  json: ["--log-format", "json", "--log-level", "trace"],
  auth0: ["--json", "--log-format", "json", "--log-level", "debug"],
} as const;

test.each(FORMATS)(
  "a migration from %s and everything after it leaks nothing, and what it makes is the operator's alone",
  { timeout: 120_000 },
  async (format) => {
    const sandbox = await Sandbox.open({}, { rules: RULES });
    const { runDir, cwd, target } = sandbox;
    const umask = process.umask(format === "csv" ? 0o000 : 0o022);
    try {
      const output = OUTPUTS[format];
      const source = sandbox.bring(`users.${format}`, peopleAs(format));
      await sandbox.run(["init", source, "--out", join(cwd, "draft.yaml"), ...sandbox.poolFlags]);
      const config = peopleConfig(sandbox, format);
      const plan = ["plan", "--config", config, ...sandbox.planFlags, ...output];
      expect((await sandbox.run(plan, { unsettled: true })).exitCode).toBe(3);
      expect(openToOthers(sandbox.root)).toEqual([]);
      // What is looked for later is there now.
      const ledger = foundIn(
        readFileSync(join(runDir, "ledger.db")),
        canariesOf({ ...SECRETS, ...PERSONAL }),
      );
      expect(ledger.map((found) => found.split(" ")[0])).toEqual([
        "bcrypt",
        "argon2",
        "pbkdf2",
        "password",
        "email",
        "phone",
        "name",
        "address",
      ]);

      expect((await sandbox.run(["apply", "--run-dir", runDir, ...output])).exitCode).toBe(3);
      expect(target.users()).toHaveLength(7);
      expect(sandbox.signedCount).toBeGreaterThan(1);
      expect((await sandbox.run(["verify", "--run-dir", runDir, ...output])).exitCode).toBe(0);
      const listed = await sandbox.run(["jobs", "list", ...sandbox.poolFlags, "--json"]);
      const { jobs } = jsonOf(listed) as unknown as { jobs: readonly { jobId: string }[] };
      await sandbox.run([
        "jobs",
        "describe",
        "--job-id",
        jobs[0]?.jobId ?? "",
        ...sandbox.poolFlags,
        ...output,
      ]);
      await sandbox.run(["status", "--run-dir", runDir, ...output]);
      await sandbox.run(["pool", "prepare", "--logs-role", "--yes", ...sandbox.poolFlags, ...output]);
      const looked = await sandbox.run(["doctor", "--config", config, ...sandbox.poolFlags, ...output]);
      expect(looked.exitCode, looked.stdout + looked.stderr).toBe(0);

      const files = /^cwd\/users\.(?:ndjson|csv)$/;
      const out = join(cwd, "users.ndjson");
      const exported = ["export", "--out", out, "--config-out", join(cwd, "back.yaml"), ...sandbox.poolFlags];
      await sandbox.run([...exported, ...output], { files });
      await sandbox.run(["export", "--format", "csv", ...sandbox.poolFlags], { files, stdout: true });
      expect(openToOthers(sandbox.root)).toEqual([]);
      rmSync(out);

      const { runId } = JSON.parse(readFileSync(join(runDir, "report.json"), "utf8")) as { runId: string };
      await sandbox.run(["undo", "--run-dir", runDir, "--delete", "--confirm", runId, ...output]);
      expect(openToOthers(sandbox.root)).toEqual([]);
      // From now on nothing of anybody is allowed anywhere.
      await sandbox.run(["purge", "--run-dir", runDir, "--yes", ...output]);
      sandbox.checkPurged();
      expect(openToOthers(sandbox.root)).toEqual([]);
    } finally {
      process.umask(umask);
    }
  },
);
