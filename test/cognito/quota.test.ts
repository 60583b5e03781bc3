import { expect, test } from "vitest";
import { CATEGORIES, categoryOf } from "../../emulator/quota/categories.ts";
import { quotasOf, USER_WRITE_PAUSE_MS, type Operation } from "../../src/cognito/quota.ts";

const CALLED: readonly Operation[] = [
  "DescribeUserPool",
  "GetCSVHeader",
  "DescribeUserImportJob",
  "ListUserImportJobs",
  "CreateUserImportJob",
  "StartUserImportJob",
  "StopUserImportJob",
  "ListUsers",
  "ListUsersInGroup",
  "AdminCreateUser",
  "AdminDeleteUser",
  "AdminDisableUser",
  "AdminEnableUser",
  "AdminUpdateUserAttributes",
  "AdminDeleteUserAttributes",
  "AdminAddUserToGroup",
  "AdminRemoveUserFromGroup",
  "AdminLinkProviderForUser",
  "AdminSetUserMFAPreference",
  "ListGroups",
  "CreateGroup",
  "GetProvisionedLimit",
  "DescribeLogGroups",
  "DescribeLogStreams",
  "GetLogEvents",
];

test.each(CALLED)("%s is held to its documented rate", (operation) => {
  const { rps, ...category } = CATEGORIES[categoryOf(operation) ?? "UserAuthentication"];
  const rates = quotasOf(operation).map((quota) => quota.rps);
  expect(Math.max(...rates)).toBeLessThanOrEqual(rps);
  // An operation of a pool's own resources has a rate of its own besides.
  if ("isCappedPerPool" in category) expect(rates).toEqual([5, rps]);
});

test("operations of one category share a quota", () => {
  expect(quotasOf("AdminDisableUser")).toEqual(quotasOf("AdminAddUserToGroup"));
  expect(quotasOf("AdminEnableUser")).toEqual(quotasOf("AdminRemoveUserFromGroup"));
  expect(quotasOf("CreateGroup").at(-1)).toEqual(quotasOf("CreateUserImportJob").at(-1));
  expect(quotasOf("CreateGroup")[0]).not.toEqual(quotasOf("CreateUserImportJob")[0]);
});

test("the account is asked for the rates of categories that its API has, under its names", () => {
  const asked = new Set(
    CALLED.flatMap((operation) => quotasOf(operation).filter((quota) => quota.isAskedFor)),
  );
  const names = new Set([...asked].map(({ name }) => name));
  expect([...names].sort()).toEqual(["UserCreation", "UserList", "UserResourceUpdate", "UserUpdate"]);
  for (const name of names) expect(Object.keys(CATEGORIES)).toContain(name);
});

test("one user is written eight times a second at most", () => {
  expect(USER_WRITE_PAUSE_MS).toBe(125);
});
