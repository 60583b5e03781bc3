// Adds to dist what the compiler does not: the emulator's API shapes, the styles of pages, and the JSON Schemas of a
// config file and of the reports.
import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { reportJsonSchema } from "../dist/src/report/report-schema.js";
import { configJsonSchema } from "../dist/src/run/config.js";
import { otherReportJsonSchemas } from "../dist/src/run/other-report-schemas.js";

mkdirSync("dist/emulator/api", { recursive: true });
for (const name of readdirSync("emulator/api").filter((each) => each.endsWith(".json"))) {
  cpSync(`emulator/api/${name}`, `dist/emulator/api/${name}`);
}
for (const name of ["page.css", "watch.css"])
  cpSync(`src/report/browser/${name}`, `dist/report-page/${name}`);
const schemas = { config: configJsonSchema(), report: reportJsonSchema() };
for (const [name, schema] of Object.entries(otherReportJsonSchemas())) schemas[`${name}-report`] = schema;
for (const [name, schema] of Object.entries(schemas))
  writeFileSync(`dist/${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`);
