import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../support/emulator.ts";
import { upload, type UploadResult } from "../../src/load/upload.ts";
import { someFacts } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const NEVER = new AbortController().signal;

type Serve = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A storage that answers as it is told; returns the address of an object in it. */
async function aStorage(serve: Serve): Promise<string> {
  const server = createServer((request, response) => void serve(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}/bucket/key?X-Amz-Signature=secret`;
}

function send(content: Buffer | string, preSignedUrl: string, signal = NEVER): Promise<UploadResult> {
  const { connection } = someFacts();
  return upload(
    { path: aFile(content), bytes: Buffer.byteLength(content), preSignedUrl },
    connection,
    signal,
  );
}

const LARGE = randomBytes(24 * 1024 * 1024);
const SHA256 = createHash("sha256").update(LARGE).digest("hex");

async function sha256Of(request: IncomingMessage): Promise<string> {
  const hash = createHash("sha256");
  for await (const block of request) hash.update(block as Buffer);
  return hash.digest("hex");
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`);
}

test("the request has its length, the header that the signature demands, and no other of Amazon's", async () => {
  let request: IncomingMessage | undefined;
  const url = await aStorage((incoming, response) => {
    request = incoming;
    incoming.resume().on("end", () => response.end());
  });
  expect(await send("a,b\n1,2\n", url)).toEqual({ kind: "uploaded" });
  expect(request?.method).toBe("PUT");
  expect(request?.url).toBe("/bucket/key?X-Amz-Signature=secret");
  expect({ ...request?.headers, host: "" }).toEqual({
    host: "",
    connection: "keep-alive",
    "content-length": "8",
    "x-amz-server-side-encryption": "aws:kms",
  });
});

test(
  "a refusal that comes before the file was read is heard, and ends the sending",
  { timeout: 20_000 },
  async () => {
    let requests = 0;
    const url = await aStorage((_request, response) => {
      requests += 1;
      // Nothing of the body is read.
      refuse(response, 403, "AccessDenied");
    });
    expect(await send(LARGE, url)).toEqual({ kind: "refused", why: "403 AccessDenied no" });
    expect(requests).toBe(1);
  },
);

test("a refusal after which the connection is reset is heard, or the file is sent again", async () => {
  let requests = 0;
  const url = await aStorage((request, response) => {
    requests += 1;
    refuse(response, 403, "AccessDenied");
    // The last try is let through: on a busy machine every answer before it may be lost with its connection.
    if (requests < 4) response.on("finish", () => request.socket.destroy());
  });
  expect(await send(LARGE, url)).toMatchObject({ kind: "refused" });
  expect(requests).toBeLessThanOrEqual(4);
});

describe("the file is sent again, whole", () => {
  const sendAfter = async (trouble: Serve): Promise<void> => {
    let requests = 0;
    let received = "";
    const url = await aStorage(async (request, response) => {
      requests += 1;
      if (requests === 1) return trouble(request, response);
      received = await sha256Of(request);
      response.end();
    });
    expect(await send(LARGE, url)).toEqual({ kind: "uploaded" });
    expect(received).toBe(SHA256);
    expect(requests).toBe(2);
  };

  test("after a reset in its middle", () =>
    sendAfter((request) => {
      let bytes = 0;
      request.on("data", (block: Buffer) => {
        bytes += block.length;
        if (bytes > LARGE.length / 2) request.socket.resetAndDestroy();
      });
    }));

  test("after an end of the connection without an answer", () =>
    sendAfter((request) => void request.resume().on("end", () => request.socket.destroy())));

  test.each([
    [503, "SlowDown"],
    [500, "InternalError"],
    [400, "RequestTimeout"],
  ])("after the answer %i %s", (status, code) =>
    sendAfter((request, response) => {
      request.resume().on("end", () => refuse(response, status, code));
    }),
  );
});

test("a storage that reads slowly gets the file whole, at its own pace", { timeout: 30_000 }, async () => {
  let received = "";
  let largestWait = 0;
  const url = await aStorage(async (request, response) => {
    const hash = createHash("sha256");
    let read = 0;
    for await (const block of request) {
      hash.update(block as Buffer);
      read += (block as Buffer).length;
      if (read < LARGE.length / 8) continue;
      read = 0;
      const before = process.memoryUsage().arrayBuffers;
      await delay(300);
      largestWait = Math.max(largestWait, process.memoryUsage().arrayBuffers - before);
    }
    received = hash.digest("hex");
    response.end();
  });
  expect(await send(LARGE, url)).toEqual({ kind: "uploaded" });
  expect(received).toBe(SHA256);
  // While the storage does not read, the file is not read on into memory.
  expect(largestWait).toBeLessThan(8 * 1024 * 1024);
});

test("an interruption ends the sending", async () => {
  const interruption = new AbortController();
  const url = await aStorage(() => interruption.abort());
  await expect(send(LARGE, url, interruption.signal)).rejects.toMatchObject({ code: "INTERRUPTED" });
});

test(
  "a storage that always fails is named, and its address stands nowhere",
  { timeout: 20_000 },
  async () => {
    let requests = 0;
    const url = await aStorage((request, response) => {
      requests += 1;
      request.resume().on("end", () => refuse(response, 503, "SlowDown"));
    });
    const error = await send("a\n", url).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({
      code: "UPLOAD_REFUSED",
      message: expect.stringContaining("503 SlowDown no"),
    });
    expect(inspect(error)).not.toContain("secret");
    expect(requests).toBe(4);
  },
);

test("an upload that finds no trust is refused by name, and its address stands nowhere", async () => {
  await using emulator = await startEmulator();
  const url = `${emulator.url.replace("http:", "https:")}/bucket/key?X-Amz-Signature=secret`;
  const error = await send("csv", url).catch((thrown: unknown) => thrown as Error);
  expect(error).toMatchObject({ code: "UPLOAD_REFUSED", exitCode: 4 });
  expect(inspect(error)).not.toContain("secret");
});
