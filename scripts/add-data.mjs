// Adds to dist what the compiler does not: the emulator's API shapes, and the JSON Schemas of a config file and of a run's report.
import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { reportJsonSchema } from "../dist/src/report/report-schema.js";
import { configJsonSchema } from "../dist/src/run/config.js";

mkdirSync("dist/emulator/api", { recursive: true });
for (const name of readdirSync("emulator/api").filter((each) => each.endsWith(".json"))) {
  cpSync(`emulator/api/${name}`, `dist/emulator/api/${name}`);
}
const SCHEMAS = { config: configJsonSchema(), report: reportJsonSchema() };
for (const [name, schema] of Object.entries(SCHEMAS))
  writeFileSync(`dist/${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`);
