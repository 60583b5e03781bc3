import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Account } from "./state/account.ts";
import type { Stats } from "./stats.ts";
import type { Spoiler, Steering } from "./steer.ts";
import { checkUpload } from "./storage/check-upload.ts";
import { StorageError, toXml } from "./storage/error.ts";
import { jobOfPath } from "./storage/presign.ts";
import { receiveUpload } from "./storage/receive.ts";
import type { Credentials } from "./wire/signature.ts";
import { spoil } from "./wire/spoil.ts";

/** What the uploads are served with. */
export interface StorageService {
  readonly account: Account;
  readonly steering: Steering;
  readonly stats: Stats;
  readonly credentials: Credentials;
  readonly requestId: string;
  /** Whether the client waits to be told before it sends the body. */
  readonly expectsContinue: boolean;
}

/** Answers one request to the bucket that import files are uploaded to. A file replaces the one before it. */
export async function serveStorage(
  request: IncomingMessage,
  response: ServerResponse,
  service: StorageService,
): Promise<void> {
  const { account, steering } = service;
  const call = steering.begin("PutObject");
  const before = await steering.before(call);
  if (before !== undefined) return spoilAnswer(response, before, service);
  try {
    await takeUpload(request, response, service);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    service.stats.refuse(call.operation, error.code);
    return refuse(response, error, service);
  }
  const after = await steering.after(call);
  if (after !== undefined) return spoilAnswer(response, after, service);
  response.writeHead(200, {
    ...standardHeaders(service),
    // With KMS encryption the tag is not the content's MD5 (documented).
    etag: `"${randomBytes(16).toString("hex")}"`,
    "x-amz-server-side-encryption": "aws:kms",
    "x-amz-server-side-encryption-aws-kms-key-id": `arn:aws:kms:${account.region}:${account.id}:key/emulator`,
    "content-length": 0,
  });
  response.end();
}

async function takeUpload(
  request: IncomingMessage,
  response: ServerResponse,
  service: StorageService,
): Promise<void> {
  const { account } = service;
  const [path = "", rawQuery = ""] = (request.url ?? "").split(/\?(.*)/s);
  checkUpload(
    { method: request.method ?? "", path, rawQuery, headers: request.headers },
    { credentials: service.credentials, nowMs: account.clock(), longestBytes: account.rules.bytesInFile },
  );
  if (service.expectsContinue) response.writeContinue();
  const csv = await receiveUpload(request);
  const { poolId, jobId } = jobOfPath(path);
  const job = account.pools.get(poolId)?.jobs.get(jobId);
  // S3 would keep the file; nothing reads it once the job has begun.
  if (job?.status === "Created") job.csv = csv;
}

function refuse(response: ServerResponse, error: StorageError, service: StorageService): void {
  const body = toXml(error, service.requestId);
  response.writeHead(error.status, {
    ...standardHeaders(service),
    "content-type": "application/xml",
    "content-length": Buffer.byteLength(body),
    // A client that was not told to continue may send the body or not, so nothing after it can be told apart.
    // Any other connection stays open: Node reads the rest of the body, and the answer is not lost in a reset.
    ...(service.expectsContinue ? { connection: "close" } : {}),
  });
  response.end(body);
}

function spoilAnswer(response: ServerResponse, spoiler: Spoiler, service: StorageService): void {
  service.stats.spoil("PutObject");
  spoil(response, spoiler, {
    writeError: ({ type, message, status }) => {
      refuse(response, new StorageError(type, message, { status }), service);
    },
    throttled: { type: "SlowDown", message: "Please reduce your request rate.", status: 503 },
    // S3's answer has no body that could be cut, so its head stands for one.
    whole: { status: 200, headers: standardHeaders(service), body: "  " },
  });
}

function standardHeaders({ requestId }: StorageService): Record<string, string> {
  return {
    "x-amz-request-id": requestId.replaceAll("-", "").slice(0, 16).toUpperCase(),
    "x-amz-id-2": randomBytes(32).toString("base64"),
    server: "AmazonS3",
  };
}
