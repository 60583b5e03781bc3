import { execFile, execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";

import { sign } from "aws4";
import { describe, expect, test } from "vitest";

import { aPool, createJob, CREDENTIALS, ROLE, upload, type TestPool } from "./support/pool.ts";

const KMS = { "x-amz-server-side-encryption": "aws:kms" };
const run = promisify(execFile);
const EXPIRES_MS = 899_000;

/** What was stored for a pool's only job. */
function storedCsv({ emulator, poolId }: TestPool): string | undefined {
  const [job] = emulator.state.pools.get(poolId)?.jobs.values() ?? [];
  return job?.csv === undefined ? undefined : Buffer.from(job.csv).toString();
}

/** PUTs with node:http, which sends exactly the headers it is given. */
async function put(url: string, headers: Record<string, string>, ...body: readonly string[]) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = request(url, { method: "PUT", headers, agent: false }, resolve).on("error", reject);
  for (const chunk of body) sent.write(chunk);
  sent.end();
  const response = await promise;
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

function withParameter(url: string, name: string, change: (value: string) => string): string {
  const changed = new URL(url);
  changed.searchParams.set(name, change(changed.searchParams.get(name) ?? ""));
  return changed.href;
}

test("put-url, put-bucket, put-path: signs a URL of S3's form, with AWS's parameters in AWS's order", async () => {
  await using pool = await aPool({}, { region: "us-west-2", clock: () => Date.UTC(2026, 0, 2, 3, 4, 5) });
  const job = await createJob(pool);
  const url = new URL(job.PreSignedUrl ?? "");
  expect(url.pathname).toBe(`/aws-cognito-idp-user-import-pdx/123456789012/${pool.poolId}/${job.JobId}`);
  expect([...url.searchParams.keys()]).toEqual([
    "X-Amz-Security-Token",
    "X-Amz-Algorithm",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
    "X-Amz-Credential",
    "X-Amz-Signature",
  ]);
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Date": "20260102T030405Z",
    "X-Amz-SignedHeaders": "host;x-amz-server-side-encryption",
    "X-Amz-Expires": "899",
    "X-Amz-Credential": expect.stringMatching(/^ASIA[0-9A-F]{16}\/20260102\/us-west-2\/s3\/aws4_request$/),
  });
  expect(url.search).toContain("X-Amz-SignedHeaders=host%3Bx-amz-server-side-encryption&");
});

test.each([
  ["us-west-2", "pdx"],
  ["ap-northeast-1", "nrt"],
  ["us-east-1", "iad"],
  ["mars-north-1", "mars-north-1"],
])("put-bucket: in %s the bucket's name ends in %s", async (region, end) => {
  await using pool = await aPool({}, { region });
  const url = new URL((await createJob(pool)).PreSignedUrl ?? "");
  expect(url.pathname.split("/")[1]).toBe(`aws-cognito-idp-user-import-${end}`);
});

test("uses the host by which the client reached it", async () => {
  await using pool = await aPool();
  const url = new URL((await createJob(pool)).PreSignedUrl ?? "");
  expect(url.host).toBe(new URL(pool.emulator.url).host);
});

/** The parts of which a URL is signed that differ from pool to pool. */
const PLACES: readonly (readonly [region: string, host: string | undefined, atMs: number])[] = [
  ["us-east-1", undefined, Date.UTC(2026, 0, 2, 3, 4, 5)],
  ["us-west-2", "localhost", Date.UTC(2026, 11, 31, 23, 59, 59)],
  ["ap-northeast-1", "cognito.example.com:8443", Date.UTC(2027, 1, 28)],
  ["eu-south-2", "cognito.example.com", Date.UTC(2031, 9, 10, 11, 12, 13)],
];

