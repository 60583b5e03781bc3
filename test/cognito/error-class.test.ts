import { errors } from "undici";
import { describe, expect, test } from "vitest";
import { CognitoIdentityProviderServiceException } from "@aws-sdk/client-cognito-identity-provider";
import { classOf, isLostReply, isThrottle } from "../../src/cognito/error-class.ts";
import type { Operation } from "../../src/cognito/quota.ts";

const THROTTLED = { means: "retry", effect: "none" };
const LOST = { means: "retry", effect: "unknown" };
const SKIP = { means: "skip" };
const ABORT = { means: "abort" };

function anError(name: string, over: object = {}): Error {
  return Object.assign(new Error("said"), { name }, over);
}

describe("what an error means, whatever the operation", () => {
  test.each([
    {
      what: "TooManyRequestsException",
      error: anError("TooManyRequestsException"),
      means: THROTTLED,
    },
    {
      what: "LimitExceededException, which is no rate",
      error: anError("LimitExceededException", { $metadata: { httpStatusCode: 400 } }),
      means: ABORT,
    },
    { what: "InternalErrorException", error: anError("InternalErrorException"), means: LOST },
    {
      what: "an unnamed 503",
      error: anError("Unknown", { $metadata: { httpStatusCode: 503 } }),
      means: LOST,
    },
    {
      what: "an HTML page with 500, which no retry mends",
      error: Object.assign(new SyntaxError("Unexpected token <"), { $metadata: { httpStatusCode: 500 } }),
      means: ABORT,
    },
    {
      what: "a load balancer's HTML page with 503",
      error: Object.assign(new SyntaxError("Unexpected token <"), { $metadata: { httpStatusCode: 503 } }),
      means: LOST,
    },
    {
      what: "an HTML page with 200",
      error: Object.assign(new SyntaxError("Unexpected token <"), { $metadata: { httpStatusCode: 200 } }),
      means: ABORT,
    },
    { what: "a connection reset", error: anError("Error", { code: "ECONNRESET" }), means: LOST },
    {
      what: "a reset below fetch failed",
      error: new TypeError("fetch failed", { cause: anError("Error", { code: "ECONNRESET" }) }),
      means: LOST,
    },
    {
      what: "undici's lost socket",
      error: new errors.SocketError("other side closed"),
      means: LOST,
    },
    { what: "InvalidParameterException", error: anError("InvalidParameterException"), means: ABORT },
    { what: "something that is no error", error: "text", means: ABORT },
  ])("$what", ({ error, means }) => {
    expect(classOf(error)).toEqual(means);
  });
});

const FOLLOW_UPS: readonly Operation[] = [
  "AdminDisableUser",
  "AdminConfirmSignUp",
  "AdminAddUserToGroup",
  "AdminSetUserMFAPreference",
  "AdminLinkProviderForUser",
];

const ATTRIBUTES: readonly Operation[] = ["AdminUpdateUserAttributes", "AdminDeleteUserAttributes"];

const CHANGES: readonly Operation[] = [
  "AdminDisableUser",
  "AdminEnableUser",
  "AdminAddUserToGroup",
  "AdminRemoveUserFromGroup",
  ...ATTRIBUTES,
];

