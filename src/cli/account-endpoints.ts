import type { AccountConnection } from "../cognito/aws-account.ts";
import { requireUrl } from "./require-url.ts";

/**
 * Where IAM and STS are asked beside an endpoint that was given: an address in the environment is more exact. Without one the
 * SDK heeds these variables by itself. Throws USAGE for an address that is none.
 */
export function accountEndpoints(
  endpointUrl: string | undefined,
): Pick<AccountConnection, "iamEndpointUrl" | "stsEndpointUrl"> {
  if (endpointUrl === undefined) return {};
  return {
    iamEndpointUrl: fromEnvironment("AWS_ENDPOINT_URL_IAM"),
    stsEndpointUrl: fromEnvironment("AWS_ENDPOINT_URL_STS"),
  };
}

function fromEnvironment(variable: string): string | undefined {
  const url = process.env[variable];
  return url === undefined || url === "" ? undefined : requireUrl(url, variable);
}
