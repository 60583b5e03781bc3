import { expect, test } from "vitest";
import { presetConfig } from "../../src/propose/preset-config.ts";
import { readConfig } from "../../src/run/config.ts";
import { proposedConfig } from "../../src/propose/proposed-config.ts";
import { surveyRows } from "../../src/propose/survey-fields.ts";
import { PRESET_NAMES, presetFor } from "../../src/transform/presets/presets.ts";
import { anAttribute, aPool, aBareRow, DOCUMENTS } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

test.each([
  ["auth0", { path: expect.stringContaining("auth0-export.json") as string }],
  ["cognito", { userPoolId: "eu-central-1_OldPool12" }],
  ["cognito-export", { path: expect.stringContaining("cognito-export-export.json") as string }],
])(
  "the config of the preset %s says the same as the preset, and where its source is",
  async (name, place) => {
    const config = await readConfig(aFile(presetConfig(name), "ferry.yaml"));
    expect(config.source).toEqual({ type: name, ...place });
    expect(config.mapping).toEqual(presetFor(name)?.mapping);
  },
);

test.each([
  ["a pool that is not known yet", undefined, ["UserCreateDate"]],
  ["a known pool", aPool({ custom: [anAttribute("custom:plan")] }), ["UserCreateDate", "custom:shelf"]],
])("of %s, fields with the names of attributes count as read by their names", (_which, pool, unread) => {
  const attributes = { sub: "s", email: "ada@example.com", "custom:plan": "gold", "custom:shelf": "x" };
  const rows = [aBareRow({ Username: "ada", UserCreateDate: "2024-05-02T08:00:00.000Z", ...attributes })];
  const text = proposedConfig({
    source: { type: "cognito-export", path: "users.json", description: "JSON document" },
    connection: {},
    survey: surveyRows(rows, DOCUMENTS),
    isWhole: true,
    pool,
  });
  const [, fields = ""] = text.split("fields that nothing above reads:");
  const named = [...fields.matchAll(/^# {3}(\S+): /gm)].map(([, name]) => name);
  expect(named).toEqual(unread);
});

test("no preset maps what an import job cannot carry for anybody: the JSON of an address", () => {
  const mapped = PRESET_NAMES.filter(
    (name) => presetFor(name)?.mapping.attributes?.["address"] !== undefined,
  );
  expect(mapped).toEqual([]);
});

test.each(["okta", "okta-api", "keycloak", "scim", "entra", "b2c", "google-workspace"])(
  "the config of the preset %s has the rule of an address to be turned on, and says what that costs",
  async (name) => {
    const text = presetConfig(name);
    expect(text).toMatch(/^ {4}# costs one call and one monthly active user .*\n {4}# ?address: \{/m);
    const turnedOn = text.replace(/^ {4}# ?address: /m, "    address: ");
    const before = await readConfig(aFile(text, "ferry.yaml"));
    const { mapping } = await readConfig(aFile(turnedOn, "ferry.yaml"));
    const { address, ...attributes } = mapping?.attributes ?? {};
    expect(address).toBeDefined();
    expect(attributes).toEqual(before.mapping?.attributes);
  },
);

test("of an object that a preset reads in part, the other keys are listed; of others their own name", () => {
  const profile = { email: "ada@example.com", profileUrl: "https://ada.example", department: "Sea" };
  const rows = [aBareRow({ id: "1", type: { id: "t" }, profile, credentials: { password: {} } })];
  const text = proposedConfig({
    source: { type: "okta", path: "users.json", description: "JSON array" },
    connection: {},
    survey: surveyRows(rows, DOCUMENTS),
    isWhole: true,
    pool: undefined,
  });
  const [, fields = ""] = text.split("fields that nothing above reads:");
  const named = [...fields.matchAll(/^# {3}(\S+): /gm)].map(([, name]) => name);
  expect(named).toEqual(["type", "profile.department"]);
});
