import { inspect } from "node:util";
import { expect, test } from "vitest";
import { startEmulator } from "../support/emulator.ts";
import { upload } from "../../src/load/upload.ts";
import { someFacts } from "../contract/ledger-contract.ts";
import { aFile } from "../support/files.ts";

test("an upload that finds no trust is refused by name, and its address stands nowhere", async () => {
  await using emulator = await startEmulator();
  const preSignedUrl = `${emulator.url.replace("http:", "https:")}/bucket/key?X-Amz-Signature=secret`;
  const { connection } = someFacts();
  const error = await upload(
    { path: aFile("csv"), bytes: 3, preSignedUrl },
    connection,
    new AbortController().signal,
  ).catch((thrown: unknown) => thrown as Error);
  expect(error).toMatchObject({ code: "UPLOAD_REFUSED", exitCode: 4 });
  expect(inspect(error)).not.toContain("secret");
});
