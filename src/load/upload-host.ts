import { FerryError } from "../core/ferry-error.ts";

/** The domains under which AWS has its services, one for each of its partitions (the SDK's own table of partitions). */
export const AWS_DOMAINS = [
  "amazonaws.com",
  "amazonaws.com.cn",
  "amazonaws.eu",
  "c2s.ic.gov",
  "sc2s.sgov.gov",
  "cloud.adc-e.uk",
  "csp.hci.ic.gov",
] as const;

/**
 * Throws UPLOAD_HOST_FOREIGN unless a pre-signed URL leads to AWS by https, or, where the service that gave it is not at AWS, to
 * that service's own host or below it, as Cognito-compatible services have their storage there. A service on this
 * machine may give any of this machine's names. The error names the host and nothing else of the URL, which is a secret.
 */
export function requireUploadHost(preSignedUrl: string, serviceHost: string): void {
  const url = URL.canParse(preSignedUrl) ? new URL(preSignedUrl) : undefined;
  if (url !== undefined && mayReceive(url, serviceHost)) return;
  const place = url === undefined ? "no URL" : `${url.protocol}//${url.hostname}`;
  throw new FerryError(
    "UPLOAD_HOST_FOREIGN",
    `The service at ${serviceHost} wants the import CSV at ${place}, which is not AWS by https`,
    {
      hint: "Nothing was uploaded. Find out who answers in the place of AWS: --endpoint-url, the AWS_ENDPOINT_URL variables, HTTPS_PROXY, DNS",
    },
  );
}

function mayReceive({ protocol, hostname }: URL, serviceHost: string): boolean {
  if (protocol === "https:" && isAtAws(hostname)) return true;
  if (protocol !== "https:" && protocol !== "http:") return false;
  if (isAtAws(serviceHost)) return false;
  const own = serviceHost.toLowerCase();
  return isAtOrBelow(hostname, own) || (isThisMachine(hostname) && isThisMachine(own));
}

/** Whether a host is one of AWS's own. */
export function isAtAws(host: string): boolean {
  return AWS_DOMAINS.some((domain) => isAtOrBelow(host.toLowerCase(), domain));
}

function isAtOrBelow(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

/** Names that stand for the machine itself everywhere (RFC 1122, RFC 6761). */
const THIS_MACHINE = /^(?:127(?:\.\d{1,3}){3}|\[::1\]|(?:.+\.)?localhost)$/;

function isThisMachine(host: string): boolean {
  return THIS_MACHINE.test(host);
}
