import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  type CreateUserPoolCommandInput,
} from "@aws-sdk/client-cognito-identity-provider";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { attributeOf, type User } from "../../emulator/state/user.ts";
import type { EmulatorOptions } from "../../emulator/index.ts";
import type { Fault } from "../../emulator/steer.ts";
import { Cognito } from "../../src/cognito/cognito.ts";
import { CHANGE_OPERATIONS } from "../../src/cognito/follow-up-operations.ts";
import { readPool } from "../../src/cognito/read-pool.ts";
import type { Change } from "../../src/core/change.ts";
import {
  applyChanges,
  type ChangeEvent,
  type ChangeJournal,
  type ChangeResult,
  type ChangeWork,
  type PendingChange,
  type UserToChange,
} from "../../src/load/apply-changes.ts";
import { aTarget, type Target } from "../support/target.ts";

beforeAll(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
});

afterAll(() => vi.unstubAllEnvs());

type PoolSettings = Partial<CreateUserPoolCommandInput>;

const ALIASES: PoolSettings = { AliasAttributes: ["email", "phone_number", "preferred_username"] };

/** Rates at which a test has not to wait. */
const FAST: EmulatorOptions = {
  quotas: { categories: { UserUpdate: 2_000, UserList: 2_000, UserCreation: 2_000 } },
};

/** A ledger of changes as far as the work sees it. */
class Notes implements ChangeJournal {
  readonly sent = new Set<number>();
  readonly results = new Map<number, ChangeResult>();
  readonly batches: number[] = [];

  async noteSent(ids: readonly number[]): Promise<void> {
    await Promise.resolve();
    for (const id of ids) this.sent.add(id);
  }

  async settle(results: readonly ChangeResult[]): Promise<void> {
    await Promise.resolve();
    this.batches.push(results.length);
    for (const result of results) {
      expect(this.results.has(result.id), `change ${result.id} is settled twice`).toBe(false);
      this.results.set(result.id, result);
    }
  }

  /** Every result, in the order of the ids. */
  get told(): readonly string[] {
    const results = [...this.results.values()].sort((one, other) => one.id - other.id);
    return results.map((result) => (result.state === "done" ? "done" : result.reason));
  }
}

/** A pool with whoever is put into it, and the work on it. */
class Stage {
  readonly target: Target;
  readonly notes = new Notes();
  readonly events: ChangeEvent[] = [];
  readonly #cognito: Cognito;
  readonly #admin: CognitoIdentityProviderClient;
  readonly #subs = new Map<string, { readonly username: string; readonly sub: string }>();
  #ids = 0;

  constructor(target: Target, cognito: Cognito, admin: CognitoIdentityProviderClient) {
    this.target = target;
    this.#cognito = cognito;
    this.#admin = admin;
  }

