import { expect, test } from "vitest";
import { sourceTypeNamed } from "../../src/extract/sources.ts";
import type { Mapping } from "../../src/transform/mapping.ts";
import { aDecider, rowsOf } from "../support/builders.ts";

/** The phone of each user, or the issue for which it was left out, by the user's id in the file. */
async function phonesWith(rule: NonNullable<Mapping["attributes"]>[string]): Promise<readonly string[]> {
  await using source = await sourceTypeNamed("csv").open("fixtures/csv/shop-customers.csv", {});
  const config: Mapping = {
    username: "Id",
    attributes: { email: "Email", email_verified: { trustSource: true }, phone_number: rule },
  };
  const decide = aDecider({ shape: source.shape, config });
  const users = (await rowsOf(source)).map((row) => decide(row));
  // Whatever becomes of the phone, the user is kept.
  expect(users.map(({ route }) => route)).toEqual(users.map(() => "import-job"));
  return users.map(({ attributes, issues }) => {
    const phone = attributes.find(([name]) => name === "phone_number");
    return phone?.[1] ?? issues.map(({ code }) => code).join();
  });
}

test("without a country only numbers that name theirs are sent, and the others are left out with an issue", async () => {
  expect(await phonesWith("Phone")).toEqual([
    "phone-not-e164",
    "phone-not-e164",
    "phone-not-e164",
    "phone-not-e164",
    "phone-not-e164",
    "+551239235555",
    "phone-not-e164",
    "phone-not-e164",
    "phone-not-e164",
    "",
    "+31205550101",
    "phone-not-e164",
  ]);
});

test("with the column of the country most numbers are sent, and the others say why not", async () => {
  expect(await phonesWith({ phone: "Phone", country: "Country" })).toEqual([
    "+4722442222",
    "+497112842222",
    "+420241725555",
    "+81355550101",
    "phone-extension",
    "+551239235555",
    "country-unknown",
    "phone-not-e164",
    "phone-invalid",
    "",
    "+31205550101",
    "+15147214711",
  ]);
});
