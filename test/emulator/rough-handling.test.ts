import { once } from "node:events";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";

// Not behind the validating proxy, which would hang up in its own way and minds what AWS never sends.
import { startEmulator, type Emulator } from "../../emulator/index.ts";
import { callControl } from "./support/control.ts";
import { ROLE } from "./support/pool.ts";
import { callCognito } from "./support/raw.ts";

/** An emulator with a pool, and an import job in it that waits for its file. */
async function anEmulator() {
  const emulator = await startEmulator({ quotas: "off" });
  await callCognito(emulator, "CreateUserPool", { PoolName: "people" });
  const [poolId = ""] = emulator.state.pools.keys();
  await callCognito(emulator, "CreateUserImportJob", {
    UserPoolId: poolId,
    JobName: "move",
    CloudWatchLogsRoleArn: ROLE,
  });
  const [job] = emulator.state.pools.get(poolId)?.jobs.values() ?? [];
  if (job === undefined) throw new Error("no job was created");
  return { emulator, poolId, job };
}

/** Sends text as it is, and leaves the connection open. */
async function send({ url }: Emulator, text: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.write(text);
  return socket;
}

test("a client that hangs up while its upload is held harms nobody", async () => {
  const { emulator, job } = await anEmulator();
  await using _ = emulator;
  emulator.control.planFault({ operation: "PutObject", fault: { kind: "hold", name: "upload" } });
  const client = new AbortController();
  const uploading = fetch(job.preSignedUrl, {
    method: "PUT",
    body: "a,b\n",
    headers: { "x-amz-server-side-encryption": "aws:kms" },
    signal: client.signal,
  });
  await emulator.control.waitUntilHeld("upload");
  client.abort();
  await expect(uploading).rejects.toThrow();
  // Once this comes back, the emulator has seen that the other one is gone.
  await callControl(emulator, "GET", "clock");
  expect(emulator.control.release("upload")).toBe(1);
  await callControl(emulator, "GET", "clock");
  expect(job.csv).toBeUndefined();
});

test("a held request takes effect once, though its client is gone", async () => {
  const { emulator, poolId } = await anEmulator();
  await using _ = emulator;
  emulator.control.planFault({ operation: "CreateGroup", fault: { kind: "hold", name: "group" } });
  const create = { UserPoolId: poolId, GroupName: "staff" };
  const body = JSON.stringify(create);
  const signature = `AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=${"0".repeat(64)}`;
  const head = Object.entries({
    host: "127.0.0.1",
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "AWSCognitoIdentityProviderService.CreateGroup",
    authorization: signature,
    "content-length": body.length,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = await send(emulator, `POST / HTTP/1.1\r\n${head.join("")}\r\n${body}`);
  await emulator.control.waitUntilHeld("group");
  socket.destroy();
  await callControl(emulator, "GET", "clock");
  emulator.control.release("group");
  const again = await callCognito(emulator, "CreateGroup", create);
  expect(again.body["__type"]).toBe("GroupExistsException");
  expect(emulator.state.pools.get(poolId)?.groups.size).toBe(1);
});

test("a dump that is cut off on its way in, even between two lines, changes nothing", async () => {
  const { emulator } = await anEmulator();
  await using _ = emulator;
  const before = [...emulator.control.dump()];
  const line = '{"kind":"account","version":1}\n';
  const socket = await send(
    emulator,
    `PUT /_emulator/dump HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 999\r\n\r\n${line}`,
  );
  socket.end();
  await once(socket.resume(), "close");
  await callControl(emulator, "GET", "clock");
  expect([...emulator.control.dump()]).toEqual(before);
});

test("a client that waits to be told before it sends its settings is told", async () => {
  await using emulator = await startEmulator();
  const headers = { expect: "100-continue" };
  const asking = request(`${emulator.url}/_emulator/rules`, { method: "PATCH", headers });
  asking.flushHeaders();
  await once(asking, "continue");
  asking.end('{"jobsInPool": 7}');
  await once(asking, "response");
  expect(emulator.control.rules.jobsInPool).toBe(7);
});

test("an error whose type no header can hold reaches the client all the same", async () => {
  const { emulator } = await anEmulator();
  await using _ = emulator;
  const type = "Nö\nException";
  emulator.control.planFault({
    operation: "ListUserPools",
    fault: { kind: "error", status: 400, type, message: "No" },
  });
  const { headers, body } = await callCognito(emulator, "ListUserPools", { MaxResults: 1 });
  expect(headers.get("x-amzn-errortype")).toBe("N  Exception:");
  expect(body).toEqual({ __type: type, message: "No" });
});
