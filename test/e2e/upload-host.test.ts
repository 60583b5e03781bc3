import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aRewritingProxy } from "../support/rewriting-proxy.ts";
import { aUserCsv, usernames } from "../support/source-files.ts";
import { aTarget } from "../support/target.ts";

vi.setConfig({ testTimeout: 120_000 });

/** A server that somebody else has put up; counts the connections to it. */
async function aForeigner(): Promise<{ readonly port: number; connections(): number }> {
  let connections = 0;
  const server = createServer((_request, response) => response.end());
  server.on("connection", () => (connections += 1));
  server.listen(0);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

test("users are not sent to a host that is neither AWS nor the named endpoint, and the run goes on once that is mended", async () => {
  const target = await aTarget();
  const foreigner = await aForeigner();
  let isRewriting = true;
  const url = await aRewritingProxy(target.emulator.url, (answer) =>
    // Reaches this machine, and is no name of it.
    isRewriting ? answer.replace(/http:\/\/127\.0\.0\.1:\d+\//, `http://0.0.0.0:${foreigner.port}/`) : answer,
  );
  const runDir = join(aFolder(), "run");
  const flags = ["--user-pool-id", target.userPoolId, "--endpoint-url", url, "--run-dir", runDir];
  const role = ["--logs-role-arn", "arn:aws:iam::123456789012:role/import-log"];
  const args = ["migrate", "--from", `csv:${aUserCsv(3)}`, ...flags, ...role, "--yes", "--json"];

  for (const command of [args, ["resume", "--run-dir", runDir, "--json"]]) {
    const refused = await runCli(command);
    expect(jsonOf(refused)).toMatchObject({
      error: {
        code: "UPLOAD_HOST_FOREIGN",
        message: expect.stringContaining("http://0.0.0.0,"),
        hint: expect.stringContaining(`poolferry resume --run-dir ${runDir}`),
      },
      exitCode: 5,
    });
    expect(refused.stdout + refused.stderr).not.toMatch(/X-Amz|Signature|aws-cognito-idp-user-import/i);
    expect(refused.exitCode).toBe(5);
  }
  expect(foreigner.connections()).toBe(0);
  expect(target.emulator.requestCounts.get("PutObject")).toBeUndefined();
  expect(target.users()).toEqual([]);

  isRewriting = false;
  const resumed = jsonOf(await runCli(["resume", "--run-dir", runDir, "--json"]));
  expect(resumed).toMatchObject({ state: "done", outcomes: { imported: 3 }, exitCode: 0 });
  expect(target.users().map(({ username }) => username)).toEqual(usernames(3));
  expect(target.emulator.requestCounts.get("CreateUserImportJob")).toBe(1);
  const parts = join(runDir, "parts");
  expect(existsSync(parts) ? readdirSync(parts) : []).toEqual([]);
});
