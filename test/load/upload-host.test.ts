import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FerryError } from "../../src/core/ferry-error.ts";
import { AWS_DOMAINS, requireUploadHost } from "../../src/load/upload-host.ts";

const AT_AWS = "cognito-idp.eu-central-1.amazonaws.com";

test.each([
  ["https://aws-cognito-idp-user-import-pdx.s3.amazonaws.com/1/2?X-Amz-Signature=secret", AT_AWS],
  ["https://bucket.s3.eu-central-1.amazonaws.com/1", AT_AWS],
  ["https://BUCKET.S3.cn-north-1.AmazonAWS.com.cn/1", "cognito-idp.cn-north-1.amazonaws.com.cn"],
  ["https://bucket.s3.eusc-de-east-1.amazonaws.eu/1", "cognito-idp.eusc-de-east-1.amazonaws.eu"],
  // A gateway of one's own in front of Cognito gives AWS's own address on.
  ["https://bucket.s3.amazonaws.com/1", "gateway.example.com"],
  ["http://127.0.0.1:9229/bucket/1", "127.0.0.1"],
  ["http://localhost:4566/bucket/1", "127.0.0.1"],
  ["http://bucket.s3.localhost:4566/1", "localhost"],
  ["http://[::1]:9229/bucket/1", "127.0.0.1"],
  ["https://cognito.example.com:8443/bucket/1", "cognito.example.com"],
  ["https://bucket.cognito.example.com/1", "Cognito.example.com"],
])("%s may receive users from %s", (url, serviceHost) => {
  expect(() => requireUploadHost(url, serviceHost)).not.toThrow();
});

test.each([
  ["http://bucket.s3.amazonaws.com/1?X-Amz-Signature=secret", AT_AWS],
  ["https://amazonaws.com.example.org/secret", AT_AWS],
  ["https://evilamazonaws.com/secret", AT_AWS],
  ["https://bucket.s3.amazonaws.com@example.org/secret", AT_AWS],
  ["https://example.org/bucket.s3.amazonaws.com/secret", AT_AWS],
  ["https://example.org?secret=.amazonaws.com", AT_AWS],
  ["https://example.org#.amazonaws.com/secret", AT_AWS],
  ["https://b\u0443cket.s3.amaz\u043Enaws.com/secret", AT_AWS],
  ["https://127.0.0.1/secret", AT_AWS],
  ["http://169.254.169.254/secret", AT_AWS],
  ["http://169.254.169.254/secret", "127.0.0.1"],
  ["https://cognito.example.com/secret", AT_AWS],
  ["https://example.org/secret", "cognito.example.com"],
  ["https://example.com/secret", "cognito.example.com"],
  ["http://127.0.0.1.example.org/secret", "127.0.0.1"],
  ["ftp://127.0.0.1/secret", "127.0.0.1"],
  ["file:///secret", "127.0.0.1"],
  ["no URL but a secret", AT_AWS],
  ["https://bucket.s3.amazonaws.com.example.org/secret", ""],
])("%s may not receive users from %s, and nothing but the host is told", (url, serviceHost) => {
  const refuse = (): void => requireUploadHost(url, serviceHost);
  expect(refuse).toThrow(FerryError);
  expect(refuse).toThrow(expect.objectContaining({ code: "UPLOAD_HOST_FOREIGN", exitCode: 5 }));
  expect(refuse).not.toThrow(/secret/);
});

test("the domains are those of the SDK's partitions", () => {
  const core = join(import.meta.dirname, "../../node_modules/@aws-sdk/core");
  const table = readFileSync(
    join(core, "dist-es/submodules/client/util-endpoints/lib/aws/partitions.js"),
    "utf8",
  );
  const domains = [...table.matchAll(/"dnsSuffix": "([^"]+)"/g)].map(([, domain]) => domain);
  expect([...new Set(domains)].sort()).toEqual([...AWS_DOMAINS].sort());
});
