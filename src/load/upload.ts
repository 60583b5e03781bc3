import type { Readable } from "node:stream";
import { errors, request, type Dispatcher } from "undici";
import { isNotHttp, isUntrusted } from "../cognito/explain-error.ts";
import { createHttpAgent } from "../cognito/http-agent.ts";
import { pause } from "../cognito/retry.ts";
import type { Connection } from "../core/connection.ts";
import { FerryError } from "../core/ferry-error.ts";
import { readBlocks } from "./read-blocks.ts";

/** A file to be sent to a pre-signed URL. */
export interface Upload {
  readonly path: string;
  /** The exact size of the file; sent as Content-Length, since S3 refuses chunked bodies (reported, 501). */
  readonly bytes: number;
  /** A secret: whoever has it can write. It stands in no error and no log. */
  readonly preSignedUrl: string;
}

/** `refused`: this URL takes no upload any more (expired, or already used up); a new job gives a new one. */
export type UploadResult = { readonly kind: "uploaded" } | { readonly kind: "refused"; readonly why: string };

const REPLY_TIMEOUT_MS = 120_000;
const MAX_ATTEMPTS = 4;
const FIRST_WAIT_MS = 500;

/**
 * PUTs the file as `curl -T` does, with its Content-Length and the header that the URL's signature demands (documented).
 * No other x-amz header is sent: S3 refuses unsigned ones. Repeated after a lost connection or a server error, which is
 * safe: the same object is written again. Throws UPLOAD_REFUSED when S3 says no in a way that a new URL would not mend.
 */
export async function upload(
  { path, bytes, preSignedUrl }: Upload,
  connection: Connection,
  signal: AbortSignal,
): Promise<UploadResult> {
  const agent = createHttpAgent(REPLY_TIMEOUT_MS, connection);
  try {
    for (let attempt = 1; ; attempt += 1) {
      const reply = await put(agent, { path, bytes, preSignedUrl }, signal);
      if (reply.status === 200) return { kind: "uploaded" };
      if (reply.status === 403) return { kind: "refused", why: describe(reply) };
      // S3 says 400 RequestTimeout of a body that came too slowly.
      if (reply.status !== undefined && reply.status < 500 && reply.code !== "RequestTimeout")
        throw refused(reply);
      if (attempt === MAX_ATTEMPTS) throw refused(reply);
      await pause(FIRST_WAIT_MS * 2 ** attempt * Math.random(), signal);
    }
  } finally {
    await agent.destroy();
  }
}

/** S3's answer; status undefined when there was none. */
interface Reply {
  readonly status: number | undefined;
  readonly code: string;
  readonly message: string;
}

async function put(
  agent: Dispatcher,
  { path, bytes, preSignedUrl }: Upload,
  signal: AbortSignal,
): Promise<Reply> {
  try {
    const { statusCode, body } = await request(preSignedUrl, {
      method: "PUT",
      headers: { "content-length": String(bytes), "x-amz-server-side-encryption": "aws:kms" },
      // undici takes what is iterated, too, which its types do not say; it asks for a block once all before are written.
      body: readBlocks(path) as unknown as Readable,
      dispatcher: agent,
      signal,
    });
    const text = await body.text();
    return { status: statusCode, code: element(text, "Code"), message: element(text, "Message") };
  } catch (error) {
    if (signal.aborted) await pause(0, signal);
    if (!isConnectionTrouble(error)) throw error;
    return {
      status: undefined,
      code: (error as NodeJS.ErrnoException).code ?? (error as Error).name,
      message: "the connection was lost",
    };
  }
}

function isConnectionTrouble(error: unknown): boolean {
  return (
    error instanceof errors.UndiciError ||
    (error instanceof Error &&
      (isUntrusted(error) || isNotHttp(error) || ("syscall" in error && error.syscall !== "open")))
  );
}

// S3 answers in XML of two levels; these two elements hold plain text.
function element(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? "";
}

function describe({ status, code, message }: Reply): string {
  return [status, code, message].filter((part) => part !== undefined && part !== "").join(" ");
}

function refused(reply: Reply): FerryError {
  return new FerryError("UPLOAD_REFUSED", `The upload of the import CSV failed: ${describe(reply)}`, {
    hint: "Check that this network reaches Amazon S3 (a proxy, or an endpoint policy limited to own buckets, blocks it), then resume",
  });
}
