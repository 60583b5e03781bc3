import { expect, test } from "vitest";
import { withDefaultPolicies } from "../../src/transform/policies.ts";

test("policies that are not stated keep their defaults", () => {
  const defaults = {
    disabled: "disable",
    socialOnly: "skip",
    serviceAccounts: "skip",
    anonymous: "skip",
    deleted: "skip",
    unimportable: "admin-create",
    duplicates: "reject-all",
    passwordHashes: "import",
    unsafeValues: "set-after",
    failedRows: "admin-create",
    passwordAfterCreate: "none",
    forceAliasCreation: false,
    missingGroups: "create",
  };
  expect(withDefaultPolicies()).toEqual(defaults);
  expect(withDefaultPolicies({ disabled: undefined, duplicates: undefined })).toEqual(defaults);
  expect(withDefaultPolicies({ disabled: "skip" })).toEqual({ ...defaults, disabled: "skip" });
});