describe("what an error means for one user", () => {
  test.each<{ name: string; on: readonly Operation[]; message?: string; means: object }>([
    { name: "UsernameExistsException", on: ["AdminCreateUser"], means: SKIP },
    { name: "UserNotFoundException", on: ["AdminDeleteUser"], means: SKIP },
    {
      name: "InvalidParameterException",
      on: ["AdminDeleteUser"],
      means: { means: "fail", reason: "refused" },
    },
    { name: "AliasExistsException", on: ["AdminCreateUser"], means: SKIP },
    {
      name: "InvalidParameterException",
      on: ["AdminCreateUser"],
      means: { means: "fail", reason: "user-refused" },
    },
    {
      name: "InvalidPasswordException",
      on: ["AdminCreateUser", "SignUp"],
      means: { means: "fail", reason: "password-refused" },
    },
    {
      name: "UserLambdaValidationException",
      on: ["AdminCreateUser"],
      means: { means: "fail", reason: "trigger-refused" },
    },
    {
      name: "UnexpectedLambdaException",
      on: ["AdminCreateUser"],
      means: { means: "fail", reason: "trigger-broken" },
    },
    {
      name: "CodeDeliveryFailureException",
      on: ["AdminCreateUser"],
      means: { means: "fail", reason: "message-undelivered" },
    },
    {
      name: "LimitExceededException",
      on: ["AdminCreateUser", "CreateGroup", "CreateUserImportJob"],
      means: ABORT,
    },
    { name: "ResourceNotFoundException", on: ["AdminCreateUser"], means: ABORT },
    {
      name: "NotAuthorizedException",
      on: ["AdminCreateUser", ...FOLLOW_UPS],
      message: "Access Token has expired",
      means: ABORT,
    },
    { name: "UsernameExistsException", on: ["SignUp"], means: SKIP },
    { name: "AliasExistsException", on: ["SignUp"], means: SKIP },
    { name: "LimitExceededException", on: ["SignUp"], means: ABORT },
    { name: "ResourceNotFoundException", on: ["SignUp"], means: ABORT },
    {
      name: "UserLambdaValidationException",
      on: ["SignUp"],
      means: { means: "fail", reason: "trigger-refused" },
    },
    {
      name: "NotAuthorizedException",
      on: ["SignUp"],
      message: "A client attempted to write unauthorized attribute",
      means: { means: "fail", reason: "attribute-unwritable" },
    },
    {
      name: "NotAuthorizedException",
      on: ["SignUp"],
      message: "SignUp is not permitted for this user pool",
      means: ABORT,
    },
    {
      name: "NotAuthorizedException",
      on: ["AdminConfirmSignUp"],
      message: "User cannot be confirmed. Current status is CONFIRMED",
      means: SKIP,
    },
    {
      name: "NotAuthorizedException",
      on: ["AdminConfirmSignUp"],
      message: "User cannot be confirmed. Current status is RESET_REQUIRED",
      means: { means: "fail", reason: "refused" },
    },
    { name: "UserNotFoundException", on: FOLLOW_UPS, means: { means: "fail", reason: "user-absent" } },
    { name: "InvalidParameterException", on: FOLLOW_UPS, means: { means: "fail", reason: "refused" } },
    { name: "LimitExceededException", on: FOLLOW_UPS, means: { means: "fail", reason: "refused" } },
    {
      name: "InvalidParameterException",
      on: ["AdminLinkProviderForUser"],
      message: "SourceUser is already linked to DestinationUser",
      means: SKIP,
    },
    {
      name: "InvalidParameterException",
      on: ["AdminAddUserToGroup"],
      message: "SourceUser is already linked to DestinationUser",
      means: { means: "fail", reason: "refused" },
    },
    {
      name: "UserNotFoundException",
      on: CHANGES,
      means: { means: "fail", reason: "user-absent" },
    },
    {
      name: "InvalidParameterException",
      on: CHANGES,
      means: { means: "fail", reason: "refused" },
    },
    {
      name: "InvalidParameterException",
      on: ATTRIBUTES,
      message: "user.custom:plan: Attribute cannot be updated.",
      means: { means: "fail", reason: "attribute-immutable" },
    },
    {
      name: "InvalidParameterException",
      on: ATTRIBUTES,
      message: "Cannot modify the non-mutable attribute sub",
      means: { means: "fail", reason: "attribute-immutable" },
    },
    {
      name: "InvalidParameterException",
      on: ATTRIBUTES,
      message: "user.name: The attribute is required",
      means: { means: "fail", reason: "attribute-required" },
    },
    {
      name: "InvalidParameterException",
      on: ATTRIBUTES,
      message: "user.custom:x: Attribute does not exist in the schema.",
      means: { means: "fail", reason: "attribute-unknown" },
    },
    {
      name: "InvalidParameterException",
      on: ["AdminSetUserPassword"],
      message: "Attribute cannot be updated.",
      means: { means: "fail", reason: "refused" },
    },
    {
      name: "AliasExistsException",
      on: ["AdminUpdateUserAttributes"],
      means: { means: "fail", reason: "alias-exists" },
    },
    {
      name: "UserLambdaValidationException",
      on: ["AdminUpdateUserAttributes"],
      means: { means: "fail", reason: "trigger-refused" },
    },
    {
      name: "UnexpectedLambdaException",
      on: ["AdminUpdateUserAttributes"],
      means: { means: "fail", reason: "trigger-broken" },
    },
    {
      name: "CodeDeliveryFailureException",
      on: ["AdminUpdateUserAttributes"],
      means: { means: "fail", reason: "message-undelivered" },
    },
    {
      name: "LimitExceededException",
      on: ["AdminUpdateUserAttributes"],
      message: "Exceeded daily email limit for the operation or the account.",
      means: ABORT,
    },
    {
      name: "ResourceNotFoundException",
      on: ["AdminLinkProviderForUser", "AdminSetUserMFAPreference"],
      message: "Provider not found.",
      means: { means: "fail", reason: "refused" },
    },
    {
      name: "ResourceNotFoundException",
      on: ["AdminAddUserToGroup"],
      message: "Group not found.",
      means: { means: "fail", reason: "group-absent" },
    },
    {
      name: "ResourceNotFoundException",
      on: ["AdminRemoveUserFromGroup"],
      message: "Group not found.",
      means: SKIP,
    },
    {
      name: "ResourceNotFoundException",
      on: [...FOLLOW_UPS, ...CHANGES, "AdminDeleteUser"],
      message: "User pool eu-west-1_Ferry0001 does not exist.",
      means: ABORT,
    },
    {
      name: "NotAuthorizedException",
      on: FOLLOW_UPS,
      message: "User is disabled.",
      means: { means: "fail", reason: "refused" },
    },
    {
      name: "NotAuthorizedException",
      on: ["AdminResetUserPassword"],
      message: "User password cannot be reset in the current state.",
      means: { means: "fail", reason: "refused" },
    },
    {
      name: "LimitExceededException",
      on: ["AdminResetUserPassword"],
      message: "Attempt limit exceeded, please try after some time.",
      means: { means: "fail", reason: "refused" },
    },
    {
      name: "LimitExceededException",
      on: ["AdminResetUserPassword"],
      message: "Exceeded daily email limit for the operation or the account.",
      means: ABORT,
    },
    { name: "SomethingNewException", on: ["AdminCreateUser", ...FOLLOW_UPS, "ListUsers"], means: ABORT },
  ])("$name, $message", ({ name, on, message = "said", means }) => {
    for (const operation of on) {
      expect({ operation, ...classOf(anError(name, { message }), operation) }).toEqual({
        operation,
        ...means,
      });
    }
  });

  test("means nothing for an operation of which it is not known", () => {
    expect(classOf(anError("UsernameExistsException"))).toEqual(ABORT);
    expect(classOf(anError("UsernameExistsException"), "ListUsers")).toEqual(ABORT);
  });
});

test("the SDK takes a resource's limit for a throttle, and this table does not", () => {
  const error = new CognitoIdentityProviderServiceException({
    name: "LimitExceededException",
    $fault: "client",
    $metadata: { httpStatusCode: 400 },
    message: "Exceeded daily email limit",
  });
  expect(isThrottle(error)).toBe(false);
  expect(isLostReply(error)).toBe(false);
});
