import { describe, expect, test } from "vitest";
import type { DraftUser, Hook, HookRow } from "../../src/core/hook.ts";
import { aBareRow, aDecider, anAttribute, aPool, aRow, type DeciderSettings } from "../support/builders.ts";

const TABLE = { kind: "table", columns: ["username", "email", "email_verified", "odd name"] } as const;

function decided(hook: Hook, settings: DeciderSettings & { readonly row?: ReturnType<typeof aRow> } = {}) {
  const user = aDecider({ hook, ...settings })(settings.row ?? aRow());
  return {
    ...user,
    values: Object.fromEntries(user.attributes),
    found: user.issues.map(({ code, attribute }) =>
      attribute === undefined ? code : `${attribute}: ${code}`,
    ),
  };
}

function codeOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

test("the hook sees what the rules read, and the row's own fields", () => {
  const seen: [DraftUser, HookRow][] = [];
  const row = aRow({ team: { name: "red" }, roles: ["crew"], blocked: "no" });
  decided((user, fields) => void seen.push([user, fields]), {
    row,
    config: {
      username: { firstOf: ["login", "username"] },
      sourceId: "username",
      disabled: "blocked",
      groups: "roles",
      attributes: { email: "email", email_verified: "email_verified", name: "absent" },
    },
  });
  expect(seen).toEqual([
    [
      {
        usernames: ["ada"],
        sourceId: "ada",
        disabled: "no",
        groups: ["crew"],
        mfa: undefined,
        attributes: { email: "ada@example.com", email_verified: true },
      },
      row.record,
    ],
  ]);
});

test("the hook sees the cells of a table by their columns' names, the secret ones too", () => {
  const rows: HookRow[] = [];
  const shape = { kind: "table", columns: ["username", "password", "odd name"] } as const;
  const decide = aDecider({ shape, hook: (_user, row) => void rows.push(row) });
  const user = decide({ seq: 1, line: 2, record: ["ada", "hunter2", "x"] });
  expect(rows).toEqual([{ username: "ada", password: "hunter2", "odd name": "x" }]);
  expect(user.sourceRow).not.toContain("hunter2");
});

test("the hook runs once for each row, and not for one that cannot be read", () => {
  let runs = 0;
  const decide = aDecider({ hook: () => void (runs += 1) });
  decide(aRow());
  decide(aRow());
  const issue = { code: "row-ragged", attribute: undefined, message: "short" } as const;
  decide({ seq: 3, line: 3, record: undefined, issue });
  expect(runs).toBe(2);
});

test("a hook that says nothing changes nothing", () => {
  const row = aRow({ name: " Ada ", phone_number: "555", roles: ["a b"], birthdate: ["x"] });
  const config = { groups: "roles", attributes: {} };
  const { values: _values, found: _found, ...hooked } = decided(() => undefined, { row, config });
  expect(hooked).toEqual(aDecider({ config })(row));
  const { values: _same, found: _issues, ...spread } = decided((user) => ({ ...user }), { row, config });
  expect(spread).toEqual(aDecider({ config })(row));
});

test("what the hook returns is normalised and checked like anything else", () => {
  const user = decided(
    ({ attributes }) => ({
      usernames: ["has space", " Bo "],
      sourceId: 7,
      groups: ["crew", "no good"],
      disabled: "yes",
      attributes: { ...attributes, email: " Ada@Example.com ", birthdate: "1.2.90", nickname: "Bo" },
    }),
    { config: { attributes: { email: "email", email_verified: "email_verified" } } },
  );
  expect(user).toMatchObject({
    username: "Bo",
    sourceId: "7",
    route: "import-job",
    values: { email: "ada@example.com", email_verified: "true", nickname: "Bo" },
    followUps: [{ kind: "disable" }, { kind: "add-to-group", group: "crew" }],
  });
  expect(user.found).toEqual(["birthdate: birthdate-invalid", "groups: group-invalid"]);
});

test("groups of the hook are cleaned as mapping.groups.clean says", () => {
  const user = decided(() => ({ groups: ["/Group A/Sub"] }), {
    row: aRow({ roles: [] }),
    config: { groups: { from: "roles", clean: "-" } },
  });
  expect(user.followUps).toEqual([{ kind: "add-to-group", group: "Group-A-Sub" }]);
});

test("attributes are taken as a whole: what is left out is not sent, and its trouble is gone with null only", () => {
  const row = aRow({ name: "Ada", birthdate: { odd: true }, tags: ["x"] });
  const config = { attributes: { name: "name", email: "email", birthdate: { template: "{tags}" } } };
  expect(decided(() => ({ attributes: { email: "bo@example.com" } }), { row, config })).toMatchObject({
    values: { email: "bo@example.com" },
    found: ["birthdate: attribute-type", "nothing-verified"],
  });
  const cleared = decided(({ attributes }) => ({ attributes: { ...attributes, birthdate: null } }), {
    row,
    config,
  });
  expect(cleared.found).toEqual([]);
});

