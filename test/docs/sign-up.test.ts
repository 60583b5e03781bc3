import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ERROR_CODES } from "../../src/core/ferry-error.ts";
import { anAppClient, aPoolDescription } from "../support/app-client.ts";
import { BIN, LOCAL_ENV } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aTarget } from "../support/target.ts";

const PAGE = readFileSync("docs/sign-up.md", "utf8");

const blockOf = (language: string): string =>
  new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "m").exec(PAGE)?.[1] ?? "";

test(
  "its config and its commands work as they stand, without AWS credentials",
  { timeout: 60_000 },
  async () => {
    const target = await aTarget();
    const client = await anAppClient(target, { GenerateSecret: true });
    const folder = aFolder();
    const config = blockOf("yaml")
      .replace("eu-central-1_AbCd12345", target.userPoolId)
      .replace("1example23456789", client.id);
    writeFileSync(join(folder, "ferry.yaml"), config);
    writeFileSync(join(folder, "users.csv"), "username,email\nada,ada@example.com\n");
    writeFileSync(join(folder, "pool.json"), readFileSync(await aPoolDescription(target)));
    const bin = join(folder, "node_modules", ".bin");
    mkdirSync(bin, { recursive: true });
    symlinkSync(BIN, join(bin, "poolferry"));
    const { stdout } = await promisify(execFile)("sh", ["-euc", blockOf("sh")], {
      cwd: folder,
      env: {
        ...LOCAL_ENV,
        AWS_ACCESS_KEY_ID: "",
        AWS_SECRET_ACCESS_KEY: "",
        AWS_ENDPOINT_URL: target.emulator.url,
        APP_CLIENT_SECRET: client.secret,
      },
    });
    expect(stdout).toContain("1 by sign-up, 0 not sent");
    expect(stdout).toContain("1 with a warning: code-sent");
    expect(stdout).toContain("1 imported");
    expect(target.users("email")).toEqual([{ username: "ada", email: "ada@example.com" }]);
  },
);

test("its error codes are there", () => {
  const codes = [...PAGE.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code]) => code);
  const known: readonly (string | undefined)[] = ERROR_CODES;
  expect(codes.filter((code) => code !== "RESET_REQUIRED" && !known.includes(code))).toEqual([]);
  expect(codes.length).toBeGreaterThan(6);
});
