/** An error that the emulator answers with, as AWS would: a type name, a message and an HTTP status. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly type: string;
  readonly status: number;

  constructor(type: string, message: string, options: { readonly status?: number } = {}) {
    super(message);
    this.type = type;
    this.status = options.status ?? 400;
  }
}

/** Cognito's answer to a request that breaks a rule of the API or of the pool. */
export function invalidParameter(message: string): ApiError {
  return new ApiError("InvalidParameterException", message);
}
