import { EnvHttpProxyAgent, type Dispatcher } from "undici";
import type { Connection } from "../core/connection.ts";
import { explainError } from "./explain-error.ts";

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * The connections of one client, with explicit timeouts; the caller destroys it. HTTPS_PROXY and NO_PROXY are honoured,
 * as by the AWS CLI and curl. Throws USAGE when they hold no address.
 */
export function createHttpAgent(replyTimeoutMs: number, connection: Connection): Dispatcher {
  try {
    return new EnvHttpProxyAgent({
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: replyTimeoutMs,
      bodyTimeout: replyTimeoutMs,
    });
  } catch (error) {
    throw explainError(error, { operation: "the proxy", connection });
  }
}
