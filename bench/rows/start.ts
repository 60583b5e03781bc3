import { BIN, ENVIRONMENT } from "../local-pool.ts";
import { measure, type Measurement } from "../measure.ts";
import type { Aim, Row } from "../row.ts";

const MORE_MS: Aim = {
  what: "more than the reference",
  unit: "ms",
  value: (work, reference) => (work.seconds - reference.seconds) * 1000,
  bound: { atMost: 100 },
};

/** `poolferry --version` beside Node that does nothing. */
export const startVersion = startOf("--version", /^\d+\.\d+\.\d+\n$/);

/** `poolferry --help` beside Node that does nothing. */
export const startHelp = startOf("--help", /^Usage: poolferry [^]*\n {2}plan /);

function startOf(flag: `--${string}`, expected: RegExp): Row {
  return {
    name: `start-${flag.slice(2)}`,
    work: `poolferry ${flag}`,
    reference: "node -e 0",
    aims: [MORE_MS],
    seconds: (_size, rounds) => rounds / 2,
    async prepare() {
      return {
        input: "–",
        work: () => runNode([BIN, flag], expected),
        reference: () => runNode(["-e", "0"], /^$/),
        [Symbol.asyncDispose]: async () => {},
      };
    },
  };
}

async function runNode(parameters: readonly string[], expected: RegExp): Promise<Measurement> {
  const run = await measure(process.execPath, parameters, ENVIRONMENT);
  if (run.exitCode !== 0 || !expected.test(run.stdout)) throw new Error(run.stdout + run.stderr);
  return run;
}
