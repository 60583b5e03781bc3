import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareUser, leftAsWanted, type Had, type Left, type Wanted } from "../../src/sync/compare-user.ts";
import type { Change } from "../../src/core/change.ts";
import type { SyncPolicies } from "../../src/sync/sync-policies.ts";
import { aPool, anAttribute } from "../support/builders.ts";

const POOL = aPool({
  custom: [anAttribute("custom:team"), anAttribute("custom:badge", { mutable: false })],
  required: ["family_name"],
});

type Values = Readonly<Record<string, string>>;

const wanted = (values: Values, over: Partial<Wanted> = {}): Wanted => ({
  attributes: Object.entries(values),
  groups: [],
  isDisabled: false,
  ...over,
});

const had = (values: Values, over: Partial<Had> = {}): Had => ({
  attributes: [["sub", "s-1"], ...Object.entries(values)],
  groups: [],
  isEnabled: true,
  ...over,
});

const left = (values: Values, over: Partial<Left> = {}): Left => ({
  attributes: Object.entries(values),
  groups: [],
  isDisabled: false,
  ...over,
});

const rules = (
  conflicts: SyncPolicies["conflicts"] = "source-wins",
  messages: "allowed" | "none" = "none",
) => ({
  pool: POOL,
  policies: { conflicts, messages },
});

const compare = (
  [want, have, last]: readonly [Values, Values, Values | undefined],
  conflicts?: SyncPolicies["conflicts"],
) => compareUser(wanted(want), had(have), last === undefined ? undefined : left(last), rules(conflicts));

const set = (...attributes: [string, string][]): Change => ({ kind: "set-attributes", attributes });

describe("an attribute, as source, pool and the last sync have it", () => {
  test.each<[string, [Values, Values, Values | undefined], readonly Change[], boolean]>([
    ["is equal", [{ name: "A" }, { name: "A" }, { name: "A" }], [], false],
    ["came to be equal by itself", [{ name: "B" }, { name: "B" }, { name: "A" }], [], false],
    ["changed at the source", [{ name: "B" }, { name: "A" }, { name: "A" }], [set(["name", "B"])], false],
    ["is new at the source", [{ name: "A" }, {}, {}], [set(["name", "A"])], false],
    ["changed in the pool", [{ name: "A" }, { name: "X" }, { name: "A" }], [set(["name", "A"])], true],
    ["was deleted in the pool", [{ name: "A" }, {}, { name: "A" }], [set(["name", "A"])], true],
    ["changed in both", [{ name: "B" }, { name: "X" }, { name: "A" }], [set(["name", "B"])], true],
    ["is new in both", [{ name: "B" }, { name: "X" }, {}], [set(["name", "B"])], true],
    [
      "is gone at the source",
      [{}, { name: "A" }, { name: "A" }],
      [{ kind: "delete-attributes", names: ["name"] }],
      false,
    ],
    [
      "is gone at the source and changed in the pool",
      [{}, { name: "X" }, { name: "A" }],
      [{ kind: "delete-attributes", names: ["name"] }],
      true,
    ],
    ["is gone from both", [{}, {}, { name: "A" }], [], false],
    ["is the user's own", [{}, { name: "X" }, {}], [], false],
    [
      "differs when the user is adopted",
      [{ name: "A" }, { name: "X" }, undefined],
      [set(["name", "A"])],
      false,
    ],
    ["is the user's own when it is adopted", [{}, { name: "X" }, undefined], [], false],
  ])("%s", (_what, three, changes, isConflict) => {
    const compared = compare(three);
    expect(compared.changes).toEqual(changes);
    expect(compared.conflicts).toEqual(
      isConflict ? [{ kind: "pool-changed", what: "name", isOverruled: true }] : [],
    );
    // What is left is the source's, and nothing that the sync has not set.
    expect(compared.left.attributes).toEqual(Object.entries(three[0]));
    const [, have] = three;
    expect(compared.values).toEqual(
      changes.length === 0 ? [] : [{ name: "name", old: have["name"], new: three[0]["name"] }],
    );
    for (const policy of ["pool-wins", "report"] as const) {
      const other = compare(three, policy);
      const isAdoption = three[2] === undefined && three[0]["name"] !== undefined;
      if (isConflict || isAdoption) {
        expect(other.changes).toEqual([]);
        expect(other.conflicts).toEqual([{ kind: "pool-changed", what: "name", isOverruled: false }]);
        expect(other.left.attributes).toEqual(Object.entries(three[2] ?? {}));
      } else expect(other).toEqual(compared);
    }
  });

  test("that cannot be changed is a conflict and stays", () => {
    const three = [{ "custom:badge": "2" }, { "custom:badge": "1" }, { "custom:badge": "1" }] as const;
    const { changes, conflicts, left: after } = compare([...three]);
    expect(changes).toEqual([]);
    expect(conflicts).toEqual([{ kind: "immutable", what: "custom:badge", isOverruled: false }]);
    expect(after.attributes).toEqual([["custom:badge", "1"]]);
  });

  test("that the pool requires is not deleted", () => {
    const { changes, conflicts } = compare([{}, { family_name: "A" }, { family_name: "A" }]);
    expect(changes).toEqual([]);
    expect(conflicts).toEqual([{ kind: "required", what: "family_name", isOverruled: false }]);
  });

  test("of Cognito's own is never compared", () => {
    const { changes } = compareUser(
      wanted({}),
      had({ identities: "[]" }),
      left({ identities: "x", sub: "s-0" }),
      rules(),
    );
    expect(changes).toEqual([]);
  });
});

