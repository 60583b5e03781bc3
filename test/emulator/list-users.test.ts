import { ListUsersCommand, type ListUsersCommandInput } from "@aws-sdk/client-cognito-identity-provider";
import { describe, expect, test } from "vitest";

import type { User } from "../../emulator/index.ts";
import { aPool, type TestPool } from "./support/pool.ts";

/** The pool's users, in process. */
function usersIn({ emulator, poolId }: TestPool) {
  const pool = emulator.state.pools.get(poolId);
  if (pool === undefined) throw new Error("the pool is gone");
  return pool.users;
}

/** Adds a user without the API, to be listed. */
function addUser(pool: TestPool, username: string, attributes: readonly string[] = []): User {
  const sub = `00000000-0000-4000-8000-${String(usersIn(pool).end).padStart(12, "0")}`;
  return usersIn(pool).add({
    username,
    sub,
    status: "CONFIRMED",
    attributes,
    aliases: [],
    nowMs: pool.emulator.control.clock.now(),
  });
}

async function list({ cognito, poolId }: TestPool, request: Partial<ListUsersCommandInput> = {}) {
  const { Users = [], PaginationToken } = await cognito.send(
    new ListUsersCommand({ UserPoolId: poolId, ...request }),
  );
  return { names: Users.map(({ Username }) => Username ?? ""), token: PaginationToken, users: Users };
}

/** Every page's names, with something done after the first. */
async function listAll(pool: TestPool, request: Partial<ListUsersCommandInput>, afterFirst = () => {}) {
  const names: string[] = [];
  let token: string | undefined;
  do {
    const page = await list(pool, { ...request, ...(token === undefined ? {} : { PaginationToken: token }) });
    if (token === undefined) afterFirst();
    names.push(...page.names);
    token = page.token;
  } while (token !== undefined);
  return names;
}

describe("paging", () => {
  const names = Array.from({ length: 150 }, (_, place) => `user${place}`);

  test("list-page, list-zero, list-order: holds 60 users unless a limit is given, and goes on until there is no token", async () => {
    await using pool = await aPool();
    for (const name of names) addUser(pool, name);
    expect((await list(pool)).names).toEqual(names.slice(0, 60));
    expect((await list(pool, { Limit: 60 })).names).toHaveLength(60);
    expect((await list(pool, { Limit: 0 })).names).toHaveLength(60);
    expect((await list(pool, { Limit: 7 })).names).toEqual(names.slice(0, 7));
    expect(await listAll(pool, {})).toEqual(names);
    expect(await listAll(pool, { Limit: 50 })).toEqual(names);
  });

  test("list-page: has no token when the last user is on the page", async () => {
    await using pool = await aPool();
    for (const name of names.slice(0, 60)) addUser(pool, name);
    expect((await list(pool)).token).toBeUndefined();
  });

  test("list-order: neither repeats nor misses users when others come and go in between", async () => {
    await using pool = await aPool();
    const users = names.map((name) => addUser(pool, name));
    const seen = await listAll(pool, { Limit: 10 }, () => {
      for (const place of [0, 9, 10, 11, 70]) usersIn(pool).remove(users[place] ?? addUser(pool, "never"));
      addUser(pool, "late");
    });
    expect(seen).toEqual([...names.filter((_, place) => ![10, 11, 70].includes(place)), "late"]);
    expect(usersIn(pool).size).toBe(146);
  });

  test("list-lag: knows a new user only after a while where the settings say so, with a filter and without", async () => {
    await using pool = await aPool({}, { rules: { listLagMs: 5000 } });
    const { clock } = pool.emulator.control;
    clock.stopAt(1_000_000);
    addUser(pool, "ann");
    clock.advance(4999);
    addUser(pool, "bob");
    expect((await list(pool)).names).toEqual([]);
    clock.advance(1);
    expect((await list(pool)).names).toEqual(["ann"]);
    expect((await list(pool, { Filter: 'username = "bob"' })).names).toEqual([]);
    clock.advance(5000);
    expect((await list(pool, { Filter: 'username = "bob"' })).names).toEqual(["bob"]);
    expect((await list(pool)).names).toEqual(["ann", "bob"]);
  });

  test("list-page: may answer with fewer users than asked for, or none, and a token", async () => {
    await using pool = await aPool({}, { rules: { usersSearchedInPage: 100 } });
    for (const name of names) addUser(pool, name, ["name", name]);
    const first = await list(pool, { Filter: 'name ^= "user14"' });
    expect(first).toMatchObject({ names: ["user14"], token: expect.any(String) });
    expect(await listAll(pool, { Filter: 'name = "user149"' })).toEqual(["user149"]);
  });

  test.each(["nonsense", Buffer.from("5 x").toString("base64url")])("refuses the token %s", async (token) => {
    await using pool = await aPool();
    const refused = list(pool, { PaginationToken: token });
    await expect(refused).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "Paging Marker is Invalid",
    });
  });

  test("list-filter: refuses a token that was given for another filter", async () => {
    await using pool = await aPool();
    for (const name of names) addUser(pool, name);
    const { token } = await list(pool);
    const refused = list(pool, { PaginationToken: token, Filter: 'status = "Enabled"' });
    await expect(refused).rejects.toMatchObject({ message: "Paging Marker is Invalid" });
  });

  test("list-filter: pages through users that an index finds", async () => {
    await using pool = await aPool();
    for (const name of names.slice(0, 5)) addUser(pool, name, ["email", "shared@example.com"]);
    addUser(pool, "other", ["email", "other@example.com"]);
    expect(await listAll(pool, { Filter: 'email = "shared@example.com"', Limit: 2 })).toEqual(
      names.slice(0, 5),
    );
  });
});

