import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** Changes the text of an answer on its way back; `operation` is the API's name, or empty for an upload. */
export type Rewrite = (answer: string, operation: string) => string;

/** Starts a proxy before an emulator that hands everything on and may change the answers; returns its address. */
export async function aRewritingProxy(targetUrl: string, rewrite: Rewrite): Promise<string> {
  const target = new URL(targetUrl);
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const onward = request({ host: target.hostname, port: target.port, method, path, headers });
    const change = (text: string): string => rewrite(text, operationOf(incoming));
    onward.on("response", (answer) => void passOn(answer, outgoing, change));
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function passOn(
  answer: IncomingMessage,
  outgoing: ServerResponse,
  change: (text: string) => string,
): Promise<void> {
  const changed = Buffer.from(change(await textOf(answer)));
  outgoing.writeHead(answer.statusCode ?? 500, { ...answer.headers, "content-length": changed.length });
  outgoing.end(changed);
}

function operationOf({ headers }: IncomingMessage): string {
  return (
    String(headers["x-amz-target"] ?? "")
      .split(".")
      .at(-1) ?? ""
  );
}

async function textOf(message: IncomingMessage): Promise<string> {
  let text = "";
  for await (const block of message.setEncoding("utf8")) text += String(block);
  return text;
}
