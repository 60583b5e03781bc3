import { request } from "undici";
import { pause } from "../cognito/clock.ts";
import { createHttpAgent } from "../cognito/http-agent.ts";
import { codeOf } from "../cognito/error-class.ts";
import { isUntrusted } from "../cognito/explain-error.ts";
import { interrupted } from "../core/ferry-error.ts";
import { failure, notTried, ok, type Finding } from "./check.ts";
import { isAtAws } from "../load/upload-host.ts";
import { isPoolThere, type Surroundings } from "./surroundings.ts";

const REPLY_TIMEOUT_MS = 8_000;

/**
 * Buckets of AWS that import jobs upload to, by region, as others have seen them (reported): they are named after an airport. Where
 * none is known Amazon S3 of the region is asked.
 */
const BUCKETS: Readonly<Record<string, string>> = {
  "us-west-2": "aws-cognito-idp-user-import-pdx.",
  "ap-northeast-1": "aws-cognito-idp-user-import-nrt.",
};

/** How long the first request to the pool may take to be on its way, which tells where it goes. */
const UNDER_WAY_MS = 3_000;

/**
 * Whether what import jobs upload their file to can be reached. Any answer in HTTP counts: nothing is signed, and nothing sent. A
 * service that is not at AWS has the uploads at its own place.
 */
export async function checkUploadEgress(around: Surroundings): Promise<Finding> {
  const { cognito, connection, signal } = around;
  await Promise.race([isPoolThere(around), pause(UNDER_WAY_MS, signal)]);
  const service = cognito.serviceOrigin ?? connection.endpointUrl;
  if (service === undefined || isAtAws(new URL(service).hostname)) {
    return checkHost(new URL(s3Url(await cognito.region())), around);
  }
  return (await isPoolThere(around))
    ? ok(`${service} takes the upload itself, and answers`)
    : notTried(`${service} takes the upload itself, and the pool could not be read there`);
}

async function checkHost({ href, host }: URL, { connection, signal }: Surroundings): Promise<Finding> {
  const agent = createHttpAgent(REPLY_TIMEOUT_MS, connection);
  try {
    const { body } = await request(href, { method: "HEAD", dispatcher: agent, signal });
    await body.dump();
    return ok(`${host} answers`);
  } catch (error) {
    if (signal.aborted) throw interrupted();
    if (!(error instanceof Error)) throw error;
    return explained(error, host);
  } finally {
    await agent.destroy();
  }
}

function explained(error: Error, host: string): Finding {
  const why = codeOf(error) || error.name;
  if (isUntrusted(error)) {
    return failure(
      `${host} cannot be spoken to securely (${why})`,
      "Behind a proxy that inspects traffic, point NODE_EXTRA_CA_CERTS at its certificate",
    );
  }
  return failure(
    `${host} cannot be reached (${why})`,
    "Let this machine reach Amazon S3 in the pool's region: the firewall, HTTPS_PROXY and NO_PROXY, the policy of a VPC endpoint, which must allow buckets of AWS",
  );
}

function s3Url(region: string): string {
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return `https://${BUCKETS[region] ?? ""}s3.${region}.${domain}/`;
}
