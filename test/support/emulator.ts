import {
  startEmulator as start,
  type Emulator,
  type EmulatorOptions,
  type Call,
  type Fault,
  type Hooks,
} from "../../emulator/index.ts";
import { DEFAULT_RULES } from "../../emulator/rules.ts";
import { startValidatingProxy } from "./proxy/validating-proxy.ts";
import type { Message } from "./proxy/message-reader.ts";
import { recordViolation } from "./proxy/violations.ts";

export type * from "../../emulator/index.ts";

/**
 * Starts an emulator behind a proxy that holds everything said to it and by it against AWS's API model; what it
 * finds fails the test. The emulator's address is the proxy's. Answers that the test's own hooks spoil are let be.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const spoilt = new SpoiltCalls();
  const { port, hooks = {}, ...others } = options;
  const emulator = await start({
    ...others,
    hooks: { beforeEffect: spoilt.watch(hooks.beforeEffect), afterEffect: spoilt.watch(hooks.afterEffect) },
  });
  const proxy = await startValidatingProxy(emulator.url, {
    port,
    host: options.host,
    isSpoilt: (operation, answer) =>
      spoilt.take(operation, answer) ||
      isPlanned(emulator, operation, answer) ||
      errorsNamedBy(emulator).some((type) => answer?.body.includes(`"${type}"`)),
    report: recordViolation,
  });
  const close = async () => {
    proxy.stopListening();
    await emulator.close();
    await proxy.close();
  };
  return { ...emulator, url: proxy.url, close, [Symbol.asyncDispose]: close };
}

/** Errors that the test's own settings name in place of what is known of AWS. */
function errorsNamedBy({ control }: Emulator): readonly string[] {
  const usual: readonly unknown[] = Object.values(DEFAULT_RULES);
  return Object.values(control.rules).flatMap((rule) =>
    typeof rule === "string" && rule.endsWith("Exception") && !usual.includes(rule) ? [rule] : [],
  );
}

/** Whether an answer, or the lack of one, may be the work of a fault that was planned by the controls. */
function isPlanned({ control }: Emulator, operation: string, answer: Message | undefined): boolean {
  return control.faults.some((planned) => {
    return (planned.operation === "*" || planned.operation === operation) && isMadeBy(planned.fault, answer);
  });
}

/** The calls that hooks have answered themselves, by operation, until their answers pass. */
class SpoiltCalls {
  readonly #faults: { readonly operation: string; readonly fault: Fault }[] = [];

  /** The hook, with a note of every fault it makes. */
  watch(hook: Hooks["beforeEffect"]): Hooks["beforeEffect"] {
    if (hook === undefined) return undefined;
    return async (call: Call) => {
      const fault = await hook(call);
      if (fault) this.#faults.push({ operation: call.operation, fault });
      return fault;
    };
  }

  /** Whether an answer, or the lack of one, was made by a hook. */
  take(operation: string, answer: Message | undefined): boolean {
    const index = this.#faults.findIndex(
      (spoilt) => spoilt.operation === operation && isMadeBy(spoilt.fault, answer),
    );
    if (index === -1) return false;
    this.#faults.splice(index, 1);
    return true;
  }
}

function isMadeBy(fault: Fault, answer: Message | undefined): boolean {
  switch (fault.kind) {
    case "drop":
    case "reset":
    case "hold":
    // Whole answers of other calls may pass before this one's half.
    case "truncate":
      return answer === undefined;
    case "throttle":
      return answer === undefined || /TooManyRequests|Throttling|SlowDown/.test(answer.body.toString());
    case "html":
      return answer === undefined || answer.startLine.includes(` ${fault.status} `);
    case "error":
      if (answer === undefined) return false;
      return answer.startLine.includes(` ${fault.status} `) && answer.body.includes(fault.type);
    case "delay":
      return false;
  }
}