/** A job's URL at an emulator that is reached by this name, in pools of random ids. */
async function aSignedUrl(region: string, host: string | undefined, nowMs: number) {
  await using pool = await aPool({}, { region, clock: () => nowMs });
  const url = new URL(pool.emulator.url);
  const command = JSON.stringify({ UserPoolId: pool.poolId, JobName: "move", CloudWatchLogsRoleArn: ROLE });
  const headers = {
    host: host ?? url.host,
    "content-type": "application/x-amz-json-1.1",
    "content-length": String(Buffer.byteLength(command)),
    "x-amz-target": "AWSCognitoIdentityProviderService.CreateUserImportJob",
  };
  const signed = sign(
    { service: "cognito-idp", region, method: "POST", path: "/", host: headers.host, headers, body: command },
    CREDENTIALS,
  );
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = request(url, { method: "POST", headers: signed.headers, agent: false }, resolve);
  sent.on("error", reject).end(command);
  const answer = JSON.parse(await text(await promise)) as { UserImportJob: { PreSignedUrl: string } };
  return { url: answer.UserImportJob.PreSignedUrl, credentials: pool.emulator.state.uploadKey };
}

test.each(PLACES)(
  "put-url: makes the URL that aws4 makes in %s, reached as %s",
  async (region, host, atMs) => {
    const ours = await aSignedUrl(region, host, atMs);
    const url = new URL(ours.url);
    if (host !== undefined) expect(url.host).toBe(host);
    const { searchParams } = url;
    const token = searchParams.get("X-Amz-Security-Token") ?? "";
    const given = ["X-Amz-Date", "X-Amz-Expires"].map((name) => `${name}=${searchParams.get(name)}`);
    const theirs = sign(
      {
        service: "s3",
        region,
        method: "PUT",
        host: url.host,
        path: `${url.pathname}?${given.join("&")}`,
        headers: KMS,
        signQuery: true,
      },
      { ...ours.credentials, sessionToken: token },
    );
    // The same parameters with the same bytes; their order is AWS's sample's here, and of no account to S3.
    const parametersOf = (path: string) =>
      path
        .replace(/^[^?]*\?/, "")
        .split("&")
        .sort();
    expect(parametersOf(ours.url)).toEqual(parametersOf(theirs.path ?? ""));
  },
);

test("takes a URL that aws4 signed with the same key", async () => {
  await using pool = await aPool();
  const { pathname, host } = new URL((await createJob(pool)).PreSignedUrl ?? "");
  const signed = sign(
    {
      service: "s3",
      region: "us-east-1",
      method: "PUT",
      host,
      path: `${pathname}?X-Amz-Expires=60&odd=a+b%20c*`,
      headers: KMS,
      signQuery: true,
    },
    pool.emulator.state.uploadKey,
  );
  const answer = await put(`http://${host}${signed.path}`, { ...KMS, "content-length": "3" }, "abc");
  expect(answer).toMatchObject({ status: 200 });
  expect(storedCsv(pool)).toBe("abc");
});

const PRESIGN = `
import json, sys
from datetime import datetime
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
given = json.load(sys.stdin)
now = datetime.strptime(given["date"], "%Y%m%dT%H%M%SZ")
botocore.auth.get_current_datetime = lambda *_, **__: now
request = AWSRequest(method="PUT", url=given["url"], headers={"x-amz-server-side-encryption": "aws:kms"})
credentials = Credentials(given["key"], given["secret"], given["token"])
botocore.auth.S3SigV4QueryAuth(credentials, "s3", given["region"], expires=899).add_auth(request)
print(request.url)
`;

const hasBotocore =
  spawnSync("python3", ["-c", "import botocore.auth as auth; auth.get_current_datetime"]).status === 0;
if (!hasBotocore) console.warn("skipped: the comparison with botocore needs python3 with botocore");

