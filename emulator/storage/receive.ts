import type { IncomingMessage } from "node:http";

/**
 * Reads an upload into one buffer of its declared length, so that no second copy of a large file ever exists.
 * Nothing comes of an upload that ends early.
 */
export async function receiveUpload(request: IncomingMessage): Promise<Uint8Array> {
  const content = Buffer.allocUnsafe(Number(request.headers["content-length"]));
  let filled = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunk.copy(content, filled);
    filled += chunk.length;
  }
  return content;
}
