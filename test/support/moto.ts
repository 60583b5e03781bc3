import { spawn } from "node:child_process";
import { onTestFinished } from "vitest";

/** Starts moto's server, an AWS that we did not write, until the test ends; returns its address. */
export async function startMoto(): Promise<string> {
  const server = spawn("moto_server", ["-p", "0"], { stdio: ["ignore", "ignore", "pipe"], detached: true });
  onTestFinished(() => void process.kill(-(server.pid ?? 0), "SIGKILL"));
  let printed = "";
  server.stderr.setEncoding("utf8");
  for await (const text of server.stderr) {
    printed += String(text);
    const [url] = /http:\/\/[\d.:]+\d(?=\s)/.exec(printed) ?? [];
    if (url !== undefined) {
      // Nobody reads on, so it must not fill its pipe.
      server.stderr.resume();
      return url;
    }
  }
  throw new Error(`moto_server did not start: ${printed}`);
}
