// Takes uploads as S3 does, reads them as fast as it is told, and throws them away, as a process of its own:
// node sink.ts [BYTES_A_SECOND]. GET tells how many bytes the last upload had.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";

const [, , bytesPerSecond = "Infinity"] = process.argv;

/** Timers are no more exact than this. */
const LEAST_WAIT_MS = 2;

let uploaded = 0;

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "PUT") {
    response.end(JSON.stringify({ uploaded }));
    return;
  }
  const startedMs = performance.now();
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    const earlyMs = startedMs + (bytes / Number(bytesPerSecond)) * 1000 - performance.now();
    if (earlyMs > LEAST_WAIT_MS) await wait(earlyMs);
  }
  const isExpected =
    request.headers["x-amz-server-side-encryption"] === "aws:kms" &&
    Number(request.headers["content-length"]) === bytes;
  uploaded = isExpected ? bytes : 0;
  response.writeHead(isExpected ? 200 : 400).end();
}

const server = createServer((request, response) => {
  take(request, response).catch((error: unknown) => response.destroy(error as Error));
});

server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
