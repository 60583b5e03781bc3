// Uploads a file as a run uploads a part, and nothing else: node upload-part.ts FILE URL. Tells how long the upload took,
// and how much more memory than before it the process held at its most.
import { readFileSync, statSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { keepHeapSmall } from "../src/cli/keep-heap-small.ts";
import { upload } from "../src/load/upload.ts";

keepHeapSmall();
const [, , path = "", preSignedUrl = ""] = process.argv;

function megabytesOf(field: "VmHWM" | "VmRSS"): number | undefined {
  try {
    const [, kibibytes] =
      new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    return (Number(kibibytes) * 1024) / 1e6;
  } catch {
    // Only Linux tells.
    return undefined;
  }
}

const idleMegabytes = megabytesOf("VmRSS") ?? Number.NaN;
const startedMs = performance.now();
const connection = {
  endpointUrl: preSignedUrl,
  region: "us-east-1",
  profile: undefined,
  logsEndpointUrl: undefined,
};
const result = await upload(
  { path, bytes: statSync(path).size, preSignedUrl },
  connection,
  new AbortController().signal,
);
const seconds = (performance.now() - startedMs) / 1000;
const moreMegabytes = (megabytesOf("VmHWM") ?? Number.NaN) - idleMegabytes;
console.log(JSON.stringify({ ...result, seconds, moreMegabytes }));
