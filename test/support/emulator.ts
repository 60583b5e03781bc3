import {
  startEmulator as start,
  type Emulator,
  type EmulatorOptions,
  type Call,
  type Fault,
  type Hooks,
} from "../../emulator/index.ts";
import { startValidatingProxy } from "./proxy/validating-proxy.ts";
import type { Message } from "./proxy/message-reader.ts";
import { recordViolation } from "./proxy/violations.ts";

export type { Call, Emulator, EmulatorOptions, Fault, Hooks };

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
      errorsNamedBy(options).some((type) => answer?.body.includes(`"${type}"`)),
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
function errorsNamedBy({ rules = {} }: EmulatorOptions): readonly string[] {
  return Object.values(rules).flatMap((rule) =>
    typeof rule === "string" && rule.endsWith("Exception") ? [rule] : [],
  );
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
  if (fault.kind === "drop" || answer === undefined) return answer === undefined;
  return answer.startLine.includes(` ${fault.status} `) && answer.body.includes(fault.type);
}
