import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

interface ModelShape {
  readonly type: string;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly members?: Readonly<Record<string, unknown>>;
}

type Shapes = Readonly<Record<string, ModelShape>>;

/** Shapes, and facts of shapes, that are younger than the botocore which is installed where these tests run. */
const YOUNGER = new Set([
  "AllowedFirstAuthFactorsListType",
  "AuthFactorType",
  "CreateUserImportJobRequest",
  "CreateUserPoolRequest",
  "EncryptionKeyArnType",
  "EncryptionKeyType",
  "EumsSmsConfigurationType",
  "GetProvisionedLimitRequest",
  "GetProvisionedLimitResponse",
  "IssuerConfigurationType",
  "IssuerType",
  "KeyConfigurationType",
  "LimitClass",
  "LimitDefinitionType",
  "LimitType",
  "OptionalArnType",
  "PasswordHashingAlgorithmType",
  "ReplicaRegionsType",
  "SmsConfigurationType",
  "StringToStringMapType",
  "UpdateUserPoolRequest",
  "UserImportJobType",
  "UserPoolDescriptionType",
  "UserPoolType",
]);

const SCRIPT =
  "import sys, json, botocore.session; " +
  "print(json.dumps(botocore.session.get_session().get_service_model(sys.argv[1])._service_description['shapes']))";

/** What a shape says that a later model would hardly take back. */
function factsOf({ type, min, max, pattern, required = [] }: ModelShape): object {
  return { type, min, max, pattern, required: required.toSorted() };
}

/** Names of members and words that one shape has and the other has not. */
function missingIn(theirs: ModelShape, ours: ModelShape): readonly string[] {
  const known = new Set([...Object.keys(theirs.members ?? {}), ...(theirs.enum ?? [])]);
  return [...Object.keys(ours.members ?? {}), ...(ours.enum ?? [])].filter((name) => !known.has(name));
}

const isThere = spawnSync("python3", ["-c", "import botocore"]).status === 0;
if (!isThere) console.warn("skipped: holding the API files against botocore's needs python3 with botocore");

test.skipIf(!isThere).each(["cognito-idp", "logs", "sts", "iam"])(
  "the shapes of %s are botocore's own, but for what is younger",
  (service) => {
    const file = new URL(`../../emulator/api/${service}.json`, import.meta.url);
    const { shapes: ours } = JSON.parse(readFileSync(file, "utf8")) as { readonly shapes: Shapes };
    const printed = execFileSync("python3", ["-c", SCRIPT, service], { maxBuffer: 50_000_000 });
    const theirs = JSON.parse(printed.toString()) as Shapes;
    const compared = Object.entries(ours).filter(([name]) => !YOUNGER.has(name));
    expect(compared.length).toBeGreaterThan(4);
    for (const [name, shape] of compared) {
      const other = theirs[name] ?? { type: "absent" };
      expect([name, factsOf(shape), missingIn(other, shape)]).toEqual([name, factsOf(other), []]);
    }
  },
);
