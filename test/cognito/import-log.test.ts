import { expect, test } from "vitest";
import { parseImportLogLine } from "../../src/cognito/import-log.ts";

test.each([
  {
    message: "[SUCCEEDED] Line Number 5956 - The import succeeded.",
    line: { status: "SUCCEEDED", lineNumber: 5956, message: "The import succeeded." },
  },
  {
    message: "[SKIPPED] Line Number 2 - The user already exists.\n",
    line: { status: "SKIPPED", lineNumber: 2, message: "The user already exists." },
  },
  {
    message: "[FAILED] Line Number 3 - two\nlines",
    line: { status: "FAILED", lineNumber: 3, message: "two\nlines" },
  },
  { message: "Cognito User Pools Import - Test Log", line: undefined },
  { message: "[FAILED] Line Number x - no number", line: undefined },
  { message: "note: [SUCCEEDED] Line Number 2 - quoted", line: undefined },
])("$message is understood as $line", ({ message, line }) => {
  expect(parseImportLogLine(message)).toEqual(line);
});
