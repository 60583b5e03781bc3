import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLAIM_KINDS, DUPLICATES_POLICIES, type DuplicatesPolicy } from "../../src/core/clash.ts";
import type { FollowUpKind } from "../../src/core/follow-up.ts";
import type { Issue } from "../../src/core/issue.ts";
import type { HashAlgorithm } from "../../src/core/password-hash.ts";
import type { Claims, PlannedUser } from "../../src/core/planned-user.ts";
import type { Pool } from "../../src/core/pool.ts";
import type { SingleRoute } from "../../src/core/route.ts";
import type { FollowUpTurn, Ledger, Part, RunFacts, Sample } from "../../src/ledger/ledger.ts";
import { forecastOf } from "../../src/forecast/forecast.ts";
import { aPool, SOME_SOURCE, someFacts } from "../support/builders.ts";
import { someKnown } from "../support/known.ts";
import { listOf } from "../support/list-of.ts";
import { NAUGHTY_STRINGS } from "../support/naughty-strings.ts";

/** Claims that are one's own alone but for those that are given. */
export function someClaims(over: Partial<Claims> & Pick<Claims, "username">): Claims {
  return { email: undefined, phone: undefined, preferredUsername: undefined, ...over };
}

/** A user on the way to the pool, or not sent when `notSent` says so. */
export function aPlannedUser(seq: number, over: Partial<PlannedUser> = {}): PlannedUser {
  return {
    seq,
    line: seq + 1,
    sourceId: `id-${seq}`,
    username: `u${seq}`,
    attributes: [["email", `u${seq}@example.com`]],
    smsMfa: false,
    passwordHash: undefined,
    password: undefined,
    route: "import-job",
    followUps: [],
    notSent: undefined,
    issues: [],
    claims: someClaims({ username: `u${seq}` }),
    changedAt: undefined,
    sourceRow: `["u${seq}"]`,
    ...over,
  };
}

const SOCIAL_ONLY: Issue = { code: "user-social-only", attribute: undefined, message: "social" };

/** Makes a part of the first users to spool. */
async function addPart(ledger: Ledger, algorithm: HashAlgorithm | undefined, rows: number): Promise<Part> {
  const part = await ledger.beginPart(algorithm);
  const seqs = (await listOf(ledger.usersToSpool(algorithm))).slice(0, rows).map(({ seq }) => seq);
  await ledger.addToPart(part, seqs.slice(0, 1));
  await ledger.addToPart(part, seqs.slice(1));
  return ledger.finishPart(part, { rows, bytes: 20, sha256: "aa" });
}

/** A sample of a session that was alone, and sent nothing. */
const aSample = (over: Partial<Sample> & Pick<Sample, "at" | "settled" | "intervalMs">): Sample => ({
  session: "one",
  underWay: { inJobs: 0, sent: 0 },
  rates: [],
  ...over,
});

const REJECTED: PlannedUser["notSent"] = {
  kind: "rejected",
  causes: [{ code: "username-invalid", attribute: "username", message: "unfit" }],
};

/** How a ledger of one kind is made, and opened again as another process would. */
export interface LedgerKind {
  create(facts: RunFacts): Promise<Ledger>;
  reopen(): Promise<Ledger>;
}

const few = (prefix: string, count: number): fc.Arbitrary<string> =>
  fc.integer({ min: 1, max: count }).map((number) => `${prefix}${number}`);

/** A user that has little choice of what to claim, so that a few of them clash in every way. */
const CLAIMING_USER: fc.Arbitrary<Partial<PlannedUser>> = fc.record({
  claims: fc.record({
    username: few("u", 9),
    email: fc.option(few("e", 5), { nil: undefined }),
    phone: fc.option(few("p", 4), { nil: undefined }),
    preferredUsername: fc.option(few("n", 4), { nil: undefined, freq: 1 }),
  }),
  changedAt: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined, freq: 4 }),
  notSent: fc.constantFrom(undefined, undefined, undefined, { kind: "rejected", causes: [] } as const),
});

const bySeq = (one: number | number[], other: number | number[]): number =>
  Number([one].flat()[0]) - Number([other].flat()[0]);

interface FoundClash {
  readonly seq: number;
  readonly group: number;
  readonly verdict: "kept" | "beaten" | "undecided" | "all rejected" | "not sent";
}

/** The verdicts on users that clash, found by comparing each with each until nothing changes any more. */
function searchClashes(users: readonly PlannedUser[], policy: DuplicatesPolicy): readonly FoundClash[] {
  const clash = (one: PlannedUser, other: PlannedUser): boolean =>
    one !== other &&
    CLAIM_KINDS.some((kind) => one.claims?.[kind] !== undefined && one.claims[kind] === other.claims?.[kind]);
  const clashing = users.filter((user) => users.some((other) => clash(user, other)));
  const groups = new Map<number, number>();
  const spread = (user: PlannedUser, group: number): void => {
    if (groups.has(user.seq)) return;
    groups.set(user.seq, group);
    for (const other of users) if (clash(user, other)) spread(other, group);
  };
  let count = 0;
  for (const user of clashing) if (!groups.has(user.seq)) spread(user, (count += 1));

  const contenders = clashing.filter(({ notSent }) => notSent === undefined && policy !== "reject-all");
  const isBefore = (one: PlannedUser, other: PlannedUser): boolean =>
    policy === "first"
      ? one.seq < other.seq
      : one.changedAt !== undefined && other.changedAt !== undefined && one.changedAt > other.changedAt;
  const verdicts = new Map<PlannedUser, "kept" | "beaten">();
  for (let before = -1; before < verdicts.size;) {
    before = verdicts.size;
    for (const user of contenders) {
      const rivals = contenders.filter((other) => clash(user, other));
      if (rivals.some((rival) => verdicts.get(rival) === "kept" && isBefore(rival, user)))
        verdicts.set(user, "beaten");
      else if (rivals.every((rival) => verdicts.get(rival) === "beaten" || isBefore(user, rival)))
        verdicts.set(user, "kept");
    }
  }
  return clashing.map((user) => ({
    seq: user.seq,
    group: groups.get(user.seq) ?? 0,
    verdict:
      user.notSent !== undefined
        ? "not sent"
        : policy === "reject-all"
          ? "all rejected"
          : (verdicts.get(user) ?? "undecided"),
  }));
}

/** Takes users to send them, the first two behind a row. */
const takeTwo = (ledger: Ledger, behind: number, sentAt: number) =>
  ledger.takeToCreate("admin-create", { behind, most: 2, sentAt });

/** The usernames of all who can be taken. */
async function namesTaken(ledger: Ledger, route: SingleRoute = "admin-create"): Promise<string[]> {
  const users = await ledger.takeToCreate(route, { behind: 0, most: 100, sentAt: 9_000 });
  return users.map(({ username }) => username);
}

