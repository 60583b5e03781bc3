import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A service that is a process of its own. */
export interface Service extends Disposable {
  /** Where it listens, without a path. */
  readonly url: string;
}

/** Starts a program of this folder that prints, in a line of its own, where it listens; it ends with this process at the latest. */
export async function startService(program: string, ...parameters: readonly string[]): Promise<Service> {
  const script = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, [script, ...parameters], { stdio: ["ignore", "pipe", "inherit"] });
  const stop = (): unknown => child.kill("SIGKILL");
  process.once("exit", stop);
  let printed = "";
  for await (const text of child.stdout.setEncoding("utf8") as AsyncIterable<string>) {
    printed += text;
    const [url] = /http:\/\/\S+(?=\s)/.exec(printed) ?? [];
    if (url === undefined) continue;
    return {
      url,
      [Symbol.dispose]: () => {
        process.off("exit", stop);
        stop();
      },
    };
  }
  throw new Error(`${program} did not start`);
}