test.skipIf(!hasBotocore).each(PLACES)(
  "makes the URL that botocore makes in %s, reached as %s, byte for byte",
  async (region, host, atMs) => {
    const ours = await aSignedUrl(region, host, atMs);
    const url = new URL(ours.url);
    const input = {
      url: `${url.origin}${url.pathname}`,
      region,
      date: url.searchParams.get("X-Amz-Date"),
      token: url.searchParams.get("X-Amz-Security-Token"),
      key: ours.credentials.accessKeyId,
      secret: ours.credentials.secretAccessKey,
    };
    const output = execFileSync("python3", ["-c", PRESIGN], {
      input: JSON.stringify(input),
      encoding: "utf8",
    });
    const [base, query = ""] = output.trim().split("?");
    expect(base).toBe(input.url);
    expect(query.split("&").sort()).toEqual((ours.url.split("?")[1] ?? "").split("&").sort());
  },
);

describe("a correct upload", () => {
  test("is stored, and answered as S3 does", async () => {
    await using pool = await aPool();
    const job = await createJob(pool);
    const answer = await put(job.PreSignedUrl ?? "", { ...KMS, "content-length": "6" }, "abc", "def");
    expect(answer).toMatchObject({
      status: 200,
      body: "",
      headers: {
        etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
        "x-amz-request-id": expect.stringMatching(/^[0-9A-F]{16}$/),
        "x-amz-server-side-encryption": "aws:kms",
      },
    });
    expect(storedCsv(pool)).toBe("abcdef");
  });

  test("may carry a content type, which is not signed", async () => {
    await using pool = await aPool();
    const job = await createJob(pool);
    const answer = await put(job.PreSignedUrl ?? "", {
      ...KMS,
      "content-type": "text/csv",
      "content-length": "0",
    });
    expect(answer.status).toBe(200);
  });

  test("put-again: replaces the one before it", async () => {
    await using pool = await aPool();
    const job = await createJob(pool);
    await upload(job, "first");
    await upload(job, "second");
    expect(storedCsv(pool)).toBe("second");
  });

  test("is kept only when it arrives in full", async () => {
    await using pool = await aPool();
    const job = await createJob(pool);
    const url = new URL(job.PreSignedUrl ?? "");
    await upload(job, "whole");
    const socket = connect(Number(url.port), url.hostname);
    const headers = `Host: ${url.host}\r\nx-amz-server-side-encryption: aws:kms\r\nContent-Length: 100`;
    socket.write(`PUT ${url.pathname}${url.search} HTTP/1.1\r\n${headers}\r\n\r\nhalf`);
    await expect.poll(() => pool.emulator.requestCounts.get("PutObject")).toBe(2);
    const closed = Promise.withResolvers<void>();
    socket.on("close", () => closed.resolve());
    socket.destroy();
    await closed.promise;
    // One more request, so that the emulator has seen the end of the one before.
    await createJob(pool);
    expect(storedCsv(pool)).toBe("whole");
  });
});