describe("a contact", () => {
  const OLD = { email: "old@example.com", email_verified: "true" };

  test("is set together with its flag", () => {
    const { changes } = compare([
      { email: "new@example.com", email_verified: "true" },
      OLD,
      { email: "old@example.com" },
    ]);
    expect(changes).toEqual([set(["email", "new@example.com"], ["email_verified", "true"])]);
  });

  test("that is not verified is withheld, as the pool would send a code", () => {
    const {
      changes,
      conflicts,
      left: after,
    } = compare([{ email: "new@example.com" }, OLD, { email: "old@example.com" }]);
    expect(changes).toEqual([]);
    expect(conflicts).toEqual([{ kind: "code-sent", what: "email", isOverruled: false }]);
    expect(after.attributes).toEqual([["email", "old@example.com"]]);
  });

  test("of an adopted user that is withheld stays the user's own", () => {
    const { left: after } = compare([{ email: "new@example.com" }, OLD, undefined]);
    expect(after.attributes).toEqual([]);
  });

  test("that is not verified is set where messages are allowed, and said not to be verified", () => {
    const { changes, conflicts } = compareUser(
      wanted({ email: "new@example.com", email_verified: "false" }),
      had(OLD),
      left({ email: "old@example.com" }),
      rules("source-wins", "allowed"),
    );
    expect(changes).toEqual([set(["email", "new@example.com"], ["email_verified", "false"])]);
    expect(conflicts).toEqual([]);
  });

  test("that waits for its code is not set again, as that would send another one", () => {
    const pool = { ...POOL, verifiedBeforeUpdate: ["email" as const] };
    const want = { email: "new@example.com" };
    const {
      changes,
      conflicts,
      left: after,
    } = compareUser(wanted(want), had(OLD), left(want), {
      pool,
      policies: { conflicts: "source-wins", messages: "allowed" },
    });
    expect(changes).toEqual([]);
    expect(conflicts).toContainEqual({ kind: "code-sent", what: "email", isOverruled: false });
    expect(after.attributes).toEqual([["email", "new@example.com"]]);
  });

  test("that the pool does not verify by itself is set", () => {
    const { changes } = compare([{ phone_number: "+12025550101" }, {}, {}]);
    expect(changes).toEqual([set(["phone_number", "+12025550101"], ["phone_number_verified", "false"])]);
  });

  test("keeps what the user has proved", () => {
    const { changes, conflicts } = compare([
      { email: "old@example.com", email_verified: "false" },
      OLD,
      { email: "old@example.com" },
    ]);
    expect([changes, conflicts]).toEqual([[], []]);
  });

  test("is marked as verified once the source says so", () => {
    const { changes } = compare([
      { email: "old@example.com", email_verified: "true" },
      { email: "old@example.com", email_verified: "false" },
      { email: "old@example.com" },
    ]);
    expect(changes).toEqual([set(["email_verified", "true"])]);
  });

  test("that the pool keeps does not get the flag of another", () => {
    const { changes } = compare(
      [
        { email: "new@example.com", email_verified: "true" },
        { email: "own@example.com", email_verified: "false" },
        { email: "old@example.com" },
      ],
      "pool-wins",
    );
    expect(changes).toEqual([]);
  });
});

describe("groups", () => {
  const compareGroups = (
    want: string[],
    have: string[] | undefined,
    last: string[] | undefined,
    conflicts?: SyncPolicies["conflicts"],
  ) =>
    compareUser(
      wanted({}, { groups: want }),
      had({}, { groups: have }),
      last === undefined ? undefined : left({}, { groups: last }),
      rules(conflicts),
    );
  const add = (group: string): Change => ({ kind: "add-to-group", group });
  const remove = (group: string): Change => ({ kind: "remove-from-group", group });

  test.each<[string, string[], string[] | undefined, string[] | undefined, Change[], boolean]>([
    ["stay", ["a"], ["a"], ["a"], [], false],
    ["are joined", ["a"], [], [], [add("a")], false],
    ["are left", [], ["a"], ["a"], [remove("a")], false],
    ["are left before others are joined", ["b"], ["a"], ["a"], [remove("a"), add("b")], false],
    ["that somebody left in the pool are joined again", ["a"], [], ["a"], [add("a")], true],
    ["that somebody joined in the pool are left", [], ["a"], [], [remove("a")], true],
    ["that nobody looked at are as they were left", ["a", "b"], undefined, ["a"], [add("b")], false],
    ["are joined by who is adopted", ["a"], [], undefined, [add("a")], false],
  ])("%s", (_what, want, have, last, changes, isConflict) => {
    const compared = compareGroups(want, have, last);
    expect(compared.changes).toEqual(changes);
    expect(compared.conflicts.length > 0).toBe(isConflict);
    expect(compared.left.groups).toEqual(want);
    if (isConflict) {
      const kept = compareGroups(want, have, last, "pool-wins");
      expect(kept.changes).toEqual([]);
      expect(kept.left.groups).toEqual(last);
    }
  });
});

