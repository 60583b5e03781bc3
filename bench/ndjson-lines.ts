// The reference of a plan over NDJSON: readline and JSON.parse, and nothing else.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

const [, , from = ""] = process.argv;
let users = 0;
for await (const line of createInterface({ input: createReadStream(from), crlfDelay: Infinity })) {
  if (JSON.parse(line) !== null) users += 1;
}
console.log(users);
