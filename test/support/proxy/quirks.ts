/** Where AWS's API model contradicts what AWS itself does, each with its evidence. */
export interface Quirks {
  /** Facts of a shape that do not hold. */
  readonly shapes: Readonly<
    Record<string, { readonly ignores: "pattern" | "max"; readonly because: string }>
  >;
  /** Errors that an operation answers with and does not declare; `*` stands for every operation. */
  readonly errors: readonly {
    readonly operation: string;
    readonly types: readonly string[];
    readonly because: string;
  }[];
}

/** The quirks that are known. */
export const QUIRKS: Quirks = {
  shapes: {
    CompletionMessageType: {
      ignores: "pattern",
      because: "the pattern is one word, AWS's samples are sentences: 'Import Job Completed Successfully.'",
    },
    CustomAttributeNameType: {
      ignores: "max",
      because: "20 at most, but every pool has phone_number_verified, of 21, in AWS's samples",
    },
  },
  errors: [
    {
      operation: "AdminCreateUser",
      types: ["AliasExistsException"],
      because: "not declared, but documented at ForceAliasCreation",
    },
    {
      operation: "SignUp",
      types: ["AliasExistsException"],
      because: "not declared, but documented at AliasAttributes",
    },
    {
      operation: "*",
      types: [
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "RequestEntityTooLarge",
        "SerializationException",
        "UnknownOperationException",
        "UnrecognizedClientException",
      ],
      because: "common to all of AWS's JSON services: they come before the operation is known",
    },
    ...["DescribeLogGroups", "DescribeLogStreams", "FilterLogEvents", "GetLogEvents"].map((operation) => ({
      operation,
      types: ["ThrottlingException"],
      because: "common to all of AWS's services, so declared by none; Cognito has TooManyRequestsException",
    })),
    {
      operation: "*",
      types: ["NotImplementedByEmulator"],
      because: "not AWS's: with HTTP 501 the emulator says that it does not have the operation",
    },
  ],
};

/** No quirks at all: AWS's model to the letter. */
export const NO_QUIRKS: Quirks = { shapes: {}, errors: [] };
