import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aDirectory, ADMIN, HAS_SLAPD, SUFFIX } from "../support/slapd.ts";
import { aTarget } from "../support/target.ts";

const PEOPLE = `dn: uid=ann,${SUFFIX}
objectClass: inetOrgPerson
uid: ann
cn: Ann
sn: Lee
mail: ann@example.com
userPassword: {SSHA}fixture-secret of ann

dn: cn=Ship Crew,${SUFFIX}
objectClass: groupOfNames
cn: Ship Crew
member: uid=ann,${SUFFIX}

`;

test.runIf(HAS_SLAPD)(
  "a directory is migrated with its address and password from the environment, of which nothing is kept",
  async () => {
    const target = await aTarget();
    const { url, caFile } = await aDirectory(PEOPLE, { tls: true });
    const folder = aFolder();
    const config = join(folder, "ferry.yaml");
    const source = `type: ldap, urlEnv: DIRECTORY, bindDn: "${ADMIN.dn}", bindPasswordEnv: READER, startTls: true`;
    writeFileSync(join(folder, "ca.pem"), readFileSync(caFile));
    writeFileSync(
      config,
      `source: { ${source}, caFile: ${basename(caFile)}, cursorColumn: modifyTimestamp }\n`,
    );
    const flags = ["--config", config, ...target.flags, "--run-dir", join(folder, "run"), "--yes", "--json"];
    const env = { DIRECTORY: url, READER: ADMIN.password };
    const result = await runCli(["migrate", ...flags], { env });
    expect(jsonOf(result)).toMatchObject({
      source: { rows: 1, cursor: expect.stringMatching(/^\d{14}Z$/) as string },
      outcomes: { imported: 1 },
      followUps: { "add-to-group": { planned: 1, done: 1 } },
    });
    expect(target.users("email")).toEqual([{ username: "ann", email: "ann@example.com" }]);
    const kept = readdirSync(join(folder, "run"), { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => readFileSync(join(each.parentPath, each.name), "latin1"));
    for (const text of [result.stdout, result.stderr, ...kept]) {
      expect(text).not.toContain("fixture-secret");
      expect(text).not.toContain(url);
    }

    const unset = await runCli(["plan", ...flags.slice(0, -2), "--json"], { env: { DIRECTORY: url } });
    expect(jsonOf(unset)).toMatchObject({
      exitCode: 2,
      error: { code: "USAGE", message: "The environment variable READER is not set" },
    });
  },
);