  /** Creates a user, who can then be named by that name. */
  async add(name: string, attributes: Readonly<Record<string, string>> = {}): Promise<void> {
    const { User: made } = await this.#admin.send(
      new AdminCreateUserCommand({
        UserPoolId: this.target.userPoolId,
        Username: name,
        MessageAction: "SUPPRESS",
        UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
      }),
    );
    const sub = made?.Attributes?.find(({ Name }) => Name === "sub")?.Value ?? "";
    this.#subs.set(name, { username: made?.Username ?? "", sub });
  }

  async remove(name: string): Promise<void> {
    const { userPoolId: UserPoolId } = this.target;
    await this.#admin.send(new AdminDeleteUserCommand({ UserPoolId, Username: name }));
  }

  async addGroup(GroupName: string): Promise<void> {
    await this.#admin.send(new CreateGroupCommand({ UserPoolId: this.target.userPoolId, GroupName }));
  }

  /** What is to change of a user, with ids that go on from those of the users before. */
  change(name: string, ...changes: readonly Change[]): UserToChange {
    const known = this.#subs.get(name) ?? { username: name, sub: `sub-of-${name}` };
    const pending: readonly PendingChange[] = changes.map((change) => ({ id: (this.#ids += 1), change }));
    return { ...known, hasFailed: false, changes: pending };
  }

  /** Makes changes, and leaves out what is settled already, as a ledger would. */
  async apply(users: readonly UserToChange[], over: Partial<ChangeWork> = {}): Promise<object> {
    const signal = new AbortController().signal;
    const pool = await readPool(this.#cognito, this.target.userPoolId, signal);
    const { notes } = this;
    async function* batches(): AsyncGenerator<readonly UserToChange[]> {
      for (let start = 0; start < users.length; start += 30) {
        await Promise.resolve();
        yield users
          .slice(start, start + 30)
          .map((user) => ({ ...user, changes: user.changes.filter(({ id }) => !notes.results.has(id)) }))
          .filter(({ changes }) => changes.length > 0);
      }
    }
    return applyChanges(batches(), {
      cognito: this.#cognito,
      pool,
      policies: { forceAliasCreation: false, missingGroups: "create" },
      failedShare: 1,
      journal: notes,
      signal,
      observe: (event) => this.events.push(event),
      ...over,
    });
  }

  /** A user as the emulator holds it. */
  user(name: string): User | undefined {
    return this.target.emulator.state.pools.get(this.target.userPoolId)?.users.byUsername(name);
  }

  attribute(name: string, attribute: string): string | undefined {
    const user = this.user(name);
    return user === undefined ? undefined : attributeOf(user, attribute);
  }

  groups(name: string): readonly string[] {
    return [...(this.user(name)?.extras?.groups ?? [])].map((group) => group.name);
  }

  /** How often an operation was asked for. */
  asked(operation: string): number {
    return this.target.emulator.control.stats().operations[operation]?.requests ?? 0;
  }
}

async function aStage(pool: PoolSettings = {}, options: EmulatorOptions = FAST): Promise<Stage> {
  const target = await aTarget(pool, options);
  const { url, region } = target.emulator;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const admin = new CognitoIdentityProviderClient({ endpoint: url, region, credentials });
  const connection = { region, profile: undefined, endpointUrl: url, logsEndpointUrl: undefined };
  const cognito = new Cognito(connection);
  onTestFinished(async () => {
    admin.destroy();
    await cognito[Symbol.asyncDispose]();
  });
  return new Stage(target, cognito, admin);
}

const set = (...attributes: readonly (readonly [string, string])[]): Change => ({
  kind: "set-attributes",
  attributes,
});
const name = (value: string): Change => set(["name", value]);
const DISABLE: Change = { kind: "disable" };
const ENABLE: Change = { kind: "enable" };
const DELETE: Change = { kind: "delete" };
const join = (group: string): Change => ({ kind: "add-to-group", group });
const leave = (group: string): Change => ({ kind: "remove-from-group", group });
const forget = (...names: readonly string[]): Change => ({ kind: "delete-attributes", names });

/** One of each kind, in an order that is not that in which they are done. */
const EVERY_KIND: readonly Change[] = [
  ENABLE,
  join("crew"),
  forget("nickname"),
  leave("band"),
  name("Ann"),
  DISABLE,
];

const IN_ORDER = [
  "AdminDisableUser",
  "AdminUpdateUserAttributes",
  "AdminDeleteUserAttributes",
  "AdminRemoveUserFromGroup",
  "AdminAddUserToGroup",
  "AdminEnableUser",
];

describe("every kind of change", () => {
  test("is noted before it is made, in its order, and settled once", async () => {
    const operations: string[] = [];
    const notedBefore: number[] = [];
    let stage: Stage | undefined;
    const hooks = {
      beforeEffect: ({ operation }: { readonly operation: string }): void => {
        if (!IN_ORDER.includes(operation)) return;
        operations.push(operation);
        notedBefore.push(stage?.notes.sent.size ?? 0);
      },
    };
    stage = await aStage({}, { ...FAST, hooks });
    await stage.add("ann", { nickname: "A", email: "ann@example.com" });
    await stage.apply([stage.change("ann", join("band"))]);
    operations.length = 0;
    notedBefore.length = 0;
    stage.notes.sent.clear();

    const counts = await stage.apply([stage.change("ann", ...EVERY_KIND)]);
    expect(counts).toEqual({ done: 6, failed: 0 });
    expect(operations).toEqual(IN_ORDER);
    expect(notedBefore).toEqual(Array(6).fill(6));
    expect(stage.user("ann")?.enabled).toBe(true);
    expect(stage.groups("ann")).toEqual(["crew"]);
    expect(stage.attribute("ann", "name")).toBe("Ann");
    expect(stage.attribute("ann", "nickname")).toBeUndefined();
    expect(stage.notes.told).toEqual(Array(7).fill("done"));
    expect(stage.events.at(-1)).toEqual({ kind: "changes-ended", done: 6, failed: 0 });
    expect(stage.target.emulator.control.outbox).toEqual([]);
  });

  test("can be made again without harm", async () => {
    const stage = await aStage();
    await stage.add("ann");
    await stage.add("bob");
    for (let time = 0; time < 2; time += 1)
      await stage.apply([stage.change("ann", ...EVERY_KIND), stage.change("bob", DELETE)]);
    expect(stage.notes.told).toEqual(Array(14).fill("done"));
    expect(stage.groups("ann")).toEqual(["crew"]);
    expect(stage.target.users()).toEqual([{ username: "ann" }]);
  });

  test("reaches users whose contact is their username, also when it has just changed", async () => {
    const stage = await aStage({ UsernameAttributes: ["email"] });
    await stage.add("ann@example.com");
    const email = set(["email", "new@example.com"], ["email_verified", "true"]);
    await stage.apply([stage.change("ann@example.com", email, join("crew"), ENABLE)]);
    expect(stage.notes.told).toEqual(["done", "done", "done"]);
    expect(stage.target.users("email")).toMatchObject([{ email: "new@example.com" }]);
  });
});

const FAULTS: readonly (readonly [string, Fault, "before-effect" | "after-effect"])[] = [
  ["a lost reply", { kind: "drop" }, "after-effect"],
  ["a throttle", { kind: "throttle" }, "before-effect"],
  [
    "a server error after the effect",
    { kind: "error", status: 500, type: "InternalErrorException", message: "wrong" },
    "after-effect",
  ],
];

test.each(FAULTS)("%s of each operation is got over", async (_, fault, moment) => {
  const stage = await aStage();
  await stage.add("ann", { nickname: "A" });
  await stage.add("bob");
  for (const operation of [...Object.values(CHANGE_OPERATIONS), "ListUsers", "ListGroups", "CreateGroup"])
    stage.target.emulator.control.planFault({ operation, moment, fault });
  await stage.apply([stage.change("ann", ...EVERY_KIND), stage.change("bob", DELETE)]);
  expect(stage.notes.told).toEqual(Array(7).fill("done"));
  expect(stage.target.users("name")).toEqual([{ username: "ann", name: "Ann" }]);
  expect(stage.asked("AdminDeleteUser")).toBe(2);
});

describe("what cannot be done", () => {
  const SCHEMA: PoolSettings = {
    Schema: [
      { Name: "plan", AttributeDataType: "String", Mutable: false },
      { Name: "name", Required: true, Mutable: true },
    ],
  };

  test.each<[string, Change, string, string]>([
    [
      "an attribute that may not change",
      set(["custom:plan", "pro"]),
      "attribute-immutable",
      "user.custom:plan: Attribute cannot be updated.",
    ],
    [
      "a required attribute that is taken away",
      forget("name"),
      "attribute-required",
      "user.name: The attribute is required",
    ],
    [
      "an attribute that the pool does not have",
      set(["custom:none", "1"]),
      "attribute-unknown",
      "user.custom:none: Attribute does not exist in the schema.",
    ],
    ["a value that is wrong", set(["phone_number", "0170"]), "refused", "Invalid phone number format."],
    ["a group that is not there and not to be made", join("none"), "group-absent", "Group not found."],
  ])(
    "fails with a reason and Cognito's words, and the next one is done: %s",
    async (_, change, reason, message) => {
      const stage = await aStage(SCHEMA);
      await stage.add("ann", { name: "Ann" });
      const policies = { forceAliasCreation: false, missingGroups: "leave-out" } as const;
      await stage.apply([stage.change("ann", change, set(["nickname", "A"]))], { policies });
      expect([...stage.notes.results.values()].sort((one, other) => one.id - other.id)).toEqual([
        { id: 1, state: "failed", reason, message },
        { id: 2, state: "done" },
      ]);
      expect(stage.attribute("ann", "nickname")).toBe("A");
    },
  );

  test("to leave a group that is not there is done", async () => {
    const stage = await aStage();
    await stage.add("ann");
    await stage.apply([stage.change("ann", leave("none"))]);
    expect(stage.notes.told).toEqual(["done"]);
  });

  test("for who is gone everything fails but the deletion, after one question", async () => {
    const stage = await aStage();
    await stage.add("ann");
    await stage.remove("ann");
    await stage.apply([stage.change("ann", ...EVERY_KIND, DELETE)]);
    expect(stage.notes.told).toEqual([...Array(6).fill("user-absent"), "done"]);
    expect(stage.asked("AdminUpdateUserAttributes")).toBe(0);
    expect(stage.asked("AdminDisableUser")).toBe(1);
  });

  test("who goes between the look and the deletion is deleted as wanted", async () => {
    const stage = await aStage();
    await stage.add("ann");
    const fault: Fault = {
      kind: "error",
      status: 400,
      type: "UserNotFoundException",
      message: "User does not exist.",
    };
    stage.target.emulator.control.planFault({ operation: "AdminDeleteUser", fault });
    await stage.apply([stage.change("ann", DELETE)]);
    expect(stage.notes.told).toEqual(["done"]);
  });

  test("who was created anew under the name of another is not deleted", async () => {
    const stage = await aStage();
    await stage.add("ann", { name: "first" });
    const wanted = stage.change("ann", DELETE);
    await stage.remove("ann");
    await stage.add("ann", { name: "second" });
    await stage.apply([wanted]);
    expect(stage.notes.told).toEqual(["done"]);
    expect(stage.target.users("name")).toEqual([{ username: "ann", name: "second" }]);
  });

  test("nobody is let in after another change has failed, in this session or an earlier one", async () => {
    const stage = await aStage(SCHEMA);
    for (const each of ["ann", "bob", "cy"]) await stage.add(each, { name: each });
    await stage.apply(["ann", "bob", "cy"].map((each) => stage.change(each, DISABLE)));
    await stage.apply([
      stage.change("ann", ENABLE, set(["custom:plan", "pro"])),
      { ...stage.change("bob", ENABLE), hasFailed: true },
      stage.change("cy", ENABLE, set(["nickname", "C"])),
    ]);
    expect(stage.notes.told.slice(3)).toEqual([
      "held-back",
      "attribute-immutable",
      "held-back",
      "done",
      "done",
    ]);
    const isIn = ["ann", "bob", "cy"].map((each) => stage.user(each)?.enabled);
    expect(isIn).toEqual([false, false, true]);
  });

  test("a pool that is gone is the run's trouble, and nothing is settled", async () => {
    const stage = await aStage();
    await stage.add("ann");
    const fault: Fault = {
      kind: "error",
      status: 400,
      type: "ResourceNotFoundException",
      message: `User pool ${stage.target.userPoolId} does not exist.`,
    };
    stage.target.emulator.control.planFault({ operation: "AdminRemoveUserFromGroup", fault });
    await expect(stage.apply([stage.change("ann", name("Ann"), leave("crew"))])).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    expect(stage.notes.told).toEqual(["done"]);
  });
});

describe("an alias of another user", () => {
  const ANN = { email: "Ann@example.com", email_verified: "true" };
  const takeEmail = (email: string): Change => set(["email", email], ["email_verified", "true"]);

  test.each<[string, Readonly<Record<string, string>>, Change]>([
    ["a verified address", {}, takeEmail("Ann@example.com")],
    [
      "an address that is verified by its flag alone",
      { email: "Ann@example.com" },
      set(["email_verified", "true"]),
    ],
    [
      "a verified number",
      {},
      set(["phone_number", "+4917"], ["phone_number_verified", "true"], ["email", "bob@example.com"]),
    ],
    ["a preferred username", {}, set(["preferred_username", "annie"])],
  ])("is not taken: %s", async (_, have, change) => {
    const stage = await aStage(ALIASES);
    const owned = {
      ...ANN,
      phone_number: "+4917",
      phone_number_verified: "true",
      preferred_username: "annie",
    };
    await stage.add("ann", owned);
    await stage.add("bob", have);
    await stage.apply([stage.change("bob", change, set(["name", "Bob"]))]);
    expect(stage.notes.told).toEqual(["alias-exists", "done"]);
    const [refused] = stage.notes.results.values();
    // No value of anybody's is in the words.
    expect(refused).toMatchObject({
      message: expect.stringMatching(
        /^another user of the pool signs in with the \w+, and keeps it$/,
      ) as string,
    });
    for (const [attribute, value] of Object.entries(owned))
      expect(stage.attribute("ann", attribute)).toBe(value);
    expect(stage.asked("AdminUpdateUserAttributes")).toBe(1);
  });

  test("is not taken by a verified address in lower case, where case does not count", async () => {
    const stage = await aStage(ALIASES);
    await stage.add("ann", { email: "ann@example.com", email_verified: "true" });
    await stage.add("bob");
    await stage.apply([stage.change("bob", takeEmail("ANN@example.com"))]);
    expect(stage.notes.told).toEqual(["alias-exists"]);
    expect(stage.attribute("ann", "email_verified")).toBe("true");
  });

  test("is not taken by two users of one session, of whom the first gets it", async () => {
    const stage = await aStage(ALIASES);
    const people = Array.from({ length: 6 }, (_, index) => `u${index}`);
    for (const each of people) await stage.add(each);
    await stage.apply(people.map((each) => stage.change(each, takeEmail("shared@example.com"))));
    expect(stage.notes.told.toSorted()).toEqual([...Array(5).fill("alias-exists"), "done"]);
    const verified = people.filter((each) => stage.attribute(each, "email_verified") === "true");
    expect(verified).toHaveLength(1);
  });

  test("is taken where the policy forces it", async () => {
    const stage = await aStage(ALIASES);
    await stage.add("ann", ANN);
    await stage.add("bob");
    const policies = { forceAliasCreation: true, missingGroups: "create" } as const;
    await stage.apply([stage.change("bob", takeEmail("Ann@example.com"))], { policies });
    expect(stage.notes.told).toEqual(["done"]);
    expect(stage.attribute("ann", "email_verified")).toBe("false");
    expect(stage.asked("ListUsers")).toBe(0);
  });

  test("is none where it is not verified, or one's own", async () => {
    const stage = await aStage(ALIASES);
    await stage.add("ann", ANN);
    await stage.add("bob", { email: "bob@example.com" });
    await stage.add("cy", { email: "bob@example.com" });
    await stage.apply([
      stage.change("ann", takeEmail("Ann@example.com")),
      stage.change("bob", set(["email_verified", "true"])),
    ]);
    expect(stage.notes.told).toEqual(["done", "done"]);
    expect(stage.attribute("ann", "email_verified")).toBe("true");
    expect(stage.attribute("bob", "email_verified")).toBe("true");
  });

  test("costs no look where nothing becomes an alias", async () => {
    const stage = await aStage({ AliasAttributes: ["email"] });
    await stage.add("ann");
    const change = set(
      ["email", "a@example.com"],
      ["email_verified", "false"],
      ["preferred_username", "annie"],
    );
    await stage.apply([stage.change("ann", change, name("Ann"))]);
    expect(stage.notes.told).toEqual(["done", "done"]);
    expect(stage.asked("ListUsers")).toBe(0);
  });

  test("is refused by Cognito where contacts are usernames, and so is a reason of its own", async () => {
    const stage = await aStage({ UsernameAttributes: ["email"] });
    await stage.add("ann@example.com");
    await stage.add("bob@example.com");
    await stage.apply([stage.change("bob@example.com", takeEmail("ann@example.com"))]);
    expect(stage.notes.told).toEqual(["alias-exists"]);
    expect([...stage.notes.results.values()]).toMatchObject([
      { message: "An account with the given email already exists." },
    ]);
  });
});

/** Users with a change each that is done or refused, by their number. */
async function aCrowd(
  stage: Stage,
  count: number,
  isGood: (number: number) => boolean,
): Promise<readonly UserToChange[]> {
  const users: UserToChange[] = [];
  for (let number = 1; number <= count; number += 1) {
    await stage.add(`u${number}`);
    users.push(stage.change(`u${number}`, isGood(number) ? name(`U${number}`) : set(["custom:none", "1"])));
  }
  return users;
}

describe("the breaker", () => {
  test("stops when too many fail, names the cause, and leaves the rest to do", async () => {
    const stage = await aStage();
    const users = await aCrowd(stage, 300, (number) => number % 2 === 0);
    const refused = stage.apply(users, { failedShare: 0.05 });
    await expect(refused).rejects.toMatchObject({
      code: "TOO_MANY_FAILED",
      message: expect.stringMatching(
        /^Sync: \d+ of \d+ changes failed, which is more than 5 %: \d+ times "user.custom:none: /,
      ) as string,
    });
    const { results } = stage.notes;
    expect(results.size).toBeLessThan(200);
    // What was in flight is settled, and nothing else was done.
    expect(results.size).toBe(stage.asked("AdminUpdateUserAttributes"));
  });

  test("lets few failures be, and as many as the share allows", async () => {
    const stage = await aStage();
    const few = await aCrowd(stage, 60, (number) => number > 9);
    await stage.apply(few, { failedShare: 0.05 });
    expect(stage.notes.results.size).toBe(60);
    const other = await aStage();
    const many = await aCrowd(other, 60, (number) => number % 2 === 0);
    await other.apply(many, { failedShare: 0.6 });
    expect(other.notes.results.size).toBe(60);
  });
});

describe("an end before the end", () => {
  test("an interruption settles what was in flight, and a later session does the rest once", async () => {
    const controller = new AbortController();
    const hooks = {
      beforeEffect: ({
        operation,
        number,
      }: {
        readonly operation: string;
        readonly number: number;
      }): void => {
        if (operation === "AdminUpdateUserAttributes" && number === 40) controller.abort();
      },
    };
    const stage = await aStage({}, { ...FAST, hooks });
    const names = Array.from({ length: 150 }, (_, index) => `u${index}`);
    for (const each of names) await stage.add(each);
    const users = names.map((each) => stage.change(each, name(each), join("crew")));
    await expect(stage.apply(users, { signal: controller.signal })).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
    const settled = stage.notes.results.size;
    expect(settled).toBeGreaterThanOrEqual(40);
    expect(settled).toBeLessThan(300);
    const made = stage.asked("AdminUpdateUserAttributes") + stage.asked("AdminAddUserToGroup");
    expect(settled).toBe(made);
    expect(stage.events.some(({ kind }) => kind === "changes-ended")).toBe(false);

    await stage.apply(users);
    expect(stage.notes.told).toEqual(Array(300).fill("done"));
    expect(stage.asked("AdminUpdateUserAttributes") + stage.asked("AdminAddUserToGroup")).toBe(300);
    for (const each of names)
      expect([stage.attribute(each, "name"), stage.groups(each)]).toEqual([each, ["crew"]]);
  });

  test("what the journal could not take is thrown, and is done again", async () => {
    const stage = await aStage();
    const users = await aCrowd(stage, 50, () => true);
    const { notes } = stage;
    const journal: ChangeJournal = {
      noteSent: (ids) => notes.noteSent(ids),
      settle: (results) =>
        notes.results.size > 0 ? Promise.reject(new Error("disk")) : notes.settle(results),
    };
    await expect(stage.apply(users, { journal })).rejects.toThrow("disk");
    expect(notes.results.size).toBe(20);
    await stage.apply(users);
    expect(notes.told).toEqual(Array(50).fill("done"));
  });

  test("nothing is made that could not be noted", async () => {
    const stage = await aStage();
    const users = await aCrowd(stage, 3, () => true);
    const journal: ChangeJournal = {
      noteSent: () => Promise.reject(new Error("disk")),
      settle: (results) => stage.notes.settle(results),
    };
    await expect(stage.apply(users, { journal })).rejects.toThrow("disk");
    expect(stage.asked("AdminUpdateUserAttributes")).toBe(0);
  });
});

describe("the rates", () => {
  function throttled({ target }: Stage): number {
    const { operations } = target.emulator.control.stats();
    return Object.values(operations).reduce(
      (sum, { refused }) => sum + (refused["TooManyRequestsException"] ?? 0),
      0,
    );
  }

  test("of the account are held, and some results are settled together", async () => {
    const stage = await aStage({}, { quotas: { categories: { UserCreation: 2_000 } } });
    const users = await aCrowd(stage, 70, () => true);
    await stage.apply(users);
    expect(stage.notes.told).toEqual(Array(70).fill("done"));
    expect(throttled(stage)).toBe(0);
    expect(stage.notes.batches).toEqual([20, 20, 20, 10]);
  });

  test("of one user are held", async () => {
    const stage = await aStage();
    await stage.add("ann");
    const changes = Array.from({ length: 22 }, (_, index) => name(`Ann ${index}`));
    await stage.apply([stage.change("ann", ...changes)]);
    expect(stage.attribute("ann", "name")).toBe("Ann 21");
    expect(throttled(stage)).toBe(0);
  });
});

test("a code is sent by a change that says nothing of a new address, and the emulator would show it", async () => {
  const stage = await aStage();
  await stage.add("ann", { email: "ann@example.com", email_verified: "true" });
  await stage.apply([stage.change("ann", set(["email", "new@example.com"]))]);
  expect(stage.target.emulator.control.outbox).toMatchObject([
    { kind: "verify-attribute", destination: "new@example.com" },
  ]);
});

test("a pool says what it keeps until the user has verified the new one", async () => {
  const stage = await aStage({
    AutoVerifiedAttributes: ["email", "phone_number"],
    UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ["email"] },
  });
  const { url, region } = stage.target.emulator;
  const connection = { region, profile: undefined, endpointUrl: url, logsEndpointUrl: undefined };
  await using cognito = new Cognito(connection);
  const pool = await readPool(cognito, stage.target.userPoolId, new AbortController().signal);
  expect(pool.verifiedBeforeUpdate).toEqual(["email"]);
});
