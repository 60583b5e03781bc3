// Adds to dist what the compiler does not: the emulator's API shapes, and the JSON Schema of a config file.
import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { configJsonSchema } from "../dist/src/run/config.js";

mkdirSync("dist/emulator/api", { recursive: true });
for (const name of readdirSync("emulator/api").filter((each) => each.endsWith(".json"))) {
  cpSync(`emulator/api/${name}`, `dist/emulator/api/${name}`);
}
writeFileSync("dist/config.schema.json", `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
