import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { expect, onTestFinished } from "vitest";
import { BIN, LOCAL_ENV } from "./cli.ts";
import { isInstalled } from "./programs.ts";

/** Whether there are terminals to run a command in. */
export const HAS_TERMINAL = isInstalled("tmux", "a command at a real terminal");

/** A terminal in which a command runs, as somebody sees it. */
export interface Terminal {
  /** What stands in it, with what has scrolled out of it, without the space at the ends of lines. */
  screen(): string;
  /** The same with the escape sequences of colours. */
  colours(): string;
  /** Waits until a text stands in it that matches; returns all that stands in it then. */
  until(text: RegExp, timeoutMs?: number): Promise<string>;
  /** Types keys, by their names in tmux. */
  type(...keys: readonly string[]): void;
  resize(columns: number): void;
  /** The process that runs in it. */
  readonly pid: number;
}

/** How large a terminal is, and what the command finds in its environment beside the usual. */
export interface TerminalSettings {
  readonly columns: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** When the command has ended, this stands in its terminal, with its exit code. */
const ENDED = "the command has ended with";

/** Runs the built command line in a terminal of its own, which ends with the test. */
export function aTerminal(
  args: readonly string[],
  { columns, rows = 40, env = {} }: TerminalSettings,
): Terminal {
  const socket = `poolferry-${randomUUID()}`;
  const tmux = (...words: readonly string[]): string =>
    execFileSync("tmux", ["-L", socket, "-f", "/dev/null", ...words], {
      encoding: "utf8",
      // tmux itself is to take every character, whatever the machine's locale.
      env: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8" },
    });
  const { NO_COLOR: _noColour, ...local } = LOCAL_ENV;
  const variables = Object.entries({ ...local, LC_ALL: "C.UTF-8", ...env });
  const settings = variables.map(([name, value]) => `${name}=${quoted(value)}`).join(" ");
  const command = [process.execPath, BIN, ...args].map(quoted).join(" ");
  const size = ["-x", String(columns), "-y", String(rows)];
  // The terminal stays when the command has ended, whatever ended it.
  tmux(
    "new-session",
    "-d",
    ...size,
    `env -i TERM="$TERM" ${settings} ${command}; echo "${ENDED} $?"; sleep 600`,
  );
  onTestFinished(() => {
    tmux("kill-server");
  });
  const capture = (...how: readonly string[]): string =>
    tmux("capture-pane", "-p", "-S", "-", ...how)
      .replaceAll(/ +$/gm, "")
      .trimEnd();
  return {
    screen: () => capture(),
    colours: () => capture("-e"),
    async until(text, timeoutMs = 30_000) {
      let seen = "";
      const look = (): string => (seen = capture());
      await expect.poll(look, { timeout: timeoutMs, interval: 100 }).toMatch(text);
      return seen;
    },
    type: (...keys) => void tmux("send-keys", ...keys),
    resize: (width) => void tmux("resize-window", "-x", String(width)),
    get pid() {
      const shell = tmux("display-message", "-p", "#{pane_pid}").trim();
      return Number(execFileSync("ps", ["-o", "pid=", "--ppid", shell], { encoding: "utf8" }).trim());
    },
  };
}

/** What stands in a terminal once its command has ended. */
export async function ended(
  terminal: Terminal,
): Promise<{ readonly screen: string; readonly exitCode: number }> {
  const screen = await terminal.until(new RegExp(`${ENDED} \\d+`), 60_000);
  const [, code] = new RegExp(`${ENDED} (\\d+)`).exec(screen) ?? [];
  return { screen, exitCode: Number(code) };
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
