import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { finish, startCli, type CommandResult } from "./cli.ts";
import { aProject, runInShell } from "./project.ts";

/** An emulator that runs as a command, with one pool. */
export interface LocalCognito {
  readonly port: string;
  readonly userPoolId: string;
}

/** Starts the emulator by a command of a page, at a port that is free in place of the page's 9229; it ends with the test. */
export async function startAsTold(command: string): Promise<LocalCognito> {
  const child = startCli(command.trim().replace("9229", "0").split(" ").slice(2));
  let printed = "";
  child.stdout?.on("data", (text: Buffer) => (printed += text.toString()));
  const finished = finish(child, 240_000);
  onTestFinished(async () => {
    child.kill("SIGINT");
    await finished;
  });
  const [, port = "", userPoolId = ""] = await vi.waitFor(
    () => {
      const found = /127\.0\.0\.1:(\d+)[^]*user pool (\S+)/.exec(printed);
      if (found === null) throw new Error(`the emulator printed ${printed}`);
      return found;
    },
    { timeout: 60_000 },
  );
  return { port, userPoolId };
}

/**
 * A reader at a terminal, who types one block of a page after another: what is exported or set stays. The page's port
 * 9229 and pool us-east-1_AbCd12345 are those of the emulator.
 */
export class Reader {
  readonly folder = aProject();
  readonly #cognito: LocalCognito;

  constructor(cognito: LocalCognito) {
    this.#cognito = cognito;
    this.write("state.sh", "");
  }

  async type(block: string): Promise<CommandResult> {
    const { port, userPoolId } = this.#cognito;
    const here = block.replaceAll("9229", port).replaceAll("us-east-1_AbCd12345", userPoolId);
    const script = `set -a; source ./state.sh; trap 'declare -px > state.sh' EXIT\n${here}`;
    return runInShell(script, this.folder);
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), "utf8");
  }
}
