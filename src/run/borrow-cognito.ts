import type { Cognito } from "../cognito/cognito.ts";

/** A way to Cognito for as long as a step takes. */
interface Borrowed extends AsyncDisposable {
  readonly cognito: Cognito;
}

/** Somebody else's way to Cognito, with what it has learnt of the account's quotas, or one that is made and closed again. */
export function borrowCognito(shared: Cognito | undefined, make: () => Cognito): Borrowed {
  const cognito = shared ?? make();
  return {
    cognito,
    [Symbol.asyncDispose]: async () => {
      if (shared === undefined) await cognito[Symbol.asyncDispose]();
    },
  };
}