test("with a hook, the username and required attributes need no rule, and lack in the one user who gets none", () => {
  const settings = {
    pool: aPool({ required: ["nickname"] }),
    shape: TABLE,
    config: { username: { firstOf: ["odd name"] }, attributes: {} },
  } as const;
  const hook: Hook = (user, row) =>
    row["odd name"] === "7"
      ? { usernames: ["seven"], attributes: { ...user.attributes, nickname: "S" } }
      : undefined;
  const decide = aDecider({ ...settings, hook });
  expect(decide({ seq: 1, line: 2, record: ["a", "a@example.com", "true", "7"] })).toMatchObject({
    username: "seven",
    notSent: undefined,
  });
  expect(decide({ seq: 2, line: 3, record: ["a", "a@example.com", "true", "8"] })).toMatchObject({
    notSent: { causes: [{ code: "attribute-required" }] },
  });
  const byHookAlone = aDecider({
    hook: () => ({ usernames: ["from-hook"] }),
    shape: { kind: "table", columns: ["mail"] },
    config: { attributes: { email: "mail" } },
  });
  expect(byHookAlone({ seq: 1, line: 2, record: ["a@example.com"] }).username).toBe("from-hook");
});

describe("a refusal", () => {
  test("skips the user with the hook's reason and nothing else", () => {
    expect(decided(() => ({ skip: "a test\naccount" }))).toMatchObject({
      route: "none",
      notSent: { kind: "skipped", causes: [{ code: "hook-skipped", message: "a test account" }] },
      claims: undefined,
      found: ["hook-skipped"],
    });
  });

  test("rejects the user beside its other issues", () => {
    const user = decided(() => ({ reject: "two accounts in one row" }), { row: aRow({ birthdate: "x" }) });
    expect(user).toMatchObject({
      notSent: { kind: "rejected", causes: [{ code: "hook-rejected", message: "two accounts in one row" }] },
    });
    expect(user.found).toEqual(["hook-rejected", "birthdate: birthdate-invalid"]);
  });

  test("has a reason of one line and at most 200 characters, without half an emoji at its end", () => {
    const [issue] = decided(() => ({ skip: `${"x".repeat(198)}🦀🦀🦀` })).issues;
    expect(issue?.message).toBe(`${"x".repeat(198)}…`);
  });

  test.each([
    { skip: "" },
    { skip: 7 },
    { reject: undefined },
    { skip: "a", reject: "b" },
    { skip: "a", mfa: 1 },
  ])("without one reason stops the plan: %o", (answer) => {
    expect(codeOf(() => decided(() => answer))).toMatchObject({ code: "HOOK_FAILED" });
  });
});

describe("a contact stays unverified", () => {
  const untrusted = (flag: string) => [`${flag}: verified-untrusted`];

  test.each<[string, object, Hook]>([
    ["when the row says so", { email_verified: false }, (user) => verify(user)],
    ["when the row says nothing", { email_verified: null }, (user) => verify(user)],
    ["when the hook puts another in its place", {}, (user) => verify(user, { email: "eve@example.com" })],
  ])("%s", (_when, fields, hook) => {
    const user = decided(hook, { row: aRow({ ...fields }) });
    expect(user.values["email_verified"]).toBe("false");
    expect(user.found).toEqual(expect.arrayContaining(untrusted("email_verified")));
  });

  test("when the hook puts another number in its place, but not when it writes the same one with its country", () => {
    const row = aRow({ phone_number: "030 55500101", phone_number_verified: true });
    const to =
      (phone_number: string): Hook =>
      (user) => ({ attributes: { ...user.attributes, phone_number } });
    expect(decided(to("+493055500101"), { row }).values["phone_number_verified"]).toBe("true");
    const other = decided(to("+493055500102"), { row });
    expect(other.values["phone_number_verified"]).toBe("false");
    expect(other.found).toContain("phone_number_verified: verified-untrusted");
  });

  test("when it is the username, and the hook puts another in its place", () => {
    const pool = aPool({ usernameAttributes: ["email"] });
    const row = aBareRow({ login: "ada@example.com", ok: true });
    const config = { username: "login", attributes: { email_verified: "ok" } };
    expect(decided(() => ({}), { pool, row, config }).values).toMatchObject({ email_verified: "true" });
    const changed = decided(() => ({ usernames: ["eve@example.com"] }), { pool, row, config });
    expect(changed.values).toMatchObject({ email: "eve@example.com", email_verified: "false" });
    const both = aBareRow({ login: "eve@example.com", mail: "ada@example.com", ok: true });
    const dropped = decided(({ attributes }) => ({ attributes: { ...attributes, email: null } }), {
      pool,
      row: both,
      config: { username: "login", attributes: { email: "mail", email_verified: "ok" } },
    });
    expect(dropped.values).toMatchObject({ email: "eve@example.com", email_verified: "false" });
  });

  test("unless trustSource stands in the flag's rule", () => {
    const user = decided((draft) => verify(draft, { email: "eve@example.com" }), {
      row: aRow({ email_verified: false, sure: false }),
      config: { attributes: { email_verified: { trustSource: true, of: "sure" } } },
    });
    expect(user.values).toMatchObject({ email: "eve@example.com", email_verified: "true" });
    expect(user.found).toEqual([]);
  });

  test("but a hook may take a flag away, and spell a true one in another way", () => {
    expect(decided((user) => verify(user, { email_verified: false })).values["email_verified"]).toBe("false");
    expect(decided((user) => verify(user, { email_verified: "yes" })).values["email_verified"]).toBe("true");
  });
});

