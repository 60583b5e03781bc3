// The reference of a plan over CSV: csv-parse piped into csv-stringify, record by record, and nothing else.
import { parse } from "csv-parse";
import { stringify } from "csv-stringify";
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";

const [, , from = "", to = "/dev/null"] = process.argv;
await pipeline(createReadStream(from), parse(), stringify(), createWriteStream(to));
