import { GetProvisionedLimitCommand } from "@aws-sdk/client-cognito-identity-provider";
import { FerryError } from "../core/ferry-error.ts";
import type { Cognito } from "./cognito.ts";

/**
 * Asks for the account's present rate in a category of requests, in requests a second. Throws where the credentials may
 * not ask, or the service has no such operation or category: AWS names the categories for which the rate can be raised,
 * and not whether others can be asked for.
 */
export async function readAccountRate(
  cognito: Cognito,
  category: string,
  signal: AbortSignal,
): Promise<number> {
  const input = {
    LimitDefinition: { LimitClass: "API_CATEGORY" as const, Attributes: { Category: category } },
  };
  const { Limit } = await cognito.call(
    "GetProvisionedLimit",
    (client, abort) => client.send(new GetProvisionedLimitCommand(input), abort),
    { repeat: "safe", signal },
  );
  const rps = Limit?.ProvisionedLimitValue ?? 0;
  if (rps > 0) return rps;
  throw new FerryError("ENDPOINT_UNSUPPORTED", `The service tells no request rate for ${category}`, {
    hint: "Check --endpoint-url: it must be a Cognito-compatible service",
  });
}
