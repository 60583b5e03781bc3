import { UndiciHttpHandler, type UndiciHttpHandlerOptions } from "@smithy/undici-http-handler";
import type { Dispatcher } from "undici";
import type { Connection } from "../core/connection.ts";

type HandlerDispatcher = NonNullable<UndiciHttpHandlerOptions["dispatcher"]>;

/** What every client of the SDK is made with: our agent and our retries, and where and as whom it asks. */
export interface ClientOptions {
  readonly maxAttempts: number;
  readonly cacheMiddleware: boolean;
  readonly requestHandler: UndiciHttpHandler;
  readonly region?: string;
  readonly profile?: string;
  readonly endpoint?: string;
}

/** The options of a client; what the connection leaves open is left to the SDK's own chain. */
export function clientOptions(
  agent: Dispatcher,
  { region, profile }: Pick<Connection, "region" | "profile">,
  endpointUrl: string | undefined,
): ClientOptions {
  return {
    maxAttempts: 1,
    // The SDK would put its middleware together anew for every call, which takes longer than signing it.
    cacheMiddleware: true,
    // The handler's types are those of the undici 7 it brings; an undici 8 agent works the same.
    requestHandler: new UndiciHttpHandler({ dispatcher: agent as unknown as HandlerDispatcher }),
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
  };
}
