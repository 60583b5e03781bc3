import { expect, test } from "vitest";
import { presetConfig } from "../../src/propose/preset-config.ts";
import { readConfig } from "../../src/run/config.ts";
import { proposedConfig } from "../../src/propose/proposed-config.ts";
import { surveyRows } from "../../src/propose/survey-fields.ts";
import { presetFor } from "../../src/transform/presets/presets.ts";
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
