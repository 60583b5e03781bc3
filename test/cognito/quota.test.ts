import { expect, test } from "vitest";
import { CATEGORIES, categoryOf as documentedCategoryOf } from "../../emulator/quota/categories.ts";
import { categoryOf, pauseMs, type Operation } from "../../src/cognito/quota.ts";

const CALLED: readonly Operation[] = [
  "DescribeUserPool",
  "GetCSVHeader",
  "DescribeUserImportJob",
  "ListUserImportJobs",
  "CreateUserImportJob",
  "StartUserImportJob",
  "ListUsers",
  "DescribeLogGroups",
  "DescribeLogStreams",
  "GetLogEvents",
];

test.each(CALLED)("%s is called at four fifths of its documented rate at most", (operation) => {
  const documented = documentedCategoryOf(operation);
  const { rps } = CATEGORIES[documented ?? "LimitManagement"];
  expect(1000 / pauseMs(categoryOf(operation))).toBeLessThanOrEqual(rps * 0.8);
});