/** What every ledger promises. */
export function describeLedger(name: string, aKind: () => LedgerKind): void {
  describe(name, () => {
    async function planned(
      users: readonly PlannedUser[],
      policy: DuplicatesPolicy = "reject-all",
      pool: Pool = aPool(),
    ): Promise<{ ledger: Ledger; kind: LedgerKind }> {
      const kind = aKind();
      const ledger = await kind.create({ ...someFacts(), pool });
      await ledger.addUsers(users);
      await ledger.rejectClashes(policy);
      await ledger.finishPlan(SOME_SOURCE);
      return { ledger, kind };
    }

    const usernamesOf = async (
      users: AsyncIterable<{ username: string | undefined }>,
    ): Promise<readonly (string | undefined)[]> => (await listOf(users)).map(({ username }) => username);

    test("counts what a forecast is made from, without those who are rejected", async () => {
      const hash = { algorithm: "BCRYPT", value: "$2b$10$x" } as const;
      const joins = (group: string) => ({ followUps: [{ kind: "add-to-group", group } as const] });
      const claims = (username: string) => someClaims({ username });
      const lacking = (code: "nothing-verified" | "no-contact"): Issue => {
        return { code, attribute: undefined, message: "none" };
      };
      const { ledger } = await planned(
        [
          aPlannedUser(1, {
            passwordHash: hash,
            ...joins("crew"),
            issues: [lacking("nothing-verified"), lacking("nothing-verified")],
          }),
          aPlannedUser(2, {
            claims: claims("twin"),
            ...joins("lost"),
            issues: [lacking("nothing-verified")],
          }),
          aPlannedUser(3, { claims: claims("twin"), ...joins("crew") }),
          aPlannedUser(4, {
            route: "admin-create",
            attributes: [
              ["phone_number", "+4930123456"],
              ["phone_number_verified", "true"],
            ],
            ...joins("crew"),
            claims: claims("U1"),
          }),
          aPlannedUser(5, { ...joins("guests"), issues: [lacking("no-contact")] }),
        ],
        "reject-all",
        aPool({ caseSensitive: true }),
      );
      expect(await ledger.planFigures()).toEqual({
        jobUsers: [
          { algorithm: undefined, users: 1 },
          { algorithm: "BCRYPT", users: 1 },
        ],
        groups: 2,
        duplicates: { users: 2, groups: 1 },
        duplicateExamples: [
          { code: "duplicate-username", seq: 2, line: 3, username: "u2" },
          { code: "duplicate-username", seq: 3, line: 4, username: "u3" },
        ],
        casingTwins: 2,
        nothingVerified: 2,
        // The first and the last have an address that is not verified, and usernames that are none; the pool has no alias.
        signIn: { withoutPhone: 2, phoneOnly: 1, withoutAlias: 0, otherName: 2 },
      });
    });

    test("keeps the forecast until the run is purged", async () => {
      const { ledger, kind } = await planned([aPlannedUser(1)]);
      expect(await ledger.forecast()).toBeUndefined();
      const forecast = forecastOf(someKnown({ counts: { routes: { "import-job": 1 } } }));
      await ledger.noteForecast(forecast);
      await using reopened = await kind.reopen();
      expect(await reopened.forecast()).toEqual(JSON.parse(JSON.stringify(forecast)));
      await ledger.eraseUsers("2026-01-01T00:00:00.000Z");
      expect(await ledger.forecast()).toBeUndefined();
    });

    test("a new run is in planning, and a finished plan is planned with its facts", async () => {
      const kind = aKind();
      const ledger = await kind.create(someFacts());
      expect(await ledger.state()).toBe("planning");
      expect(await ledger.source()).toBeUndefined();
      await ledger.finishPlan(SOME_SOURCE);
      expect(await ledger.state()).toBe("planned");
      expect(await ledger.source()).toEqual(SOME_SOURCE);
      expect(JSON.parse(JSON.stringify(ledger.facts))).toEqual(JSON.parse(JSON.stringify(someFacts())));
    });

    test("what is counted while a plan is made is what another process counts in it", async () => {
      const kind = aKind();
      const ledger = await kind.create(someFacts());
      const passwordHash = { algorithm: "BCRYPT", value: "$2b$10$hash" } as const;
      const twins = { claims: someClaims({ username: "twin" }) };
      await ledger.addUsers([
        aPlannedUser(1, twins),
        aPlannedUser(2, { ...twins, passwordHash, followUps: [{ kind: "confirm" }] }),
        aPlannedUser(3, { ...twins, route: "admin-create", password: "secret" }),
        aPlannedUser(4, { passwordHash, followUps: [{ kind: "set-mfa" }] }),
      ]);
      await ledger.addUsers([
        aPlannedUser(5, { route: "admin-create", password: "secret" }),
        aPlannedUser(6, { route: "admin-create", followUps: [{ kind: "set-attributes", attributes: [] }] }),
        aPlannedUser(7, { route: "none", notSent: REJECTED, claims: undefined }),
        aPlannedUser(8, {
          followUps: [{ kind: "set-attributes", attributes: [["email", "a@example.com"]] }],
        }),
      ]);
      await ledger.rejectClashes("first");
      expect((await ledger.planFigures()).jobUsers).toEqual([
        { algorithm: undefined, users: 2 },
        { algorithm: "BCRYPT", users: 1 },
      ]);
      await ledger.finishPlan(SOME_SOURCE);
      const [counts, active] = [await ledger.counts(), await ledger.activeUsers()];
      expect(counts.outcomes.rejected).toBe(3);
      await using again = await kind.reopen();
      expect(counts).toEqual(await again.counts());
      expect(active).toEqual(await again.activeUsers());
      await ledger.settle([{ seq: 5, kind: "imported", reason: undefined, message: undefined, sub: "s" }]);
      expect((await ledger.counts()).outcomes.imported).toBe(1);
    });

    test("what was written is there when the ledger is opened again", async () => {
      const { ledger, kind } = await planned([aPlannedUser(1), aPlannedUser(2)]);
      const part = await addPart(ledger, undefined, 2);
      const job = await ledger.addJob(part.id, "job-1");
      await ledger.changeJob(job.id, { state: "created", jobId: "import-1" });
      await ledger.settleLines(part.id, [
        { line: 2, kind: "imported", reason: undefined, message: undefined },
      ]);
      await ledger.setState("applying");
      await ledger[Symbol.asyncDispose]();

      await using again = await kind.reopen();
      expect(await again.state()).toBe("applying");
      expect(await again.parts()).toEqual([part]);
      expect(await again.jobsOf(part.id)).toMatchObject([
        { name: "job-1", state: "created", jobId: "import-1", status: undefined },
      ]);
      expect(await usernamesOf(again.unsettledOfPart(part.id))).toEqual(["u1"]);
      expect(await again.counts()).toEqual({
        rows: 2,
        routes: { "import-job": 2, "admin-create": 0, "sign-up": 0, none: 0 },
        outcomes: { imported: 1, updated: 0, skipped: 0, failed: 0, rejected: 0 },
        unsettled: 1,
        withHash: 0,
        withPassword: 0,
        withTemporary: 0,
        created: 2,
        flows: expect.arrayContaining([
          { route: "import-job", outcome: "imported", count: 1 },
          { route: "import-job", outcome: undefined, count: 1 },
        ]),
      });
    });

    test("users who are not sent have their outcome from the plan, with every cause", async () => {
      const { ledger } = await planned([
        aPlannedUser(1, {
          route: "none",
          notSent: {
            kind: "rejected",
            causes: [
              { code: "username-invalid", attribute: "username", message: "first" },
              { code: "nothing-verified", attribute: undefined, message: "second" },
            ],
          },
          claims: undefined,
          issues: [
            { code: "phone-not-e164", attribute: "phone_number", message: "a warning" },
            { code: "username-invalid", attribute: "username", message: "first" },
            { code: "nothing-verified", attribute: undefined, message: "second" },
          ],
        }),
        aPlannedUser(2, {
          route: "none",
          notSent: { kind: "skipped", causes: [SOCIAL_ONLY] },
          claims: undefined,
          issues: [SOCIAL_ONLY],
        }),
      ]);
      expect(await listOf(ledger.usersWithOutcome("rejected"))).toMatchObject([
        {
          seq: 1,
          line: 2,
          sourceId: "id-1",
          reason: "username-invalid",
          message: "first; second",
          sourceRow: '["u1"]',
        },
      ]);
      expect(await listOf(ledger.usersWithOutcome("skipped"))).toMatchObject([
        { seq: 2, reason: "user-social-only", message: "social" },
      ]);
      expect(await ledger.issueCounts()).toContainEqual({
        code: "phone-not-e164",
        severity: "warning",
        count: 1,
      });
      expect(await ledger.reasonCounts()).toEqual([
        { kind: "skipped", reason: "user-social-only", example: "social", count: 1 },
        { kind: "rejected", reason: "username-invalid", example: "first; second", count: 1 },
      ]);
    });

    const verdictsOf = async (ledger: Ledger): Promise<readonly string[]> =>
      (await listOf(ledger.clashes())).map(({ seq, isKept }) => `${seq} ${isKept ? "kept" : "rejected"}`);

    const messagesOf = async (ledger: Ledger): Promise<readonly unknown[]> =>
      (await listOf(ledger.usersWithOutcome("rejected"))).map(({ seq, reason, message }) => [
        seq,
        reason,
        message,
      ]);

    const MISSING: Issue = {
      code: "attribute-required",
      attribute: "email",
      message: "email is missing",
    };

    const MENDABLE: Partial<PlannedUser> = {
      route: "none",
      notSent: { kind: "rejected", causes: [MISSING] },
      issues: [MISSING],
    };

    test("everyone who claims what another one claims is rejected, and each names the others", async () => {
      const { ledger } = await planned([
        aPlannedUser(1, { claims: someClaims({ username: "ann", email: "a@example.com" }) }),
        aPlannedUser(2, { claims: someClaims({ username: "ann" }) }),
        aPlannedUser(3, { claims: someClaims({ username: "bob", email: "a@example.com" }) }),
        aPlannedUser(4, { claims: someClaims({ username: "cy", phone: "+1" }) }),
        aPlannedUser(5, { claims: someClaims({ username: "dee", phone: "+1", preferredUsername: "d" }) }),
        aPlannedUser(6, { claims: someClaims({ username: "eve", email: "e@example.com", phone: "+2" }) }),
        aPlannedUser(7, { claims: someClaims({ username: "fay", preferredUsername: "d" }) }),
      ]);
      expect(await messagesOf(ledger)).toEqual([
        [
          1,
          "duplicate-username",
          "the username is also that of row 2; the e-mail address is also that of row 3",
        ],
        [2, "duplicate-username", "the username is also that of row 1"],
        [3, "duplicate-email", "the e-mail address is also that of row 1"],
        [4, "duplicate-phone", "the phone number is also that of row 5"],
        [
          5,
          "duplicate-phone",
          "the phone number is also that of row 4; the preferred username is also that of row 7",
        ],
        [7, "duplicate-preferred-username", "the preferred username is also that of row 5"],
      ]);
      expect(await ledger.issueCounts()).toEqual([
        { code: "duplicate-email", severity: "error", count: 2 },
        { code: "duplicate-phone", severity: "error", count: 2 },
        { code: "duplicate-preferred-username", severity: "error", count: 2 },
        { code: "duplicate-username", severity: "error", count: 2 },
      ]);
      expect(await ledger.counts()).toMatchObject({
        routes: { "import-job": 1, "admin-create": 0, "sign-up": 0, none: 6 },
        unsettled: 1,
      });
      expect(await usernamesOf(ledger.usersToSpool(undefined))).toEqual(["u6"]);
    });

    test("users who hang together through others are one group, and groups are told apart", async () => {
      const { ledger, kind } = await planned([
        aPlannedUser(1, { claims: someClaims({ username: "x" }) }),
        aPlannedUser(2, { claims: someClaims({ username: "y", email: "y@example.com" }) }),
        aPlannedUser(3, { claims: someClaims({ username: "alone" }) }),
        aPlannedUser(4, { claims: someClaims({ username: "x" }) }),
        aPlannedUser(5, { claims: someClaims({ username: "z", email: "y@example.com", phone: "+1" }) }),
        aPlannedUser(6, { claims: someClaims({ username: "v", phone: "+1" }) }),
      ]);
      const groups = [
        { group: 1, seq: 1, shared: [{ claim: "username", others: [4], count: 1 }] },
        { group: 1, seq: 4, shared: [{ claim: "username", others: [1], count: 1 }] },
        { group: 2, seq: 2, shared: [{ claim: "email", others: [5], count: 1 }] },
        {
          group: 2,
          seq: 5,
          shared: [
            { claim: "email", others: [2], count: 1 },
            { claim: "phone", others: [6], count: 1 },
          ],
        },
        { group: 2, seq: 6, shared: [{ claim: "phone", others: [5], count: 1 }] },
      ];
      expect(await listOf(ledger.clashes())).toMatchObject(groups);
      await ledger[Symbol.asyncDispose]();
      await using again = await kind.reopen();
      expect(await listOf(again.clashes())).toMatchObject(groups);
    });

    test("a clash of very many names the first few", async () => {
      const { ledger } = await planned(
        Array.from({ length: 9 }, (_, index) =>
          aPlannedUser(index + 1, { claims: someClaims({ username: "x" }) }),
        ),
      );
      const [first] = await listOf(ledger.usersWithOutcome("rejected"));
      expect(first?.message).toBe("the username is also that of rows 2, 3, 4, 5, 6 and 3 more");
      expect((await listOf(ledger.clashes())).at(-1)?.shared).toEqual([
        { claim: "username", others: [1, 2, 3, 4, 5], count: 8 },
      ]);
    });

    test("clashes of thousands are written whole, whatever the size of a page", async () => {
      const { ledger } = await planned(
        Array.from({ length: 6_001 }, (_, index) =>
          aPlannedUser(index + 1, {
            claims: someClaims({ username: `x${index >> 1}`, email: "e", phone: "p" }),
          }),
        ),
      );
      expect((await ledger.counts()).outcomes.rejected).toBe(6_001);
      expect((await ledger.issueCounts()).map(({ code, count }) => [code, count])).toEqual([
        ["duplicate-email", 6_001],
        ["duplicate-phone", 6_001],
        ["duplicate-username", 6_000],
      ]);
      expect(new Set((await listOf(ledger.clashes())).map(({ group }) => group))).toEqual(new Set([1]));
    });

    test("a user who is rejected for another reason clashes too, as it would once it is mended", async () => {
      const { ledger } = await planned([
        aPlannedUser(1, { ...MENDABLE, claims: someClaims({ username: "x" }) }),
        aPlannedUser(2, { claims: someClaims({ username: "x" }) }),
      ]);
      expect(await messagesOf(ledger)).toEqual([
        [1, "attribute-required", "email is missing; the username is also that of row 2"],
        [2, "duplicate-username", "the username is also that of row 1"],
      ]);
    });

    test("with the policy first, whoever comes first is kept, and the others name that row", async () => {
      const { ledger } = await planned(
        [
          aPlannedUser(1, { ...MENDABLE, claims: someClaims({ username: "x" }) }),
          aPlannedUser(2, { claims: someClaims({ username: "x" }) }),
          aPlannedUser(3, { claims: someClaims({ username: "x", email: "x@example.com" }) }),
          aPlannedUser(4, { claims: someClaims({ username: "y", email: "x@example.com" }) }),
        ],
        "first",
      );
      expect(await messagesOf(ledger)).toEqual([
        [1, "attribute-required", "email is missing; the username is also that of row 2, which is kept"],
        [
          3,
          "duplicate-username",
          "the username is also that of row 2, which is kept; the e-mail address is also that of row 4, which is kept",
        ],
      ]);
      expect(await verdictsOf(ledger)).toEqual(["1 rejected", "2 kept", "3 rejected", "4 kept"]);
      expect(await usernamesOf(ledger.usersToSpool(undefined))).toEqual(["u2", "u4"]);
      expect(await ledger.counts()).toMatchObject({
        routes: { "import-job": 2, "admin-create": 0, "sign-up": 0, none: 2 },
        unsettled: 2,
      });
      expect(await ledger.claimantOf("x")).toMatchObject({ seq: 2 });
    });

    test("with the policy first, a group that nobody can be sent of names all of its rows", async () => {
      const twin = { ...MENDABLE, claims: someClaims({ username: "x" }) };
      const { ledger } = await planned([aPlannedUser(1, twin), aPlannedUser(2, twin)], "first");
      expect(await messagesOf(ledger)).toMatchObject([
        [1, "attribute-required", "email is missing; the username is also that of row 2"],
        [2, "attribute-required", "email is missing; the username is also that of row 1"],
      ]);
    });

    const UNDECIDED = "which of them is the newest cannot be told, so none is kept";

    test.each<{ what: string; users: readonly Partial<PlannedUser>[]; verdicts: readonly string[] }>([
      {
        what: "the one that was changed last is kept",
        users: [
          { changedAt: 1, claims: someClaims({ username: "x" }) },
          { changedAt: 3, claims: someClaims({ username: "x" }) },
          { changedAt: 2, claims: someClaims({ username: "x" }) },
        ],
        verdicts: ["1 rejected", "2 kept", "3 rejected"],
      },
      {
        what: "two that were changed at the same time are both rejected, and older ones with them",
        users: [
          { changedAt: 1, claims: someClaims({ username: "x" }) },
          { changedAt: 2, claims: someClaims({ username: "x" }) },
          { changedAt: 2, claims: someClaims({ username: "x" }) },
        ],
        verdicts: ["1 rejected", "2 rejected", "3 rejected"],
      },
      {
        what: "one of an unknown time neither wins nor loses",
        users: [
          { changedAt: 1, claims: someClaims({ username: "x" }) },
          { changedAt: undefined, claims: someClaims({ username: "x" }) },
        ],
        verdicts: ["1 rejected", "2 rejected"],
      },
      {
        what: "two of unknown times are both rejected",
        users: [
          { changedAt: undefined, claims: someClaims({ username: "x" }) },
          { changedAt: undefined, claims: someClaims({ username: "x" }) },
        ],
        verdicts: ["1 rejected", "2 rejected"],
      },
      {
        what: "one of an unknown time is kept beside one that another has beaten",
        users: [
          { changedAt: 2, claims: someClaims({ username: "x" }) },
          { changedAt: 1, claims: someClaims({ username: "x", email: "e" }) },
          { changedAt: undefined, claims: someClaims({ username: "y", email: "e" }) },
        ],
        verdicts: ["1 kept", "2 rejected", "3 kept"],
      },
      {
        what: "of a chain, each is kept that clashes with none that is kept",
        users: [
          { changedAt: 3, claims: someClaims({ username: "x" }) },
          { changedAt: 2, claims: someClaims({ username: "x", email: "e" }) },
          { changedAt: 1, claims: someClaims({ username: "y", email: "e", phone: "+1" }) },
          { changedAt: 0, claims: someClaims({ username: "z", phone: "+1" }) },
        ],
        verdicts: ["1 kept", "2 rejected", "3 kept", "4 rejected"],
      },
      {
        what: "an older one does not win because the newer cannot be told apart elsewhere",
        users: [
          { changedAt: 2, claims: someClaims({ username: "x" }) },
          { changedAt: 2, claims: someClaims({ username: "x", email: "e" }) },
          { changedAt: 1, claims: someClaims({ username: "y", email: "e" }) },
        ],
        verdicts: ["1 rejected", "2 rejected", "3 rejected"],
      },
      {
        what: "one that cannot be sent beats nobody",
        users: [
          { changedAt: 1, claims: someClaims({ username: "x" }) },
          { ...MENDABLE, changedAt: 2, claims: someClaims({ username: "x" }) },
          { ...MENDABLE, changedAt: undefined, claims: someClaims({ username: "x" }) },
        ],
        verdicts: ["1 kept", "2 rejected", "3 rejected"],
      },
    ])("with the policy newest, $what", async ({ users, verdicts }) => {
      const { ledger } = await planned(
        users.map((user, index) => aPlannedUser(index + 1, user)),
        "newest",
      );
      expect(await verdictsOf(ledger)).toEqual(verdicts);
    });

    test("with the policy newest, users who cannot be ordered are told so", async () => {
      const { ledger } = await planned(
        [5, 5, undefined].map((changedAt, index) =>
          aPlannedUser(index + 1, { changedAt, claims: someClaims({ username: "x" }) }),
        ),
        "newest",
      );
      expect(await messagesOf(ledger)).toEqual([
        [1, "duplicate-username", `the username is also that of rows 2, 3; ${UNDECIDED}`],
        [2, "duplicate-username", `the username is also that of rows 1, 3; ${UNDECIDED}`],
        [3, "duplicate-username", `the username is also that of rows 1, 2; ${UNDECIDED}`],
      ]);
    });

    test.each(DUPLICATES_POLICIES)(
      "whatever the users claim, %s decides as a plain search would",
      async (policy) => {
        await fc.assert(
          fc.asyncProperty(fc.array(CLAIMING_USER, { minLength: 1, maxLength: 14 }), async (claiming) => {
            const users = claiming.map((user, index) => aPlannedUser(index + 1, user));
            const { ledger } = await planned(users, policy);
            const expected = searchClashes(users, policy);
            const found = await listOf(ledger.clashes());
            expect(found.map(({ seq, group }) => [seq, group]).sort(bySeq)).toEqual(
              expected.map(({ seq, group }) => [seq, group]),
            );
            expect(
              found
                .filter(({ isKept }) => isKept)
                .map(({ seq }) => seq)
                .sort(bySeq),
            ).toEqual(expected.filter(({ verdict }) => verdict === "kept").map(({ seq }) => seq));
            const kept = new Set(found.filter(({ isKept }) => isKept).map(({ seq }) => seq));
            const rejected = await listOf(ledger.usersWithOutcome("rejected"));
            for (const { seq, message = "" } of rejected) {
              const verdict = expected.find((user) => user.seq === seq)?.verdict;
              expect(message.includes(UNDECIDED)).toBe(verdict === "undecided");
              for (const [, row] of message.matchAll(/row (\d+), which is kept/g))
                expect(kept).toContain(Number(row));
            }
            expect(rejected.length + (await ledger.counts()).unsettled).toBe(users.length);
            await ledger[Symbol.asyncDispose]();
          }),
          { numRuns: 60 },
        );
      },
    );

    test("parts take users in order, without those who are settled, and lines follow", async () => {
      const users = Array.from({ length: 2_500 }, (_, index) =>
        aPlannedUser(
          index + 1,
          index % 5 === 0 ? { route: "none", notSent: REJECTED, claims: undefined } : {},
        ),
      );
      const { ledger } = await planned(users);
      const toSend = users.filter(({ notSent }) => notSent === undefined).map(({ username }) => username);
      expect(await usernamesOf(ledger.usersToSpool(undefined))).toEqual(toSend);
      const first = await addPart(ledger, undefined, 4);
      expect(await usernamesOf(ledger.usersOfPart(first.id))).toEqual(["u2", "u3", "u4", "u5"]);
      expect(await usernamesOf(ledger.usersToSpool(undefined))).toEqual(toSend.slice(4));
      await ledger.settleLines(first.id, [
        { line: 3, kind: "failed", reason: "import-failed", message: "no" },
      ]);
      expect(await listOf(ledger.usersWithOutcome("failed"))).toMatchObject([
        { username: "u4", message: "no" },
      ]);
    });

    test("a part that has not the users of its file is refused and not loaded", async () => {
      const { ledger } = await planned([aPlannedUser(1)]);
      await expect(addPart(ledger, undefined, 2)).rejects.toThrow("has not the 2 users of its file");
      expect(await ledger.parts()).toEqual([]);
    });

    test("no part takes a user who is in another one, or who is not for it, nor anybody once it is finished", async () => {
      const { ledger } = await planned([
        aPlannedUser(1),
        aPlannedUser(2, { route: "none", notSent: REJECTED, claims: undefined }),
        aPlannedUser(3),
      ]);
      const first = await addPart(ledger, undefined, 1);
      await expect(ledger.addToPart(first.id, [3])).rejects.toThrow("takes no users");
      const next = await ledger.beginPart(undefined);
      await expect(ledger.addToPart(next, [3, 1])).rejects.toThrow("user 1 is not to be spooled");
      await expect(ledger.addToPart(next, [2])).rejects.toThrow("user 2 is not to be spooled");
      expect(await usernamesOf(ledger.usersToSpool(undefined))).toEqual(["u3"]);
    });

    test("a part that was begun and never finished is forgotten, and its users are spooled again", async () => {
      const { ledger, kind } = await planned([aPlannedUser(1), aPlannedUser(2), aPlannedUser(3)]);
      await ledger.addToPart(await ledger.beginPart(undefined), [1, 2]);
      await ledger[Symbol.asyncDispose]();

      await using again = await kind.reopen();
      expect(await again.parts()).toEqual([]);
      expect(await again.forgetUnfinishedParts()).toEqual([1]);
      expect(await again.forgetUnfinishedParts()).toEqual([]);
      const part = await again.beginPart(undefined);
      expect(part).toBe(1);
      expect(await usernamesOf(again.usersToSpool(undefined))).toEqual(["u1", "u2", "u3"]);
      await again.addToPart(part, [1, 2, 3]);
      expect(await again.finishPart(part, { rows: 3, bytes: 1, sha256: "a" })).toMatchObject({
        id: 1,
        rows: 3,
      });
    });

    test("an outcome that is settled never changes", async () => {
      const { ledger } = await planned([aPlannedUser(1), aPlannedUser(2), aPlannedUser(3)]);
      const part = await addPart(ledger, undefined, 3);
      await ledger.settleLines(part.id, [
        { line: 1, kind: "imported", reason: undefined, message: undefined },
      ]);
      await ledger.settleLines(part.id, [
        { line: 1, kind: "failed", reason: "import-failed", message: "late" },
      ]);
      await ledger.settle([{ seq: 1, kind: "skipped", reason: "user-exists", message: "late" }]);
      await ledger.settle([{ seq: 2, kind: "skipped", reason: "user-exists", message: undefined }]);
      await ledger.settleRest(part.id, { kind: "failed", reason: "not-imported", message: "gone" });
      expect((await ledger.counts()).outcomes).toMatchObject({ imported: 1, skipped: 1, failed: 1 });
      expect(await ledger.countUnsettledOfPart(part.id)).toBe(0);
    });

    test("of a part whose job broke off, whoever has no outcome is spooled again with the others", async () => {
      const passwordHash = { algorithm: "BCRYPT", value: "$2b$10$hash" } as const;
      const { ledger, kind } = await planned(
        [1, 2, 3, 4, 5].map((seq) => aPlannedUser(seq, { passwordHash })),
      );
      const part = await addPart(ledger, "BCRYPT", 3);
      await ledger.settleLines(part.id, [
        { line: 2, kind: "imported", reason: undefined, message: undefined },
      ]);
      await ledger.splitPart(part.id, { ended: 1, failed: 0 }, 1_000);
      await ledger[Symbol.asyncDispose]();

      await using again = await kind.reopen();
      expect(await again.parts()).toMatchObject([{ id: part.id, state: "split", rows: 3, sha256: "aa" }]);
      expect(await again.countUnsettledOfPart(part.id)).toBe(0);
      expect(await listOf(again.usersOfPart(part.id))).toMatchObject([
        { username: "u2", passwordHash: undefined },
      ]);
      const next = await addPart(again, "BCRYPT", 3);
      expect(
        (await listOf(again.usersOfPart(next.id))).map(({ username, passwordHash: hash }) => [
          username,
          hash,
        ]),
      ).toEqual([
        ["u1", "$2b$10$hash"],
        ["u3", "$2b$10$hash"],
        ["u4", "$2b$10$hash"],
      ]);
      expect(await usernamesOf(again.usersToSpool("BCRYPT"))).toEqual(["u5"]);
      expect(await again.claimantOf("u1")).toMatchObject({ part: next.id, sentAt: 1_000 });
      expect((await again.claimantOf("u4"))?.sentAt).toBeUndefined();
    });

    test("no line skips a user whom an earlier job may have made, whatever job it was", async () => {
      const { ledger } = await planned([aPlannedUser(1), aPlannedUser(2), aPlannedUser(3)]);
      const part = await addPart(ledger, undefined, 3);
      await ledger.settleLines(part.id, [
        { line: 1, kind: "imported", reason: undefined, message: undefined },
      ]);
      await ledger.notePartSent(part.id, 1_000);
      await ledger.notePartSent(part.id, 2_000);
      await ledger.settleLines(part.id, [
        { line: 2, kind: "skipped", reason: "user-exists", message: "exists" },
        { line: 3, kind: "failed", reason: "import-failed", message: "no" },
      ]);
      expect((await ledger.claimantOf("u1"))?.sentAt).toBeUndefined();
      expect(await ledger.claimantOf("u2")).toMatchObject({ outcome: undefined, sentAt: 1_000 });
      expect(await ledger.claimantOf("u3")).toMatchObject({ outcome: "failed" });
    });

    test("whose row failed is spooled once more, without its hash, or created, and both are told", async () => {
      const passwordHash = { algorithm: "BCRYPT", value: "$2b$10$hash" } as const;
      const { ledger } = await planned(
        [1, 2, 3, 4].map((seq) => aPlannedUser(seq, { passwordHash, smsMfa: seq > 2 })),
      );
      const part = await addPart(ledger, "BCRYPT", 4);
      const failures = [1, 2, 3].map((line) => ({ line, message: `said ${line}` }));
      const without = { keepHash: false, startedAt: 1_000 };
      await ledger.spoolAgain(part.id, failures.slice(0, 1), without);
      await ledger.spoolAgain(part.id, failures.slice(1, 2), { ...without, keepHash: true });
      await ledger.createInstead(part.id, failures);
      // A later look at the same log changes nothing.
      await ledger.createInstead(part.id, failures);
      expect(await listOf(ledger.usersToSpool(undefined))).toMatchObject([
        { username: "u1", passwordHash: undefined },
      ]);
      expect(await listOf(ledger.usersToSpool("BCRYPT"))).toMatchObject([
        { username: "u2", passwordHash: "$2b$10$hash" },
      ]);
      expect(await takeTwo(ledger, 0, 9_000)).toMatchObject([{ username: "u3", sentAt: undefined }]);
      expect(await usernamesOf(ledger.unsettledOfPart(part.id))).toEqual(["u4"]);
      expect(await ledger.claimantOf("u1")).toMatchObject({ route: "import-job", sentAt: 1_000 });

      const next = await addPart(ledger, undefined, 1);
      await ledger.spoolAgain(next.id, [{ line: 1, message: "said again" }], without);
      expect(await usernamesOf(ledger.usersOfPart(next.id))).toEqual(["u1"]);

      await ledger.createRestInstead(part.id, "nowhere", 2_000);
      expect(await ledger.countUnsettledOfPart(part.id)).toBe(0);
      expect(await ledger.claimantOf("u4")).toMatchObject({ route: "admin-create", sentAt: 2_000 });
      expect((await listOf(ledger.warnings())).map(({ seq, code, message }) => [seq, code, message])).toEqual(
        [
          [1, "password-hash-refused", "said 1"],
          [3, "row-refused", "said 3"],
          [3, "password-not-carried", "the user goes by AdminCreateUser, which takes no password hash"],
          [4, "row-refused", "nowhere"],
          [4, "password-not-carried", "the user goes by AdminCreateUser, which takes no password hash"],
        ],
      );
      await ledger.settle(
        [3, 4].map((seq) => ({ seq, kind: "imported", reason: undefined, message: undefined })),
      );
      expect(await listOf(ledger.pendingFollowUps("rest"))).toMatchObject([
        { seq: 3, followUp: { kind: "set-password" } },
        { seq: 3, followUp: { kind: "set-mfa" } },
        { seq: 4, followUp: { kind: "set-password" } },
        { seq: 4, followUp: { kind: "set-mfa" } },
      ]);
    });

    test("where the pool takes no hashes, all who are to come lose theirs, and those of the part are spooled again", async () => {
      const passwordHash = { algorithm: "BCRYPT", value: "$2b$10$hash" } as const;
      const { ledger } = await planned([
        ...[1, 2, 3].map((seq) => aPlannedUser(seq, { passwordHash })),
        aPlannedUser(4, { passwordHash: { algorithm: "SCRYPT", value: "16384$8$1$00$00" } }),
        aPlannedUser(5),
      ]);
      const first = await addPart(ledger, "BCRYPT", 1);
      await ledger.settleLines(first.id, [
        { line: 1, kind: "imported", reason: undefined, message: undefined },
      ]);
      await ledger.settlePart(first.id, { ended: 1, failed: 0 });
      const part = await addPart(ledger, "BCRYPT", 1);
      expect(await ledger.dropHashes(part, "no hashes here")).toBe(2);
      expect(await listOf(ledger.usersToSpool(undefined))).toMatchObject(
        ["u2", "u3", "u5"].map((username) => ({ username, passwordHash: undefined })),
      );
      expect(await usernamesOf(ledger.usersToSpool("BCRYPT"))).toEqual([]);
      // Another algorithm may be taken.
      expect(await usernamesOf(ledger.usersToSpool("SCRYPT"))).toEqual(["u4"]);
      expect((await listOf(ledger.warnings())).map(({ seq, code, message }) => [seq, code, message])).toEqual(
        [2, 3].map((seq) => [seq, "password-hash-refused", "no hashes here"]),
      );
      expect((await ledger.counts()).withHash).toBe(2);
      expect((await ledger.parts()).map(({ state }) => state)).toEqual(["settled", "split"]);
    });

    test("users can be settled while those that are not are read", async () => {
      const { ledger } = await planned(Array.from({ length: 2_100 }, (_, index) => aPlannedUser(index + 1)));
      const part = await addPart(ledger, undefined, 2_100);
      let count = 0;
      for await (const { seq } of ledger.unsettledOfPart(part.id)) {
        await ledger.settle([{ seq, kind: "imported", reason: undefined, message: undefined }]);
        count += 1;
      }
      expect(count).toBe(2_100);
    });

    test("a name leads to the one user who is sent under it", async () => {
      const { ledger } = await planned([
        aPlannedUser(1),
        aPlannedUser(2, { route: "none", notSent: REJECTED, claims: undefined, username: "u9" }),
      ]);
      expect(await ledger.claimantOf("u1")).toEqual({
        seq: 1,
        route: "import-job",
        part: undefined,
        sentAt: undefined,
        refusal: undefined,
        outcome: undefined,
        sub: undefined,
      });
      expect(await ledger.claimantOf("u9")).toBeUndefined();
    });

    test("subs are wanted for those who are in the pool, and asked for only once", async () => {
      const { ledger } = await planned([aPlannedUser(1), aPlannedUser(2), aPlannedUser(3)]);
      await ledger.settle([
        { seq: 1, kind: "imported", reason: undefined, message: undefined },
        { seq: 2, kind: "skipped", reason: "user-exists", message: undefined },
        { seq: 3, kind: "failed", reason: "import-failed", message: undefined },
      ]);
      expect(await usernamesOf(ledger.usersWithoutSub())).toEqual(["u1", "u2"]);
      await ledger.recordIdentities([{ seq: 1, sub: "s-1" }]);
      expect(await ledger.countWithoutSub()).toBe(1);
      expect(await listOf(ledger.usersWithOutcome("imported"))).toMatchObject([{ seq: 1, sub: "s-1" }]);
    });

    /** A ledger of users for AdminCreateUser, one for each of these numbers. */
    async function toCreate(...seqs: readonly number[]): Promise<{ ledger: Ledger; kind: LedgerKind }> {
      return planned(seqs.map((seq) => aPlannedUser(seq, { route: "admin-create" })));
    }

    test("users for AdminCreateUser go into no part, and those for import jobs are not created", async () => {
      const { ledger } = await planned([
        aPlannedUser(1),
        aPlannedUser(2, { route: "admin-create" }),
        aPlannedUser(3, { route: "none", notSent: REJECTED, claims: undefined }),
        aPlannedUser(4, { route: "admin-create" }),
      ]);
      expect(await usernamesOf(ledger.usersToSpool(undefined))).toEqual(["u1"]);
      expect(await takeTwo(ledger, 0, 1_000)).toMatchObject([
        { seq: 2, username: "u2", sentAt: undefined },
        { seq: 4, username: "u4", sentAt: undefined },
      ]);
      await ledger.settle([{ seq: 2, kind: "failed", reason: "user-refused", message: "no" }]);
      expect(await namesTaken(ledger)).toEqual(["u4"]);
      expect(await ledger.countUnsettledOfRoute("admin-create")).toBe(1);
      expect(await ledger.countUnsettledOfRoute("import-job")).toBe(1);
    });

    test("who was about to be sent is in question, since the first time", async () => {
      const { ledger, kind } = await toCreate(1, 2, 3);
      expect(await ledger.countInQuestion("admin-create")).toBe(0);
      expect((await takeTwo(ledger, 0, 1_000)).map(({ seq }) => seq)).toEqual([1, 2]);
      expect(await takeTwo(ledger, 1, 2_000)).toMatchObject([
        { seq: 2, sentAt: 1_000 },
        { seq: 3, sentAt: undefined },
      ]);
      await ledger.settle([{ seq: 1, kind: "imported", reason: undefined, message: undefined }]);
      await ledger[Symbol.asyncDispose]();
      await using again = await kind.reopen();
      expect(await again.takeInQuestion("admin-create")).toBe(2);
      expect(await again.countInQuestion("admin-create")).toBe(2);
      expect(await usernamesOf(again.usersInQuestion("admin-create"))).toEqual(["u2", "u3"]);
      expect((await takeTwo(again, 0, 3_000)).map(({ sentAt }) => sentAt)).toEqual([1_000, 2_000]);
      expect(await again.claimantOf("u2")).toMatchObject({ route: "admin-create", sentAt: 1_000 });
    });

    test("who was refused at the first call was not created by it, at a later one perhaps", async () => {
      const { ledger } = await toCreate(1, 2, 3);
      await takeTwo(ledger, 0, 1_000);
      await ledger.noteRefusal(1, "taken", "first");
      await ledger.noteRefusal(2, "taken again", "again");
      expect(await ledger.claimantOf("u1")).toMatchObject({ sentAt: undefined, refusal: "taken" });
      expect(await ledger.claimantOf("u2")).toMatchObject({ sentAt: 1_000, refusal: "taken again" });
      expect(await usernamesOf(ledger.usersInQuestion("admin-create"))).toEqual(["u1", "u2"]);
      expect(await namesTaken(ledger)).toEqual(["u3"]);
      await ledger.settle([{ seq: 2, kind: "imported", reason: undefined, message: undefined }]);
      await ledger.settleRefused({ kind: "failed", reason: "alias-exists" }, "admin-create");
      expect(await listOf(ledger.usersWithOutcome("failed"))).toMatchObject([
        { seq: 1, reason: "alias-exists", message: "taken" },
      ]);
      expect(await ledger.counts()).toMatchObject({ outcomes: { imported: 1, failed: 1 }, unsettled: 1 });
    });

    test("users who sign up are sent, asked about and settled apart from those for AdminCreateUser", async () => {
      const { ledger } = await planned([
        aPlannedUser(1, { route: "admin-create" }),
        ...[2, 3, 4, 5].map((seq) => aPlannedUser(seq, { route: "sign-up" })),
      ]);
      expect(await namesTaken(ledger)).toEqual(["u1"]);
      const taken = await ledger.takeToCreate("sign-up", { behind: 0, most: 3, sentAt: 1_000 });
      expect(taken.map(({ username }) => username)).toEqual(["u2", "u3", "u4"]);
      expect(await ledger.countUnsettledOfRoute("sign-up")).toBe(4);
      await ledger.noteRefusal(1, "taken", "first");
      await ledger.noteRefusal(2, "taken", "first");
      await ledger.noteRefusal(3, "taken again", "again");
      expect(await ledger.countInQuestion("sign-up")).toBe(3);
      expect(await usernamesOf(ledger.usersInQuestion("sign-up"))).toEqual(["u2", "u3", "u4"]);
      expect(await namesTaken(ledger, "sign-up")).toEqual(["u4", "u5"]);
      await ledger.settleRefused({ kind: "skipped", reason: "user-exists" }, "sign-up", "first");
      await ledger.settleRefused({ kind: "failed", reason: "sign-up-unclear" }, "sign-up", "again");
      expect(await listOf(ledger.usersWithOutcome("skipped"))).toMatchObject([{ seq: 2, message: "taken" }]);
      expect(await listOf(ledger.usersWithOutcome("failed"))).toMatchObject([
        { seq: 3, message: "taken again" },
      ]);
      expect(await ledger.countCreated("sign-up")).toEqual({ settled: 2, failed: 1 });
      expect(await ledger.countCreated("admin-create")).toEqual({ settled: 0, failed: 0 });
      expect(await ledger.countInQuestion("admin-create")).toBe(1);
      expect(await ledger.countWithoutSub()).toBe(0);
    });

    const FOLLOW_UPS: PlannedUser["followUps"] = [
      { kind: "disable" },
      { kind: "confirm" },
      { kind: "set-attributes", attributes: [["name", 'Ada "A"']] },
      { kind: "add-to-group", group: "b" },
      { kind: "add-to-group", group: "a" },
      { kind: "set-mfa" },
      { kind: "link-provider", provider: "Google", subject: "g-1" },
    ];

    test("follow-ups are those of users whom the run imported, in their order", async () => {
      const followUps = FOLLOW_UPS;
      const { ledger } = await planned([1, 2, 3].map((seq) => aPlannedUser(seq, { followUps })));
      expect(await ledger.countPendingFollowUps("disable")).toBe(0);
      await ledger.settle([
        { seq: 1, kind: "imported", reason: undefined, message: undefined },
        { seq: 2, kind: "skipped", reason: "user-exists", message: undefined },
      ]);
      await ledger.recordIdentities([{ seq: 1, sub: "s-1" }]);
      expect(await listOf(ledger.pendingFollowUps("disable"))).toMatchObject([
        { seq: 1, username: "u1", sub: "s-1", followUp: { kind: "disable" } },
      ]);
      expect((await listOf(ledger.pendingFollowUps("rest"))).map(({ followUp }) => followUp)).toEqual(
        FOLLOW_UPS.slice(1),
      );
      expect(await ledger.countPendingFollowUps("rest")).toBe(6);
      // Those of the third user can still come, those of the second never.
      expect(await ledger.followUpCounts()).toEqual({
        disable: { planned: 2, untouched: 1, done: 0, failed: 0 },
        confirm: { planned: 2, untouched: 1, done: 0, failed: 0 },
        "set-attributes": { planned: 2, untouched: 1, done: 0, failed: 0 },
        "add-to-group": { planned: 4, untouched: 2, done: 0, failed: 0 },
        "set-mfa": { planned: 2, untouched: 1, done: 0, failed: 0 },
        "link-provider": { planned: 2, untouched: 1, done: 0, failed: 0 },
        "set-own-password": { planned: 0, untouched: 0, done: 0, failed: 0 },
        "set-password": { planned: 0, untouched: 0, done: 0, failed: 0 },
        "reset-password": { planned: 0, untouched: 0, done: 0, failed: 0 },
      });
    });

    const kindsOf = async (ledger: Ledger, turn: FollowUpTurn): Promise<readonly FollowUpKind[]> =>
      (await listOf(ledger.pendingFollowUps(turn))).map(({ followUp }) => followUp.kind);

    test("nothing comes early for a user who is still to be disabled", async () => {
      const followUps: PlannedUser["followUps"] = [{ kind: "disable" }, { kind: "set-mfa" }];
      const { ledger } = await planned([1, 2].map((seq) => aPlannedUser(seq, { followUps })));
      await ledger.settle(
        [1, 2].map((seq) => ({ seq, kind: "imported", reason: undefined, message: undefined })),
      );
      expect(await ledger.countPendingFollowUps("early")).toBe(0);
      const [first] = await listOf(ledger.pendingFollowUps("disable"));
      await ledger.settleFollowUps([{ id: first?.id ?? 0, state: "done" }], 1_000);
      expect(await listOf(ledger.pendingFollowUps("early"))).toMatchObject([
        { seq: 1, followUp: { kind: "set-mfa" } },
      ]);
    });

    test.each<{ what: string; pool: Pool; early: readonly FollowUpKind[] }>([
      { what: "at once where names are usernames", pool: aPool(), early: ["set-mfa", "link-provider"] },
      {
        what: "once the sub is known where that is the username",
        pool: aPool({ usernameAttributes: ["email"] }),
        early: ["set-mfa"],
      },
    ])("a user is linked $what", async ({ pool, early }) => {
      const followUps: PlannedUser["followUps"] = [
        { kind: "set-mfa" },
        { kind: "link-provider", provider: "Google", subject: "g-1" },
      ];
      const { ledger } = await planned([aPlannedUser(1, { followUps })], "reject-all", pool);
      await ledger.settle([{ seq: 1, kind: "imported", reason: undefined, message: undefined }]);
      expect(await kindsOf(ledger, "early")).toEqual(early);
      expect(await kindsOf(ledger, "rest")).toEqual(["set-mfa", "link-provider"]);
      await ledger.recordIdentities([{ seq: 1, sub: "s-1" }]);
      expect(await kindsOf(ledger, "early")).toEqual(["set-mfa", "link-provider"]);
    });

    test("a settled follow-up stays so, and one that failed is named with its target", async () => {
      const { ledger, kind } = await planned([aPlannedUser(1, { followUps: FOLLOW_UPS })]);
      await ledger.settle([{ seq: 1, kind: "imported", reason: undefined, message: undefined }]);
      const pending = [
        ...(await listOf(ledger.pendingFollowUps("disable"))),
        ...(await listOf(ledger.pendingFollowUps("rest"))),
      ];
      await ledger.settleFollowUps(
        pending.map(({ id, followUp }) =>
          followUp.kind === "link-provider"
            ? { id, state: "failed", message: "no such provider" }
            : { id, state: "done" },
        ),
        1_000,
      );
      await ledger.settleFollowUps(
        pending.map(({ id }) => ({ id, state: "failed", message: "late" })),
        2_000,
      );
      await ledger[Symbol.asyncDispose]();
      await using again = await kind.reopen();
      expect(
        (await again.countPendingFollowUps("disable")) + (await again.countPendingFollowUps("rest")),
      ).toBe(0);
      expect((await again.followUpCounts())["add-to-group"]).toEqual({
        planned: 2,
        untouched: 0,
        done: 2,
        failed: 0,
      });
      expect(await again.reasonCounts()).toEqual([
        {
          kind: "imported",
          reason: "follow-up-failed",
          example: "link-provider: no such provider",
          count: 1,
        },
      ]);
      expect(await listOf(again.failedFollowUps())).toEqual([
        {
          seq: 1,
          line: 2,
          sourceId: "id-1",
          username: "u1",
          sub: undefined,
          followUp: { kind: "link-provider", provider: "Google", subject: "g-1" },
          message: "no such provider",
        },
      ]);
    });

    test("follow-ups of very many users can be settled while they are read", async () => {
      const followUps: PlannedUser["followUps"] = [
        { kind: "add-to-group", group: "a" },
        { kind: "add-to-group", group: "b" },
        { kind: "set-mfa" },
      ];
      const users = Array.from({ length: 900 }, (_, index) => aPlannedUser(index + 1, { followUps }));
      const { ledger } = await planned(users);
      await ledger.settle(
        users.map(({ seq }) => ({ seq, kind: "imported", reason: undefined, message: undefined })),
      );
      let count = 0;
      for await (const { id } of ledger.pendingFollowUps("rest")) {
        await ledger.settleFollowUps([{ id, state: "done" }], 1_000);
        count += 1;
      }
      expect(count).toBe(2_700);
      expect(await ledger.countPendingFollowUps("rest")).toBe(0);
    });

    test("a user's own password stands with its follow-up until that is settled; who was created without it gets another", async () => {
      const followUps: PlannedUser["followUps"] = [{ kind: "set-own-password" }];
      const { ledger } = await planned(
        [1, 2, 3, 4].map((seq) =>
          aPlannedUser(seq, {
            password: `word ${seq}`,
            followUps,
            ...(seq > 2 ? { route: "admin-create" } : {}),
          }),
        ),
      );
      await ledger.settle(
        [1, 2, 3, 4].map((seq) => ({ seq, kind: "imported", reason: undefined, message: undefined })),
      );
      const pending = () => listOf(ledger.pendingFollowUps("rest"));
      expect((await pending()).map(({ password }) => password)).toEqual([
        "word 1",
        "word 2",
        "word 3",
        "word 4",
      ]);
      await ledger.settleFollowUps(
        (await pending()).map(({ id, seq }) =>
          seq % 2 === 0 ? { id, state: "failed", message: "weak" } : { id, state: "done" },
        ),
        1_000,
      );
      expect(await pending()).toMatchObject([
        { seq: 4, password: undefined, followUp: { kind: "set-password" } },
      ]);
      expect((await ledger.followUpCounts())["set-own-password"]).toMatchObject({
        planned: 4,
        done: 2,
        failed: 2,
      });
    });

    test("whoever it makes active counts once, by the first cause, and not for what failed", async () => {
      const group = { kind: "add-to-group", group: "crew" } as const;
      const attributes = { kind: "set-attributes", attributes: [["name", "x"]] } as const;
      const { ledger } = await planned([
        aPlannedUser(1, { followUps: [{ kind: "disable" }, { kind: "reset-password" }] }),
        aPlannedUser(2, { followUps: [attributes, group, group] }),
        aPlannedUser(3, { followUps: [attributes] }),
        aPlannedUser(4, { route: "admin-create", followUps: [group] }),
        aPlannedUser(5, { followUps: [{ kind: "set-own-password" }, group] }),
        aPlannedUser(6, { route: "none", notSent: REJECTED, followUps: [] }),
      ]);
      const causes = { creation: 1, password: 1, groups: 1, attributes: 1, mfa: 0, links: 0 };
      expect(await ledger.activeUsers()).toEqual(causes);
      await ledger.settle([
        ...[1, 3, 5].map(
          (seq) => ({ seq, kind: "imported", reason: undefined, message: undefined }) as const,
        ),
        ...[2, 4].map(
          (seq) => ({ seq, kind: "skipped", reason: "user-exists", message: undefined }) as const,
        ),
      ]);
      expect(await ledger.activeUsers()).toEqual({ ...causes, creation: 0, groups: 0 });
      expect((await ledger.counts()).created).toBe(3);
      const ofFive = (await listOf(ledger.pendingFollowUps("rest"))).find(({ seq }) => seq === 5);
      await ledger.settleFollowUps([{ id: ofFive?.id ?? 0, state: "failed", message: "weak" }], 1_000);
      expect(await ledger.activeUsers()).toEqual({ ...causes, creation: 0, password: 0 });
    });

    test("that a follow-up is about to be done is noted with it, and the first time stays", async () => {
      const { ledger } = await planned([aPlannedUser(1, { followUps: [{ kind: "reset-password" }] })]);
      await ledger.settle([{ seq: 1, kind: "imported", reason: undefined, message: undefined }]);
      const pending = () => listOf(ledger.pendingFollowUps("rest"));
      expect(await pending()).toMatchObject([{ sentAt: undefined }]);
      for (const sentAt of [1_000, 2_000])
        await ledger.noteFollowUpSent((await pending())[0]?.id ?? 0, sentAt);
      expect(await pending()).toMatchObject([{ sentAt: 1_000, followUp: { kind: "reset-password" } }]);
    });

    test("a user's password hash is gone with its outcome, and all of them when they are erased", async () => {
      const passwordHash = { algorithm: "BCRYPT", value: "$2b$10$hash" } as const;
      const { ledger } = await planned([1, 2].map((seq) => aPlannedUser(seq, { passwordHash })));
      const part = await addPart(ledger, "BCRYPT", 1);
      const hashesOf = async (users: AsyncIterable<{ passwordHash: string | undefined }>) =>
        (await listOf(users)).map((user) => user.passwordHash);
      expect(await hashesOf(ledger.usersOfPart(part.id))).toEqual(["$2b$10$hash"]);
      await ledger.settleLines(part.id, [
        { line: 1, kind: "imported", reason: undefined, message: undefined },
      ]);
      expect(await hashesOf(ledger.usersOfPart(part.id))).toEqual([undefined]);
      expect(await hashesOf(ledger.usersToSpool("BCRYPT"))).toEqual(["$2b$10$hash"]);
      await ledger.eraseSecrets();
      expect(await hashesOf(ledger.usersToSpool("BCRYPT"))).toEqual([undefined]);
      // How many went with one is still known.
      expect((await ledger.counts()).withHash).toBe(2);
    });

    test("an undo looks for those whom the run created or may have created, and for nobody else", async () => {
      const createdBy = (seq: number) => aPlannedUser(seq, { route: "admin-create" });
      const { ledger } = await planned([
        aPlannedUser(1),
        aPlannedUser(2),
        aPlannedUser(3),
        aPlannedUser(4),
        aPlannedUser(5),
        createdBy(6),
        createdBy(7),
        createdBy(8),
        aPlannedUser(9),
        aPlannedUser(10, { route: "none", notSent: REJECTED }),
      ]);
      const part = await ledger.beginPart(undefined);
      await ledger.addToPart(part, [1, 2, 3, 4, 5]);
      await ledger.finishPart(part, { rows: 5, bytes: 1, sha256: "a" });
      const job = await ledger.addJob(part, "job");
      const seqs = async () => (await listOf((await ledger.beginUndo()).left())).map(({ seq }) => seq);
      expect(await seqs()).toEqual([]);
      await ledger.changeJob(job.id, { state: "started", startedAt: 5_000 });
      await takeTwo(ledger, 5, 7_000);
      const outcome = { reason: undefined, message: undefined };
      await ledger.settle([
        { seq: 1, kind: "imported", ...outcome },
        { seq: 2, kind: "imported", ...outcome },
        { seq: 3, kind: "skipped", ...outcome },
        { seq: 4, kind: "failed", ...outcome },
        { seq: 6, kind: "imported", ...outcome },
      ]);
      await ledger.recordIdentities([
        { seq: 1, sub: "sub-1" },
        { seq: 3, sub: "sub-3" },
      ]);

      const undoing = await ledger.beginUndo();
      expect(await undoing.count()).toEqual({ created: 3, uncertain: 2 });
      expect(
        (await listOf(undoing.left())).map(({ seq, since, isImported }) => [seq, since, isImported]),
      ).toEqual([
        [1, 5_000, true],
        [2, 5_000, true],
        [5, 5_000, false],
        [6, 7_000, true],
        [7, 7_000, false],
      ]);
      expect((await undoing.candidateWithSub("sub-1"))?.seq).toBe(1);
      expect(await undoing.candidateWithSub("sub-3")).toBeUndefined();
      expect(await undoing.candidateNamed("u1")).toBeUndefined();
      expect((await undoing.candidateNamed("u2"))?.seq).toBe(2);
      expect(await undoing.candidateNamed("u3")).toBeUndefined();
    });

    test("whom an undo has just disabled was changed by that until it was settled, and others were not", async () => {
      const { ledger } = await planned([1, 2, 3].map((seq) => aPlannedUser(seq)));
      const imported = { kind: "imported", reason: undefined, message: undefined } as const;
      await ledger.settle([1, 2, 3].map((seq) => ({ seq, ...imported })));
      const first = await ledger.beginUndo();
      for (const seq of [1, 2]) await first.begin(seq, { action: "disable", sub: `s-${seq}`, at: 1_000 });
      await first.settle(
        [
          { seq: 1, result: "disabled", message: undefined },
          { seq: 2, result: "failed", message: "no" },
          { seq: 3, result: "disabled", message: "the user was disabled already" },
        ],
        9_000,
      );
      const wroteAt = (await listOf((await ledger.beginUndo()).left())).map((candidate) => candidate.wroteAt);
      expect(wroteAt).toEqual([9_000, 1_000, undefined]);
    });

    test("a password of the source that was set makes its user CONFIRMED, and that is no change since", async () => {
      const followUps: PlannedUser["followUps"] = [{ kind: "set-own-password" }];
      const { ledger } = await planned([
        aPlannedUser(1, { followUps, password: "Own-Passw0rd" }),
        aPlannedUser(2),
      ]);
      await ledger.settle(
        [1, 2].map((seq) => ({ seq, kind: "imported", reason: undefined, message: undefined })),
      );
      expect((await listOf((await ledger.beginUndo()).left())).map(({ hasPassword }) => hasPassword)).toEqual(
        [true, false],
      );
    });

    test("what an undo was about to do outlives it, and whom it deleted is not looked for again", async () => {
      const { ledger, kind } = await planned([1, 2, 3, 4].map((seq) => aPlannedUser(seq)));
      const imported = { kind: "imported", reason: undefined, message: undefined } as const;
      await ledger.settle([1, 2, 3, 4].map((seq) => ({ seq, ...imported })));
      expect(await ledger.undoCounts()).toBeUndefined();
      const first = await ledger.beginUndo();
      await first.begin(1, { action: "delete", sub: "sub-1", at: 1_000 });
      await first.settle([{ seq: 1, result: "deleted", message: undefined }], 1_500);
      await first.begin(2, { action: "delete", sub: "sub-2", at: 2_000 });
      await first.settle([{ seq: 3, result: "changed-since", message: "changed" }], 2_500);
      expect(await first.countLeft()).toBe(2);
      // By its name nobody else is taken for it any more.
      expect(await first.candidateNamed("u2")).toBeUndefined();
      expect(await first.candidateWithSub("sub-2")).toMatchObject({ seq: 2 });

      await using again = await kind.reopen();
      const second = await again.beginUndo();
      expect((await listOf(second.left())).map(({ seq, sub, wroteAt }) => [seq, sub, wroteAt])).toEqual([
        [2, "sub-2", 2_000],
        [3, undefined, undefined],
        [4, undefined, undefined],
      ]);
      await second.pass(3);
      await second.settleAbsent();
      expect(
        (await listOf(again.undoneUsers())).map(({ seq, result, message }) => [seq, result, message]),
      ).toEqual([
        [1, "deleted", undefined],
        [2, "deleted", undefined],
        [3, "changed-since", "changed"],
        [4, "absent", undefined],
      ]);
      expect(await again.undoCounts()).toMatchObject({ deleted: 2, absent: 1, "changed-since": 1, kept: 0 });
    });

    test("an undo knows when the run last changed each user, and leaves time for what a killed session did not note", async () => {
      const followUps = [{ kind: "disable" }, { kind: "set-password" }] as const;
      const { ledger } = await planned([1, 2].map((seq) => aPlannedUser(seq, { followUps })));
      const imported = { kind: "imported", reason: undefined, message: undefined } as const;
      await ledger.settle([1, 2].map((seq) => ({ seq, ...imported })));
      expect((await ledger.beginUndo()).lastWroteAt).toBeUndefined();
      const [disable] = await listOf(ledger.pendingFollowUps("disable"));
      await ledger.settleFollowUps([{ id: disable?.id ?? 0, state: "done" }], 1_000);
      for await (const { id, seq } of ledger.pendingFollowUps("rest"))
        if (seq === 1) await ledger.settleFollowUps([{ id, state: "done" }], 2_000);
      expect((await ledger.beginUndo()).lastWroteAt).toBe(2_000);
      await ledger.noteWritten(3_000);
      await ledger.noteWritten(2_500);
      const undoing = await ledger.beginUndo();
      expect(undoing.lastWroteAt).toBe(3_000);
      expect(
        (await listOf(undoing.left())).map(({ seq, wroteAt, hasPassword }) => [seq, wroteAt, hasPassword]),
      ).toEqual([
        [1, 2_000, true],
        [2, 13_000, true],
      ]);
    });

    test("whoever is in the pool has an identity, whoever put it there, in the order of the source", async () => {
      const { ledger } = await planned([1, 2, 3, 4, 5].map((seq) => aPlannedUser(seq)));
      const without = { reason: undefined, message: undefined };
      await ledger.settle([
        { seq: 1, kind: "skipped", ...without },
        { seq: 2, kind: "imported", ...without },
        { seq: 3, kind: "failed", ...without },
        { seq: 4, kind: "skipped", ...without },
      ]);
      await ledger.recordIdentities([
        { seq: 1, sub: "s-1" },
        { seq: 3, sub: "s-3" },
      ]);
      expect(await listOf(ledger.identities())).toEqual([
        { sourceId: "id-1", username: "u1", sub: "s-1" },
        { sourceId: "id-2", username: "u2", sub: undefined },
      ]);
    });

    test("whatever its texts hold, a user comes back as it was planned", async () => {
      const texts = [
        ...NAUGHTY_STRINGS.filter((text) => text.isWellFormed()),
        "",
        " ",
        "\0",
        "a\0b\0",
        "\uFDD0",
        "\uFDD00000",
        "\uFFFF",
        "\\",
        "\\x41",
        "'; DROP TABLE users; --",
        '{"a",NULL}',
        "NULL",
        "?",
        "$1",
        "\u{1F600}",
        "\u00e9 e\u0301",
        "\u{1F600}\\\"'\0".repeat(20_000),
      ];
      const users = texts.map((text, index) => {
        const seq = index + 1;
        const isSent = index % 2 === 0;
        return aPlannedUser(seq, {
          username: `${text}${seq}`,
          sourceId: text,
          attributes: [["name", text]],
          password: text,
          passwordHash: isSent ? { algorithm: "BCRYPT", value: text } : undefined,
          route: isSent ? "import-job" : "none",
          notSent: isSent
            ? undefined
            : { kind: "rejected", causes: [{ code: "username-invalid", attribute: text, message: text }] },
          issues: [{ code: "phone-not-e164", attribute: text, message: text }],
          followUps: [
            { kind: "add-to-group", group: text },
            { kind: "link-provider", provider: text, subject: text },
          ],
          claims: someClaims({ username: `${text}${seq}`, email: `${text}${seq}`, phone: `${text}${seq}` }),
          sourceRow: JSON.stringify([text]),
        });
      });
      const { ledger, kind } = await planned(users, "newest");
      const sent = users.filter(({ notSent }) => notSent === undefined);
      await ledger.requireWhole();
      expect(await listOf(ledger.usersToSpool("BCRYPT"))).toEqual(
        sent.map(({ seq, username, attributes, smsMfa, passwordHash }) => ({
          seq,
          username,
          attributes,
          smsMfa,
          passwordHash: passwordHash?.value,
        })),
      );
      expect(
        (await listOf(ledger.usersWithOutcome("rejected"))).map(({ sourceId, sourceRow, message }) => [
          sourceId,
          sourceRow,
          message,
        ]),
      ).toEqual(
        users
          .filter(({ notSent }) => notSent !== undefined)
          .map(({ sourceId, sourceRow }) => [sourceId, sourceRow, sourceId]),
      );
      expect((await listOf(ledger.warnings())).map(({ attribute, message }) => [attribute, message])).toEqual(
        sent.map(({ sourceId }) => [sourceId, sourceId]),
      );
      for (const { seq, username = "" } of sent)
        expect(await ledger.claimantOf(username)).toMatchObject({ seq });
      await ledger.settle(
        sent.map(({ seq, sourceId }) => ({ seq, kind: "imported", reason: undefined, message: sourceId })),
      );
      await ledger[Symbol.asyncDispose]();
      await using again = await kind.reopen();
      const pending = await listOf(again.pendingFollowUps("rest"));
      expect(pending.map(({ password, followUp }) => [password, followUp])).toEqual(
        sent.flatMap(({ sourceId: text = "" }) => [
          [text, { kind: "add-to-group", group: text }],
          [text, { kind: "link-provider", provider: text, subject: text }],
        ]),
      );
      expect((await listOf(again.usersWithOutcome("imported"))).map(({ message }) => message)).toEqual(
        sent.map(({ sourceId }) => sourceId),
      );
      expect((await listOf((await again.beginUndo()).left())).map(({ username }) => username)).toEqual(
        sent.map(({ username }) => username),
      );
      await using verification = await again.beginVerification();
      for (const { seq, username = "" } of sent)
        expect(await verification.usersNamed(username)).toMatchObject([{ seq }]);
    });

    test("a run of which no sample was taken has a timeline without any", async () => {
      const { ledger } = await planned([aPlannedUser(1)]);
      expect(await ledger.timeline()).toEqual({ samples: [] });
      expect(await ledger.samplesSince(0)).toEqual([]);
    });

    test("samples are told in order, by the second, and are there when the ledger is opened again", async () => {
      const { ledger, kind } = await planned([aPlannedUser(1)]);
      const first = aSample({ at: 10_000, intervalMs: 0, settled: 3 });
      const rates = [{ category: "UserCreation", requests: 195, limit: 40 }];
      const second = aSample({
        at: 15_000,
        intervalMs: 5_000,
        settled: 180,
        underWay: { inJobs: 7, sent: 5 },
        rates,
      });
      await ledger.addSample(first);
      await ledger.addSample(second);
      await ledger[Symbol.asyncDispose]();
      await using again = await kind.reopen();
      expect(await again.samplesSince(10_001)).toEqual([second]);
      expect(await again.samplesSince(0)).toEqual([first, second]);
      expect(await again.timeline()).toEqual({
        samples: [
          { at: 10_000, settled: 3, rates: [] },
          { at: 15_000, settled: 180, rates: [{ category: "UserCreation", taken: 39, limit: 40 }] },
        ],
      });
    });

    test("what workers did at the same time is put together, and what came between two sessions is left out", async () => {
      const { ledger } = await planned([aPlannedUser(1)]);
      const rates = [{ category: "UserCreation", requests: 100, limit: 40 }];
      const take = (session: string, at: number, settled: number) =>
        ledger.addSample(aSample({ session, at, intervalMs: 5_000, settled, rates }));
      await take("one", 0, 100);
      await take("two", 2_000, 90);
      await take("one", 900_000, 200);
      const taken = [{ category: "UserCreation", taken: 40, limit: 40 }];
      expect(await ledger.timeline()).toEqual({
        samples: [
          { at: 2_000, settled: 100, rates: [{ ...taken[0], taken: 40 }] },
          { at: 900_000, settled: 200, rates: [{ ...taken[0], taken: 20 }] },
        ],
      });
    });

    test("the timeline of a long run has 300 samples at the most, and its rates are those of the whole time", async () => {
      const { ledger } = await planned([aPlannedUser(1)]);
      const rates = [{ category: "UserUpdate", requests: 50, limit: 20 }];
      for (let number = 1; number <= 2_500; number += 1)
        await ledger.addSample(
          aSample({ at: number * 5_003, intervalMs: 5_000, settled: number * 50, rates }),
        );
      const { samples } = await ledger.timeline();
      expect(samples.length).toBeLessThanOrEqual(300);
      expect(samples.length).toBeGreaterThan(250);
      expect(samples.at(-1)).toEqual({
        at: 2_500 * 5_003,
        settled: 125_000,
        rates: [{ category: "UserUpdate", taken: 10, limit: 20 }],
      });
      for (const [place, { at, settled }] of samples.entries()) {
        expect(at).toBeGreaterThan(samples[place - 1]?.at ?? 0);
        expect(settled).toBe((at / 5_003) * 50);
      }
    });

    test("its progress is told from the rows that are read to the follow-ups that are done", async () => {
      const kind = aKind();
      const ledger = await kind.create(someFacts());
      const group = { kind: "add-to-group", group: "staff" } as const;
      await ledger.addUsers([
        aPlannedUser(1, { followUps: [group] }),
        aPlannedUser(2, { followUps: [group, { kind: "disable" }] }),
        aPlannedUser(3, { route: "admin-create", followUps: [group] }),
        aPlannedUser(4, { route: "none", notSent: REJECTED }),
      ]);
      expect(await ledger.progress()).toMatchObject({ state: "planning", users: 4, settled: 0, jobs: [] });
      await ledger.finishPlan(SOME_SOURCE);
      const part = await addPart(ledger, undefined, 2);
      const job = await ledger.addJob(part.id, "job-1");
      await ledger.changeJob(job.id, { state: "started", status: "InProgress" });
      expect(await ledger.progress()).toEqual({
        state: "planned",
        users: 4,
        settled: 1,
        failed: 0,
        skipped: 0,
        rejected: 1,
        left: { importJobs: 2, adminCreate: 1, signUp: 0 },
        followUps: { wanted: 4, done: 0, failed: 0 },
        jobs: [{ part: part.id, rows: 2, state: "started", status: "InProgress" }],
      });
      await ledger.settle([
        { seq: 1, kind: "imported", reason: undefined, message: undefined },
        { seq: 2, kind: "imported", reason: undefined, message: undefined },
        { seq: 3, kind: "failed", reason: "x", message: undefined },
      ]);
      await ledger.settlePart(part.id, { ended: 2, failed: 0 });
      await ledger.takeFollowUps("disable");
      const [disable] = await listOf(ledger.pendingFollowUps("disable"));
      await ledger.settleFollowUps([{ id: disable?.id ?? 0, state: "done" }], 1);
      expect(await ledger.progress()).toMatchObject({
        settled: 4,
        failed: 1,
        left: { importJobs: 0, adminCreate: 0, signUp: 0 },
        followUps: { wanted: 3, done: 1, failed: 0 },
        jobs: [],
      });
    });

    test("two jobs never have the same name", async () => {
      const { ledger } = await planned([aPlannedUser(1)]);
      const part = await addPart(ledger, undefined, 1);
      await ledger.addJob(part.id, "job");
      await expect(ledger.addJob(part.id, "job")).rejects.toThrow(/unique/i);
    });
  });
}
