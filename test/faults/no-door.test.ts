import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { jsonOf, runCli, type CommandResult } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget } from "../support/target.ts";
import { FaultyRun } from "./faulty-run.ts";
import { MIXED } from "./plays.ts";

const DEADLINE_MS = 90_000;

async function planAt(endpointUrl: string): Promise<CommandResult> {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const args = ["plan", "--from", `csv:${aUserCsv(2)}`, ...target.flags, "--run-dir", runDir];
  return runCli([...args, "--endpoint-url", endpointUrl, "--json"], { deadlineMs: DEADLINE_MS });
}

test("a host that no name server knows is named, with nothing sent", { timeout: 100_000 }, async () => {
  const result = await planAt("http://cognito.invalid:4566");
  expect(jsonOf(result)).toMatchObject({
    exitCode: 2,
    error: { code: "ENDPOINT_UNREACHABLE", message: expect.stringContaining("cognito.invalid") as string },
  });
  expect(result.stderr).not.toMatch(/\n\s+at /);
});

test("a run whose network is gone is finished once it is back", { timeout: 200_000 }, async () => {
  const run = await FaultyRun.of(MIXED);
  // A name that cannot be looked up stands between the command and everything else.
  const env = { HTTP_PROXY: "http://proxy.invalid:3128", http_proxy: "http://proxy.invalid:3128" };
  const result = await run.undergo({ name: "no network", faults: [] }, { env, deadlineMs: DEADLINE_MS });
  expect(jsonOf(result.first)).toMatchObject({ exitCode: 4, error: { code: "ENDPOINT_UNREACHABLE" } });
  expect(Object.values(result.findings).flat()).toEqual([]);
});

/** A certificate that nobody trusts and its key; undefined where openssl is not installed. */
function aCertificate(): { readonly key: Buffer; readonly cert: Buffer } | undefined {
  const folder = aFolder();
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2"];
  if (spawnSync("openssl", [...args, ...subject]).status !== 0) return undefined;
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

test("a server whose certificate nobody trusts is not spoken to", async ({ skip }) => {
  const certificate = aCertificate() ?? skip("openssl, which makes the certificate, is not here");
  let requests = 0;
  const server = createServer(certificate, (_, response) => {
    requests += 1;
    response.end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const result = await planAt(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
  expect(jsonOf(result)).toMatchObject({
    exitCode: 2,
    error: {
      code: "ENDPOINT_UNREACHABLE",
      message: expect.stringMatching(/cannot be spoken to securely/) as string,
    },
  });
  expect(requests).toBe(0);
});
