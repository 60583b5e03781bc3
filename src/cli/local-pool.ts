/** Credentials for a local Cognito, which takes any; never real ones. */
export const LOCAL_CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" } as const;

/** A role for a local Cognito, which takes any. */
export const LOCAL_LOGS_ROLE_ARN = "arn:aws:iam::123456789012:role/poolferry-import-log";

/** Makes a user pool at a local Cognito that verifies e-mail addresses and keeps the old id; returns its id. */
export async function createLocalPool(url: string, region: string, name: string): Promise<string> {
  // Loaded here, as only the commands for the local Cognito need it at once.
  const { CognitoIdentityProviderClient, CreateUserPoolCommand } =
    await import("@aws-sdk/client-cognito-identity-provider");
  const client = new CognitoIdentityProviderClient({ endpoint: url, region, credentials: LOCAL_CREDENTIALS });
  try {
    const { UserPool } = await client.send(
      new CreateUserPoolCommand({
        PoolName: name,
        AutoVerifiedAttributes: ["email"],
        UsernameConfiguration: { CaseSensitive: false },
        Schema: [{ Name: "legacy_id", AttributeDataType: "String", Mutable: true }],
      }),
    );
    if (UserPool?.Id === undefined) throw new Error("the emulator made a pool without an id");
    return UserPool.Id;
  } finally {
    client.destroy();
  }
}
