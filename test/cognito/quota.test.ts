import { expect, test } from "vitest";
import { CATEGORIES, categoryOf } from "../../emulator/quota/categories.ts";
import { pacesOf, USER_WRITE_PAUSE_MS, type Operation } from "../../src/cognito/quota.ts";

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
  "AdminDisableUser",
  "AdminAddUserToGroup",
  "AdminLinkProviderForUser",
  "AdminSetUserMFAPreference",
  "ListGroups",
  "CreateGroup",
  "DescribeLogGroups",
  "DescribeLogStreams",
  "GetLogEvents",
];

test.each(CALLED)("%s is called at four fifths of its documented rate at most", (operation) => {
  const { rps, ...category } = CATEGORIES[categoryOf(operation) ?? "LimitManagement"];
  const paces = pacesOf(operation).map(({ pauseMs }) => 1000 / pauseMs);
  expect(Math.max(...paces)).toBeLessThanOrEqual(rps * 0.8);
  // An operation of a pool's own resources has a rate of its own besides.
  if ("isCappedPerPool" in category) expect(Math.min(...paces)).toBeLessThanOrEqual(4);
});

test("operations of one category keep one pace together", () => {
  expect(pacesOf("AdminDisableUser")).toEqual(pacesOf("AdminAddUserToGroup"));
  expect(pacesOf("CreateGroup").at(-1)).toEqual(pacesOf("CreateUserImportJob").at(-1));
  expect(pacesOf("CreateGroup")[0]).not.toEqual(pacesOf("CreateUserImportJob")[0]);
});

test("one user is written eight times a second at most", () => {
  expect(USER_WRITE_PAUSE_MS).toBe(125);
});
