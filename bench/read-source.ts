// Reads a source to its end as a plan does, and nothing else: node read-source.ts TYPE PLACE, the address and the query of
// a database in the environment.
import { keepHeapSmall } from "../src/cli/keep-heap-small.ts";
import { findSource, openSource } from "../src/extract/open-source.ts";

keepHeapSmall();
const [, , type = "", path = ""] = process.argv;
const { QUERY: query, DATABASE_URL: connectionUrl } = process.env;
const spec = { type, path, query, connectionUrl };
await using source = await openSource(await findSource(spec), spec, {
  signal: new AbortController().signal,
});
let users = 0;
for await (const batch of source.batches()) users += batch.length;
console.log(users);