describe("a refused upload", () => {
  type Change = (url: string) => { readonly url?: string; readonly headers?: Record<string, string> };
  const changes: [string, Change, number, string, RegExp][] = [
    [
      "without the KMS header",
      () => ({ headers: {} }),
      403,
      "SignatureDoesNotMatch",
      /does not match the signature/,
    ],
    [
      "with another KMS header",
      () => ({ headers: { "x-amz-server-side-encryption": "AES256" } }),
      403,
      "SignatureDoesNotMatch",
      /does not match/,
    ],
    [
      "with another signature",
      (url) => ({
        url: withParameter(url, "X-Amz-Signature", (value) =>
          value.replace(/^./, (first) => (first === "0" ? "1" : "0")),
        ),
      }),
      403,
      "SignatureDoesNotMatch",
      /does not match/,
    ],
    [
      "with a signature cut short",
      (url) => ({ url: withParameter(url, "X-Amz-Signature", (value) => value.slice(1)) }),
      403,
      "SignatureDoesNotMatch",
      /does not match/,
    ],
    [
      "to another key",
      (url) => ({ url: url.replace(/import-[^?]{10}\?/, "import-0000000000?") }),
      403,
      "SignatureDoesNotMatch",
      /does not match/,
    ],
    [
      "with a parameter more",
      (url) => ({ url: `${url}&x=1` }),
      403,
      "SignatureDoesNotMatch",
      /does not match/,
    ],
    [
      "with a longer life",
      (url) => ({ url: withParameter(url, "X-Amz-Expires", () => "9000") }),
      403,
      "SignatureDoesNotMatch",
      /does not match/,
    ],
    [
      "with another token",
      (url) => ({ url: withParameter(url, "X-Amz-Security-Token", (value) => `x${value}`) }),
      403,
      "SignatureDoesNotMatch",
      /does not match/,
    ],
    [
      "with an unknown key id",
      (url) => ({ url: withParameter(url, "X-Amz-Credential", (value) => value.replace("ASIA", "AKIA")) }),
      403,
      "InvalidAccessKeyId",
      /does not exist in our records/,
    ],
    [
      "with further x-amz headers",
      () => ({ headers: { ...KMS, "x-amz-checksum-crc32": "AAAAAA==" } }),
      403,
      "AccessDenied",
      /<HeadersNotSigned>x-amz-checksum-crc32<\/HeadersNotSigned>/,
    ],
    ["without a query", (url) => ({ url: url.replace(/\?.*/, "") }), 403, "AccessDenied", /Access Denied/],
    [
      "without its date",
      (url) => ({ url: withParameter(url, "X-Amz-Date", () => "today") }),
      400,
      "AuthorizationQueryParametersError",
      /well-formed/,
    ],
    ["with a query that cannot be decoded", (url) => ({ url: `${url}&x=%E0%A4` }), 400, "InvalidURI", /URI/],
    [
      "in chunks",
      () => ({ headers: { ...KMS, "transfer-encoding": "chunked" } }),
      501,
      "NotImplemented",
      /<Header>Transfer-Encoding<\/Header>/,
    ],
    [
      "above the greatest size",
      () => ({ headers: { ...KMS, "content-length": "11" } }),
      400,
      "EntityTooLarge",
      /<MaxSizeAllowed>10<\/MaxSizeAllowed>/,
    ],
  ];

  test.each(changes)(
    "put-refusals, put-order, put-size: %s says why in S3's XML, and stores nothing",
    async (_, change, status, code, body) => {
      await using pool = await aPool({}, { rules: { bytesInFile: 10 } });
      const signedUrl = (await createJob(pool)).PreSignedUrl ?? "";
      const { url = signedUrl, headers = KMS } = change(signedUrl);
      const isSized = "content-length" in headers || "transfer-encoding" in headers;
      const sized = isSized ? headers : { ...headers, "content-length": "9" };
      const answer = await put(url, sized, sized["content-length"] === "11" ? "elevenbytes" : "ninebytes");
      expect(answer.status).toBe(status);
      expect(answer.headers["content-type"]).toBe("application/xml");
      expect(answer.body).toContain(`<Code>${code}</Code>`);
      expect(answer.body).toMatch(body);
      expect(storedCsv(pool)).toBeUndefined();
    },
  );

  test("put-size: of the greatest size is stored", async () => {
    await using pool = await aPool({}, { rules: { bytesInFile: 10 } });
    expect((await upload(await createJob(pool), "ten bytes!")).status).toBe(200);
    expect(storedCsv(pool)).toBe("ten bytes!");
  });

  test("with another method has another signature", async () => {
    await using pool = await aPool();
    const response = await fetch((await createJob(pool)).PreSignedUrl ?? "", { headers: KMS });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("<Code>SignatureDoesNotMatch</Code>");
  });

  test("without a length is asked for one", async () => {
    await using pool = await aPool();
    const url = new URL((await createJob(pool)).PreSignedUrl ?? "");
    const socket = connect(Number(url.port), url.hostname);
    const headers = `Host: ${url.host}\r\nx-amz-server-side-encryption: aws:kms\r\nConnection: close`;
    socket.write(`PUT ${url.pathname}${url.search} HTTP/1.1\r\n${headers}\r\n\r\n`);
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1.1 411 /);
    expect(answer).toContain("<Code>MissingContentLength</Code>");
  });

  test("put-refusals: after 899 seconds has expired, and not before", async () => {
    let nowMs = Date.UTC(2026, 0, 1);
    await using pool = await aPool({}, { clock: () => nowMs });
    const job = await createJob(pool);
    nowMs += EXPIRES_MS;
    expect((await upload(job, "in time")).status).toBe(200);
    nowMs += 1;
    const late = await upload(job, "too late");
    expect(late.status).toBe(403);
    expect(await late.text()).toMatch(/<Code>AccessDenied<\/Code><Message>Request has expired<\/Message>/);
    expect(storedCsv(pool)).toBe("in time");
  });

  test("is answered even while a large body is still on its way", async () => {
    await using pool = await aPool();
    const body = "x".repeat(5_000_000);
    const { PreSignedUrl = "" } = await createJob(pool);
    const answer = await put(PreSignedUrl, { "content-length": String(body.length) }, body);
    expect(answer.status).toBe(403);
    expect(answer.body).toContain("SignatureDoesNotMatch");
  });
});