describe("whether a user may sign in", () => {
  const access = (
    isDisabled: boolean,
    isEnabled: boolean | undefined,
    wasDisabled: boolean | undefined,
    conflicts?: SyncPolicies["conflicts"],
  ) => {
    const last = wasDisabled === undefined ? undefined : left({}, { isDisabled: wasDisabled });
    const compared = compareUser(wanted({}, { isDisabled }), had({}, { isEnabled }), last, rules(conflicts));
    return [
      compared.changes.map(({ kind }) => kind).join(),
      compared.conflicts.map(({ kind }) => kind).join(),
      compared.left.isDisabled,
    ];
  };

  test.each<[string, Parameters<typeof access>, readonly [string, string, boolean]]>([
    ["stays so", [false, true, false], ["", "", false]],
    ["is taken away", [true, true, false], ["disable", "", true]],
    [
      "is taken away, whoever wins, as only the source has changed",
      [true, true, false, "pool-wins"],
      ["disable", "", true],
    ],
    ["is given back to whom the sync has locked out", [false, false, true], ["enable", "", false]],
    [
      "is never given back to whom somebody else has locked out",
      [false, false, false],
      ["", "disabled-in-pool", false],
    ],
    ["is never given to who is adopted", [false, false, undefined], ["", "disabled-in-pool", false]],
    ["is taken away again when somebody gave it back", [true, true, true], ["disable", "pool-changed", true]],
    ["stays given back where the pool wins", [true, true, true, "pool-wins"], ["", "pool-changed", true]],
    ["stays taken away", [true, false, true], ["", "", true]],
    ["stays taken away by somebody else", [true, false, false], ["", "", false]],
    [
      "is the source's to give back where both agree at the adoption",
      [true, false, undefined],
      ["", "", true],
    ],
    ["is taken away where the service does not say", [true, undefined, false], ["disable", "", true]],
  ])("%s", (_what, given, result) => {
    expect(access(...given)).toEqual(result);
  });
});

test("whoever is changed as the comparison says compares as equal afterwards", () => {
  const names = ["name", "nickname", "locale", "custom:team"];
  const values = fc.dictionary(fc.constantFrom(...names), fc.constantFrom("A", "B", "C"), {
    noNullPrototype: true,
  });
  const groups = fc.subarray(["a", "b", "c"]);
  const state = fc.record({ values, groups, isDisabled: fc.boolean() });
  fc.assert(
    fc.property(state, state, fc.option(state, { nil: undefined }), (want, have, last) => {
      const wish = wanted(want.values, want);
      const before = last === undefined ? undefined : left(last.values, last);
      const first = compareUser(
        wish,
        had(have.values, { ...have, isEnabled: !have.isDisabled }),
        before,
        rules(),
      );
      const after = carryOut(first.changes, have);
      const second = compareUser(wish, after, first.left, rules());
      expect(second.changes).toEqual([]);
      expect(second.conflicts.filter(({ kind }) => kind !== "disabled-in-pool")).toEqual([]);
      expect(second.left).toEqual(first.left);
      const attributes = new Map(after.attributes);
      for (const [name, value] of wish.attributes) expect(attributes.get(name)).toBe(value);
      expect(after.groups).toEqual(wish.groups.toSorted());
    }),
  );
});

test("who was created as wanted compares as equal", () => {
  const wish = wanted(
    { name: "A", email: "a@example.com", email_verified: "true" },
    { groups: ["b", "a"], isDisabled: true },
  );
  const { changes, left: after } = compareUser(
    wish,
    had(Object.fromEntries(wish.attributes), { groups: ["a", "b"], isEnabled: false }),
    leftAsWanted(wish),
    rules(),
  );
  expect(changes).toEqual([]);
  expect(after).toEqual(leftAsWanted(wish));
});

/** A user of the pool after changes. */
function carryOut(
  changes: readonly Change[],
  {
    values,
    groups,
    isDisabled,
  }: { readonly values: Values; readonly groups: readonly string[]; readonly isDisabled: boolean },
): Had {
  const attributes = new Map(Object.entries(values));
  const member = new Set(groups);
  let isEnabled = !isDisabled;
  for (const change of changes) {
    if (change.kind === "set-attributes")
      for (const [name, value] of change.attributes) attributes.set(name, value);
    if (change.kind === "delete-attributes") for (const name of change.names) attributes.delete(name);
    if (change.kind === "add-to-group") member.add(change.group);
    if (change.kind === "remove-from-group") member.delete(change.group);
    if (change.kind === "disable") isEnabled = false;
    if (change.kind === "enable") isEnabled = true;
  }
  return { attributes: [...attributes], groups: [...member].toSorted(), isEnabled };
}
