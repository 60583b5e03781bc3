import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadHook } from "../../src/run/load-hook.ts";
import { aFile, aFolder } from "../support/files.ts";

const DRAFT = {
  usernames: [],
  sourceId: undefined,
  disabled: undefined,
  groups: [],
  mfa: undefined,
  attributes: {},
};

const TYPED = `import type { Hook } from "poolferry";
const hook: Hook = (_user, row) => ({ skip: String(row["why"]) });
export default hook;
`;

test.each([
  ["hook.ts", TYPED],
  ["hook.mts", TYPED],
  ["hook.js", `module.exports = (_user, row) => ({ skip: row.why });\n`],
  ["hook.mjs", `export default (_user, row) => ({ skip: row.why });\n`],
  ["hook.cjs", `module.exports = (_user, row) => ({ skip: row.why });\n`],
])("loads %s", async (name, text) => {
  const hook = await loadHook(aFile(text, name));
  expect(hook(DRAFT, { why: "asked" })).toEqual({ skip: "asked" });
});

test("loads a hook that imports a file beside it", async () => {
  const folder = aFolder();
  mkdirSync(join(folder, "lib"));
  writeFileSync(join(folder, "lib", "reason.mts"), `export const reason: string = "shared";\n`);
  const path = join(folder, "hook.mts");
  writeFileSync(
    path,
    `import { reason } from "./lib/reason.mts";\nexport default () => ({ skip: reason });\n`,
  );
  expect((await loadHook(path))(DRAFT, {})).toEqual({ skip: "shared" });
});

test("a hook file that is not there is an error of its own", async () => {
  await expect(loadHook(join(aFolder(), "hook.ts"))).rejects.toMatchObject({ code: "HOOK_NOT_FOUND" });
});

test.each([
  ["exports no function", "hook.mjs", "export const hook = () => undefined;\n", "no function by default"],
  ["is not valid", "hook.mjs", "export default (\n", "cannot be loaded"],
  ["imports what is not there", "hook.mjs", `import "./absent.mjs";\n`, "cannot be loaded"],
  ["throws while it is loaded", "hook.cjs", `throw new Error("no way");\n`, "no way"],
  ["throws what is no error", "hook.cjs", `throw "no way";\n`, "no way"],
])("a hook file that %s is refused", async (_what, name, text, message) => {
  await expect(loadHook(aFile(text, name))).rejects.toMatchObject({
    code: "HOOK_FAILED",
    message: expect.stringContaining(message) as string,
  });
});
