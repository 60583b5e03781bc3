import type { IncomingMessage } from "node:http";

/** The request's body; nothing if it is too large, and then none of it is kept. */
export async function readBody(request: IncomingMessage, longestBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > longestBytes) chunks.length = 0;
    else chunks.push(chunk);
  }
  return bytes > longestBytes ? undefined : Buffer.concat(chunks);
}