describe("a client that waits to be told to continue", () => {
  /** Sends the body when it is told to, and says whether it was. */
  async function putPatiently(url: string, headers: Record<string, string>) {
    let isTold = false;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const patient = { ...headers, expect: "100-continue", "content-length": "3" };
    const sent = request(url, { method: "PUT", headers: patient, agent: false }, resolve);
    sent.on("error", reject).on("continue", () => {
      isTold = true;
      sent.end("abc");
    });
    sent.flushHeaders();
    const response = await promise;
    const body = await text(response);
    sent.destroy();
    return { status: response.statusCode, isTold, body };
  }

  test("is told so for a correct upload", async () => {
    await using pool = await aPool();
    const { PreSignedUrl = "" } = await createJob(pool);
    expect(await putPatiently(PreSignedUrl, KMS)).toEqual({ status: 200, isTold: true, body: "" });
    expect(storedCsv(pool)).toBe("abc");
  });

  test("is refused without having sent anything", async () => {
    await using pool = await aPool();
    const { PreSignedUrl = "" } = await createJob(pool);
    expect(await putPatiently(PreSignedUrl, {})).toMatchObject({ status: 403, isTold: false });
  });
});

const hasCurl = spawnSync("curl", ["--version"]).status === 0;
if (!hasCurl) console.warn("skipped: uploads with curl need curl");

describe.skipIf(!hasCurl)("curl -T, as AWS's documentation uploads", () => {
  /** The status and the body that curl saw. Not synchronous: the emulator lives in this very process. */
  async function curl(url: string, fileBytes: number, ...headers: readonly string[]): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), "emulator-upload-"));
    try {
      const path = join(folder, "users.csv");
      writeFileSync(path, "x".repeat(fileBytes));
      const flags = headers.flatMap((header) => ["-H", header]);
      const { stdout } = await run("curl", ["-sS", "-w", " %{http_code}", "-T", path, ...flags, url]);
      return stdout;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test.each([10, 3_000_000])("stores %i bytes", async (bytes) => {
    await using pool = await aPool();
    const { PreSignedUrl = "" } = await createJob(pool);
    expect(await curl(PreSignedUrl, bytes, "x-amz-server-side-encryption:aws:kms")).toBe(" 200");
    expect(storedCsv(pool)?.length).toBe(bytes);
  });

  test.each([10, 3_000_000])("sees the refusal of %i bytes without the KMS header", async (bytes) => {
    await using pool = await aPool();
    const { PreSignedUrl = "" } = await createJob(pool);
    expect(await curl(PreSignedUrl, bytes)).toMatch(/<Code>SignatureDoesNotMatch<\/Code>.* 403$/s);
  });

  test("sees that chunks are not implemented", async () => {
    await using pool = await aPool();
    const { PreSignedUrl = "" } = await createJob(pool);
    const headers = ["x-amz-server-side-encryption:aws:kms", "Transfer-Encoding: chunked"];
    expect(await curl(PreSignedUrl, 3_000_000, ...headers)).toMatch(/<Code>NotImplemented<\/Code>.* 501$/s);
  });
});
