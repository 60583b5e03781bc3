/** Where the pool is and who asks; never holds a credential. What is undefined is left to the SDK's own chain. */
export interface Connection {
  readonly region: string | undefined;
  /** Whether nothing is to be asked that needs credentials: then only SignUp can be called. */
  readonly isAnonymous?: boolean | undefined;
  /** Whether it is that of a source, so that keys of the config's `source` and no flags say where it leads. */
  readonly isSource?: boolean | undefined;
  /** A profile of the AWS configuration. */
  readonly profile: string | undefined;
  /** Base URL of a Cognito-compatible service, for Cognito and for CloudWatch Logs. */
  readonly endpointUrl: string | undefined;
  /** Base URL for CloudWatch Logs alone, when it differs. */
  readonly logsEndpointUrl: string | undefined;
}