describe("filters", () => {
  async function people(): Promise<TestPool> {
    const pool = await aPool();
    const attributes = [
      "name",
      'Ann "A" Doe',
      "given_name",
      "Ann",
      "family_name",
      "Doe",
      "phone_number",
      "+4917",
    ];
    addUser(pool, "ann", [...attributes, "email", "ann@example.com", "preferred_username", "annie"]);
    addUser(pool, "Bob", ["email", "bob@example.com", "name", "Bob"]).enabled = false;
    addUser(pool, "cleo").status = "RESET_REQUIRED";
    return pool;
  }

  test.each([
    ['username = "ann"', ["ann"]],
    ['username = "ANN"', []],
    ['username ^= "B"', ["Bob"]],
    ['sub = "00000000-0000-4000-8000-000000000001"', ["Bob"]],
    ['sub ^= "00000000-0000-4000"', ["ann", "Bob", "cleo"]],
    ['email = "ann@example.com"', ["ann"]],
    ['email^="bob@"', ["Bob"]],
    ['email = "nobody@example.com"', []],
    ['phone_number = "+4917"', ["ann"]],
    ['phone_number ^= "+49"', ["ann"]],
    ['name = "Ann \\"A\\" Doe"', ["ann"]],
    ['given_name = "Ann"', ["ann"]],
    ['family_name ^= "D"', ["ann"]],
    ['preferred_username = "annie"', ["ann"]],
    ['status = "Enabled"', ["ann", "cleo"]],
    ['status = "Disabled"', ["Bob"]],
    ['cognito:user_status = "reset_required"', ["cleo"]],
    ['cognito:user_status = "CONFIRMED"', ["ann", "Bob"]],
    ["", ["ann", "Bob", "cleo"]],
  ])("list-filter: %s finds %j", async (filter, names) => {
    await using pool = await people();
    expect((await list(pool, { Filter: filter })).names).toEqual(names);
  });

  test.each([
    ["name", "Error while parsing filter."],
    ["name = Ann", "Error while parsing filter."],
    ['name ~ "Ann"', "Error while parsing filter."],
    ['name = "Ann" and status = "Enabled"', "Error while parsing filter."],
    ['custom:x = "1"', "The attribute custom:x cannot be searched for."],
    ['address = "1"', "The attribute address cannot be searched for."],
  ])("list-filter: refuses %s", async (filter, message) => {
    await using pool = await people();
    const refused = list(pool, { Filter: filter });
    await expect(refused).rejects.toMatchObject({ name: "InvalidParameterException", message });
  });

  test("list-filter: finds no removed user by an index", async () => {
    await using pool = await people();
    const users = usersIn(pool);
    const twin = addUser(pool, "twin", ["email", "ann@example.com"]);
    for (const user of [twin, users.byUsername("Bob")]) if (user !== undefined) users.remove(user);
    expect((await list(pool, { Filter: 'email = "ann@example.com"' })).names).toEqual(["ann"]);
    expect((await list(pool, { Filter: 'email = "bob@example.com"' })).names).toEqual([]);
    expect((await list(pool, { Filter: 'username = "Bob"' })).names).toEqual([]);
    expect(users.bySub(twin.sub)).toBeUndefined();
    expect(users.bySub("ann")).toBeUndefined();
    expect([...users].map(({ username }) => username)).toEqual(["ann", "cleo"]);
  });
});

describe("AttributesToGet", () => {
  test("list-pick: picks attributes in the order asked for", async () => {
    await using pool = await aPool();
    addUser(pool, "ann", ["name", "Ann", "email", "ann@example.com"]);
    const { users } = await list(pool, { AttributesToGet: ["email", "sub"] });
    expect(users[0]?.Attributes?.map(({ Name }) => Name)).toEqual(["email", "sub"]);
  });

  test("list-pick: shows no attributes when none are asked for", async () => {
    await using pool = await aPool();
    addUser(pool, "ann", ["name", "Ann"]);
    expect((await list(pool, { AttributesToGet: [] })).users[0]?.Attributes).toEqual([]);
  });

  test("list-pick: refuses an attribute that a listed user has not, unless the settings say otherwise", async () => {
    await using strict = await aPool();
    await using lax = await aPool({}, { rules: { attributesToGetMustBeSet: false } });
    addUser(strict, "ann");
    addUser(lax, "ann");
    const refused = list(strict, { AttributesToGet: ["email"] });
    await expect(refused).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "One or more requested attributes do not exist.",
    });
    expect((await list(lax, { AttributesToGet: ["email"] })).users[0]?.Attributes).toEqual([]);
  });
});
