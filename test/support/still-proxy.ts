import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A way to a port that can stand still: everything stays open, and nothing comes through any more. */
export interface StillProxy {
  readonly port: number;
  standStill(): void;
}

/** Starts it; it ends with the test. */
export async function aStillProxy(port: number): Promise<StillProxy> {
  const sockets = new Set<Socket>();
  let isStill = false;
  const server = createServer((from) => {
    const to = connect(port, "127.0.0.1");
    for (const socket of [from, to]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
      if (isStill) socket.pause();
    }
    from.on("data", (data) => isStill || to.write(data));
    to.on("data", (data) => isStill || from.write(data));
    from.on("end", () => to.end());
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: (server.address() as AddressInfo).port,
    standStill: () => {
      isStill = true;
      for (const socket of sockets) socket.pause();
    },
  };
}
