import { randomBytes } from "node:crypto";

import {
  ALGORITHM,
  encodeStrictly,
  sign,
  toAmzDate,
  type Credentials,
  type QueryParameter,
} from "../wire/signature.ts";

/** How long an upload may take to begin (AWS sample). */
const EXPIRES_SECONDS = 899;

/** The header an upload must carry besides Host (documented). */
const ENCRYPTION_HEADER = "x-amz-server-side-encryption";

const SIGNED_HEADERS = ["host", ENCRYPTION_HEADER];

/** What a pre-signed upload URL is made for. */
export interface Upload {
  /** `http://host:port`, as the client reached the emulator. */
  readonly origin: string;
  readonly region: string;
  readonly accountId: string;
  readonly poolId: string;
  readonly jobId: string;
  readonly nowMs: number;
}

/**
 * Signs the URL of a job's upload: the query of AWS's samples, in their order, but with the bucket in the path,
 * since the emulator has one host only.
 */
export function presignUpload(upload: Upload, credentials: Credentials): string {
  const { origin, region, nowMs } = upload;
  const url = new URL(origin);
  const timestamp = toAmzDate(nowMs);
  const scope = { accessKeyId: credentials.accessKeyId, date: timestamp.slice(0, 8), region, service: "s3" };
  const path = `/${bucketName(region)}/${upload.accountId}/${upload.poolId}/${upload.jobId}`;
  const query: readonly QueryParameter[] = [
    ["X-Amz-Security-Token", randomBytes(192).toString("base64")],
    ["X-Amz-Algorithm", ALGORITHM],
    ["X-Amz-Date", timestamp],
    ["X-Amz-SignedHeaders", SIGNED_HEADERS.join(";")],
    ["X-Amz-Expires", String(EXPIRES_SECONDS)],
    ["X-Amz-Credential", `${scope.accessKeyId}/${scope.date}/${region}/s3/aws4_request`],
  ];
  const parts = {
    method: "PUT",
    path,
    query,
    signedHeaders: SIGNED_HEADERS,
    header: (name: string) => (name === "host" ? url.host : "aws:kms"),
    payloadHash: "UNSIGNED-PAYLOAD",
    timestamp,
  };
  const signature: QueryParameter = ["X-Amz-Signature", sign(parts, scope, credentials.secretAccessKey)];
  const encoded = [...query, signature].map(([name, value]) => `${name}=${encodeStrictly(value)}`);
  return `${origin}${path}?${encoded.join("&")}`;
}

/** Whether a request path leads into the upload bucket. */
export function isUploadPath(path: string): boolean {
  return path.startsWith(`/${BUCKET_PREFIX}`);
}

/** The job that an upload path names. */
export function jobOfPath(path: string): { readonly poolId: string; readonly jobId: string } {
  const [, , , poolId = "", jobId = ""] = path.split("/");
  return { poolId, jobId };
}

const BUCKET_PREFIX = "aws-cognito-idp-user-import-";

// AWS names the bucket after the region's airport; pdx (sample) and nrt (reported) are known, the others are guesses.
const AIRPORTS: Readonly<Record<string, string>> = {
  "us-east-1": "iad",
  "us-east-2": "cmh",
  "us-west-1": "sfo",
  "us-west-2": "pdx",
  "ap-northeast-1": "nrt",
  "eu-central-1": "fra",
  "eu-west-1": "dub",
};

function bucketName(region: string): string {
  return `${BUCKET_PREFIX}${AIRPORTS[region] ?? region}`;
}
