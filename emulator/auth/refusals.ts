import { ApiError, invalidParameter } from "../wire/error.ts";

/** A refusal to a user, whatever the reason; the words of all these are reported. */
export function notAuthorized(message: string): ApiError {
  return new ApiError("NotAuthorizedException", message);
}

/** A wrong name or a wrong password: which of them is not said. */
export function incorrectPassword(): ApiError {
  return notAuthorized("Incorrect username or password.");
}

/** A user who has been switched off. */
export function disabledUser(): ApiError {
  return notAuthorized("User is disabled.");
}

/** A user who signed up and never entered the code. */
export function unconfirmedUser(): ApiError {
  return new ApiError("UserNotConfirmedException", "User is not confirmed.");
}

/** A code that is not the one that was sent. */
export function wrongCode(): ApiError {
  return new ApiError("CodeMismatchException", "Invalid verification code provided, please try again.");
}

/** A code that is too old, or that nobody asked for. */
export function expiredCode(): ApiError {
  return new ApiError("ExpiredCodeException", "Invalid code provided, please request a code again.");
}

/** Too many tries. */
export function attemptLimit(): ApiError {
  return new ApiError("LimitExceededException", "Attempt limit exceeded, please try after some time.");
}

/** A parameter that a flow or challenge cannot do without. */
export function required(parameters: Readonly<Record<string, string>>, name: string): string {
  const value = parameters[name];
  if (value === undefined || value === "") throw invalidParameter(`Missing required parameter ${name}`);
  return value;
}
