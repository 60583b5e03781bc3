/**
 * The AWS account that a pool's ARN names, `arn:PARTITION:cognito-idp:REGION:ACCOUNT:userpool/ID` (documented); undefined where
 * there is no ARN, or none with an account.
 */
export function accountOf(arn: string | undefined): string | undefined {
  const account = arn?.split(":")[4];
  return account === "" ? undefined : account;
}
