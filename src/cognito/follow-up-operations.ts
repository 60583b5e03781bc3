import type { ChangeKind } from "../core/change.ts";
import type { FollowUpKind } from "../core/follow-up.ts";
import type { Operation } from "./quota.ts";

/** With which operation each change is done. */
export const CHANGE_OPERATIONS = {
  disable: "AdminDisableUser",
  "set-attributes": "AdminUpdateUserAttributes",
  "delete-attributes": "AdminDeleteUserAttributes",
  "remove-from-group": "AdminRemoveUserFromGroup",
  "add-to-group": "AdminAddUserToGroup",
  enable: "AdminEnableUser",
  delete: "AdminDeleteUser",
} as const satisfies Record<ChangeKind, Operation>;

/** With which operation each follow-up is done. */
export const FOLLOW_UP_OPERATIONS = {
  disable: CHANGE_OPERATIONS.disable,
  confirm: "AdminConfirmSignUp",
  "set-attributes": CHANGE_OPERATIONS["set-attributes"],
  "set-own-password": "AdminSetUserPassword",
  "set-password": "AdminSetUserPassword",
  "add-to-group": CHANGE_OPERATIONS["add-to-group"],
  "set-mfa": "AdminSetUserMFAPreference",
  "link-provider": "AdminLinkProviderForUser",
  "reset-password": "AdminResetUserPassword",
} as const satisfies Record<FollowUpKind, Operation>;
