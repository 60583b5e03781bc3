// Loaded before cognito-backup-restore, which knows no endpoint and whose AWS SDK 2 reads none from the environment: sets
// the one of Cognito in that SDK's own config, as its manual has it. The program itself is as published.
import { createRequire } from "node:module";
import { join } from "node:path";

interface AwsSdk2 {
  readonly config: { update(config: object): void };
}

const { BENCH_MODULES: modules = "", BENCH_ENDPOINT: endpoint = "" } = process.env;
const sdk = createRequire(join(modules, "any.js"))("aws-sdk") as AwsSdk2;
sdk.config.update({ cognitoidentityserviceprovider: { endpoint } });