function verify(user: DraftUser, over: DraftUser["attributes"] = {}): Partial<DraftUser> {
  return { attributes: { ...user.attributes, email_verified: true, ...over } };
}

describe("a hook that does what it may not stops the plan", () => {
  test("when it throws: the row and the place are named, and what it said is only the cause", () => {
    const cause = new TypeError("ada@example.com is odd");
    const error = codeOf(() =>
      decided(() => {
        throw cause;
      }),
    );
    expect(error).toMatchObject({ code: "HOOK_FAILED", cause });
    expect((error as Error).message).toMatch(
      /^The hook threw a TypeError at apply-hook\.test\.ts:\d+:\d+, for row 1 \(line 1\) of the source$/,
    );
  });

  test("when it throws what is no error", () => {
    const thrower: Hook = () => {
      // oxlint-disable-next-line typescript/only-throw-error -- what a careless hook does
      throw "ada@example.com";
    };
    const error = codeOf(() => decided(thrower)) as Error;
    expect(error.message).toBe("The hook threw a value, for row 1 (line 1) of the source");
  });

  test.each<[string, object | null | true, string]>([
    ["null", null, "returned null"],
    ["a list", [], "returned a list"],
    ["true", true, "returned a boolean"],
    ["an unknown key", { username: "x" }, "the unknown key username"],
    ["groups as text", { groups: "crew" }, "groups that is no list"],
    ["attributes as a list", { attributes: [] }, "attributes that are no object"],
    ["a Date", { attributes: { updated_at: new Date(0) } }, "a Date in updated_at"],
    ["not a number", { attributes: { name: Number.NaN } }, "a number that is none in name"],
    ["a function", { mfa: () => true }, "a function in mfa"],
    ["a big integer in a list", { usernames: ["a", 7n] }, "a bigint in usernames"],
    ["a map deep inside", { sourceId: { a: [new Map()] } }, "an object of a class in sourceId"],
  ])("when it returns %s", (_what, answer, message) => {
    expect(codeOf(() => decided((() => answer) as Hook))).toMatchObject({
      code: "HOOK_FAILED",
      message: expect.stringContaining(message) as string,
    });
  });

  test("when it is async, even if it would fail later", () => {
    const error = codeOf(() => decided((async () => Promise.reject(new Error("late"))) as never));
    expect(error).toMatchObject({
      code: "HOOK_FAILED",
      message: "The hook returned a promise, for row 1 (line 1) of the source",
    });
  });

  test("when it returns an attribute that the pool does not have", () => {
    const hook: Hook = () => ({ attributes: { "custom:plan": "pro" } });
    expect(codeOf(() => decided(hook))).toMatchObject({
      code: "MAPPING_INVALID",
      message: expect.stringContaining("custom:plan") as string,
    });
    const pool = aPool({ custom: [anAttribute("custom:plan")] });
    expect(decided(hook, { pool }).values).toEqual({ "custom:plan": "pro" });
  });

  test("when it changes what it was given", () => {
    for (const change of [
      (user: DraftUser) => Object.assign(user.attributes, { name: "x" }),
      (_user: DraftUser, row: HookRow) => Object.assign(row["nested"] as object, { name: "x" }),
    ]) {
      const hook: Hook = (user, row) => void change(user, row);
      expect(codeOf(() => decided(hook, { row: aRow({ nested: {} }) }))).toMatchObject({
        code: "HOOK_FAILED",
      });
    }
  });
});
