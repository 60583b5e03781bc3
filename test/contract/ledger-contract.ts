import { describe, expect, test } from "vitest";
import type { Issue } from "../../src/core/issue.ts";
import type { PlannedUser } from "../../src/core/planned-user.ts";
import type { Ledger, RunFacts, SourceFacts } from "../../src/ledger/ledger.ts";
import { aPool } from "../support/builders.ts";

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
    route: "import-job",
    followUps: [],
    notSent: undefined,
    issues: [],
    claims: { username: `u${seq}`, email: undefined, phone: undefined },
    sourceRow: `["u${seq}"]`,
    ...over,
  };
}

const SOCIAL_ONLY: Issue = { code: "user-social-only", attribute: undefined, message: "social" };

const REJECTED: PlannedUser["notSent"] = {
  kind: "rejected",
  causes: [{ code: "username-invalid", attribute: "username", message: "unfit" }],
};

/** Facts of a run. */
export function someFacts(): RunFacts {
  return {
    runId: "20260101-000000-abc123",
    source: "csv:/users.csv",
    connection: {
      region: "eu-west-1",
      profile: undefined,
      endpointUrl: undefined,
      logsEndpointUrl: undefined,
    },
    pool: aPool(),
    logsRoleArn: undefined,
  };
}

const SOURCE: SourceFacts = { description: "CSV", fields: ["username"], isTable: true, unusedFields: [] };

/** How a ledger of one kind is made, and opened again as another process would. */
export interface LedgerKind {
  create(facts: RunFacts): Promise<Ledger>;
  reopen(): Promise<Ledger>;
}

/** What every ledger promises. */
export function describeLedger(name: string, aKind: () => LedgerKind): void {
  describe(name, () => {
    async function planned(users: readonly PlannedUser[]): Promise<{ ledger: Ledger; kind: LedgerKind }> {
      const kind = aKind();
      const ledger = await kind.create(someFacts());
      ledger.addUsers(users);
      ledger.rejectClashes();
      ledger.finishPlan(SOURCE);
      return { ledger, kind };
    }

    const usernamesOf = (
      users: Iterable<{ username: string | undefined }>,
    ): readonly (string | undefined)[] => [...users].map(({ username }) => username);

    test("a new run is in planning, and a finished plan is planned with its facts", async () => {
      const kind = aKind();
      const ledger = await kind.create(someFacts());
      expect(ledger.state).toBe("planning");
      expect(ledger.source).toBeUndefined();
      ledger.finishPlan(SOURCE);
      expect(ledger.state).toBe("planned");
      expect(ledger.source).toEqual(SOURCE);
      expect(JSON.parse(JSON.stringify(ledger.facts))).toEqual(JSON.parse(JSON.stringify(someFacts())));
    });

    test("what was written is there when the ledger is opened again", async () => {
      const { ledger, kind } = await planned([aPlannedUser(1), aPlannedUser(2)]);
      const part = ledger.addPart({ algorithm: undefined, rows: 2, bytes: 20, sha256: "aa" }, 2);
      const job = ledger.addJob(part.id, "job-1");
      ledger.changeJob(job.id, { state: "created", jobId: "import-1" });
      ledger.settleLines(part.id, [{ line: 2, kind: "imported", reason: undefined, message: undefined }]);
      ledger.setState("applying");
      ledger[Symbol.dispose]();

      using again = await kind.reopen();
      expect(again.state).toBe("applying");
      expect(again.parts()).toEqual([part]);
      expect(again.jobsOf(part.id)).toMatchObject([
        { name: "job-1", state: "created", jobId: "import-1", status: undefined },
      ]);
      expect(usernamesOf(again.unsettledOfPart(part.id))).toEqual(["u1"]);
      expect(again.counts()).toEqual({
        rows: 2,
        routes: { "import-job": 2, "admin-create": 0, none: 0 },
        outcomes: { imported: 1, updated: 0, skipped: 0, failed: 0, rejected: 0 },
        unsettled: 1,
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
      expect([...ledger.usersWithOutcome("rejected")]).toMatchObject([
        {
          seq: 1,
          line: 2,
          sourceId: "id-1",
          reason: "username-invalid",
          message: "first; second",
          sourceRow: '["u1"]',
        },
      ]);
      expect([...ledger.usersWithOutcome("skipped")]).toMatchObject([
        { seq: 2, reason: "user-social-only", message: "social" },
      ]);
      expect(ledger.issueCounts()).toContainEqual({ code: "phone-not-e164", severity: "warning", count: 1 });
      expect(ledger.reasonCounts()).toEqual([
        { kind: "skipped", reason: "user-social-only", example: "social", count: 1 },
        { kind: "rejected", reason: "username-invalid", example: "first; second", count: 1 },
      ]);
    });

    test("everyone who claims what another one claims is rejected, and each names the others", async () => {
      const claims = (username: string, email?: string, phone?: string): PlannedUser["claims"] => ({
        username,
        email,
        phone,
      });
      const { ledger } = await planned([
        aPlannedUser(1, { claims: claims("ann", "a@example.com") }),
        aPlannedUser(2, { claims: claims("ann") }),
        aPlannedUser(3, { claims: claims("bob", "a@example.com") }),
        aPlannedUser(4, { claims: claims("cy", undefined, "+1") }),
        aPlannedUser(5, { claims: claims("dee", undefined, "+1") }),
        aPlannedUser(6, { claims: claims("eve", "e@example.com", "+2") }),
      ]);
      expect(
        [...ledger.usersWithOutcome("rejected")].map(({ seq, reason, message }) => [seq, reason, message]),
      ).toEqual([
        [
          1,
          "duplicate-username",
          "the username is also that of row 2; the verified e-mail address is also that of row 3",
        ],
        [2, "duplicate-username", "the username is also that of row 1"],
        [3, "duplicate-email", "the verified e-mail address is also that of row 1"],
        [4, "duplicate-phone", "the verified phone number is also that of row 5"],
        [5, "duplicate-phone", "the verified phone number is also that of row 4"],
      ]);
      expect(ledger.counts()).toMatchObject({
        routes: { "import-job": 1, "admin-create": 0, none: 5 },
        unsettled: 1,
      });
      expect(usernamesOf(ledger.usersToSpool(undefined))).toEqual(["u6"]);
    });

    test("a clash of very many names the first few", async () => {
      const { ledger } = await planned(
        Array.from({ length: 9 }, (_, index) =>
          aPlannedUser(index + 1, { claims: { username: "x", email: undefined, phone: undefined } }),
        ),
      );
      const [first] = ledger.usersWithOutcome("rejected");
      expect(first?.message).toBe("the username is also that of rows 2, 3, 4, 5, 6 and 3 more");
    });

    test("parts take users in order, without those who are settled, and lines follow", async () => {
      const users = Array.from({ length: 2_500 }, (_, index) =>
        aPlannedUser(
          index + 1,
          index % 5 === 0 ? { route: "none", notSent: REJECTED, claims: undefined } : {},
        ),
      );
      const { ledger } = await planned(users);
      const toSend = users.filter(({ notSent }) => notSent === undefined).map(({ username }) => username);
      expect(usernamesOf(ledger.usersToSpool(undefined))).toEqual(toSend);
      const first = ledger.addPart({ algorithm: undefined, rows: 4, bytes: 1, sha256: "a" }, 5);
      expect(usernamesOf(ledger.usersOfPart(first.id))).toEqual(["u2", "u3", "u4", "u5"]);
      expect(usernamesOf(ledger.usersToSpool(undefined))).toEqual(toSend.slice(4));
      ledger.settleLines(first.id, [{ line: 3, kind: "failed", reason: "import-failed", message: "no" }]);
      expect([...ledger.usersWithOutcome("failed")]).toMatchObject([{ username: "u4", message: "no" }]);
    });

    test("a part whose size the ledger does not confirm is refused and not kept", async () => {
      const { ledger } = await planned([aPlannedUser(1)]);
      expect(() => ledger.addPart({ algorithm: undefined, rows: 2, bytes: 1, sha256: "a" }, 1)).toThrow(
        "should hold 2 users",
      );
      expect(ledger.parts()).toEqual([]);
      expect(usernamesOf(ledger.usersToSpool(undefined))).toEqual(["u1"]);
    });

    test("an outcome that is settled never changes", async () => {
      const { ledger } = await planned([aPlannedUser(1), aPlannedUser(2), aPlannedUser(3)]);
      const part = ledger.addPart({ algorithm: undefined, rows: 3, bytes: 1, sha256: "a" }, 3);
      ledger.settleLines(part.id, [{ line: 1, kind: "imported", reason: undefined, message: undefined }]);
      ledger.settleLines(part.id, [{ line: 1, kind: "failed", reason: "import-failed", message: "late" }]);
      ledger.settle([{ seq: 1, kind: "skipped", reason: "user-exists", message: "late" }]);
      ledger.settle([{ seq: 2, kind: "skipped", reason: "user-exists", message: undefined }]);
      ledger.settleRest(part.id, { kind: "failed", reason: "not-imported", message: "gone" });
      expect(ledger.counts().outcomes).toMatchObject({ imported: 1, skipped: 1, failed: 1 });
      expect(ledger.countUnsettledOfPart(part.id)).toBe(0);
    });

    test("users can be settled while those that are not are read", async () => {
      const { ledger } = await planned(Array.from({ length: 2_100 }, (_, index) => aPlannedUser(index + 1)));
      const part = ledger.addPart({ algorithm: undefined, rows: 2_100, bytes: 1, sha256: "a" }, 2_100);
      let count = 0;
      for (const { seq } of ledger.unsettledOfPart(part.id)) {
        ledger.settle([{ seq, kind: "imported", reason: undefined, message: undefined }]);
        count += 1;
      }
      expect(count).toBe(2_100);
    });

    test("a name leads to the one user who is sent under it", async () => {
      const { ledger } = await planned([
        aPlannedUser(1),
        aPlannedUser(2, { route: "none", notSent: REJECTED, claims: undefined, username: "u9" }),
      ]);
      expect(ledger.claimantOf("u1")).toEqual({
        seq: 1,
        route: "import-job",
        part: undefined,
        sentAt: undefined,
        refusal: undefined,
        outcome: undefined,
        sub: undefined,
      });
      expect(ledger.claimantOf("u9")).toBeUndefined();
    });

    test("subs are wanted for those who are in the pool, and asked for only once", async () => {
      const { ledger } = await planned([aPlannedUser(1), aPlannedUser(2), aPlannedUser(3)]);
      ledger.settle([
        { seq: 1, kind: "imported", reason: undefined, message: undefined },
        { seq: 2, kind: "skipped", reason: "user-exists", message: undefined },
        { seq: 3, kind: "failed", reason: "import-failed", message: undefined },
      ]);
      expect(usernamesOf(ledger.usersWithoutSub())).toEqual(["u1", "u2"]);
      ledger.recordIdentities([{ seq: 1, sub: "s-1" }]);
      expect(ledger.countWithoutSub()).toBe(1);
      expect([...ledger.usersWithOutcome("imported")]).toMatchObject([{ seq: 1, sub: "s-1" }]);
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
      expect(usernamesOf(ledger.usersToSpool(undefined))).toEqual(["u1"]);
      expect([...ledger.usersToCreate()]).toMatchObject([
        { seq: 2, username: "u2", sentAt: undefined },
        { seq: 4, username: "u4", sentAt: undefined },
      ]);
      ledger.settle([{ seq: 2, kind: "failed", reason: "user-refused", message: "no" }]);
      expect(usernamesOf(ledger.usersToCreate())).toEqual(["u4"]);
      expect(ledger.countUnsettledOfRoute("admin-create")).toBe(1);
      expect(ledger.countUnsettledOfRoute("import-job")).toBe(1);
    });

    test("who was about to be sent is in question, since the first time", async () => {
      const { ledger, kind } = await toCreate(1, 2, 3);
      expect(ledger.countInQuestion()).toBe(0);
      ledger.noteSent([1, 2], 1_000);
      ledger.noteSent([2, 3], 2_000);
      ledger.settle([{ seq: 1, kind: "imported", reason: undefined, message: undefined }]);
      ledger[Symbol.dispose]();
      using again = await kind.reopen();
      expect(again.countInQuestion()).toBe(2);
      expect(usernamesOf(again.usersInQuestion())).toEqual(["u2", "u3"]);
      expect([...again.usersToCreate()].map(({ sentAt }) => sentAt)).toEqual([1_000, 2_000]);
      expect(again.claimantOf("u2")).toMatchObject({ route: "admin-create", sentAt: 1_000 });
    });

    test("who was refused at the first call was not created by it, at a later one perhaps", async () => {
      const { ledger } = await toCreate(1, 2, 3);
      ledger.noteSent([1, 2], 1_000);
      ledger.noteRefusal(1, "taken", "first");
      ledger.noteRefusal(2, "taken again", "again");
      expect(ledger.claimantOf("u1")).toMatchObject({ sentAt: undefined, refusal: "taken" });
      expect(ledger.claimantOf("u2")).toMatchObject({ sentAt: 1_000, refusal: "taken again" });
      expect(usernamesOf(ledger.usersToCreate())).toEqual(["u3"]);
      expect(usernamesOf(ledger.usersInQuestion())).toEqual(["u1", "u2"]);
      ledger.settle([{ seq: 2, kind: "imported", reason: undefined, message: undefined }]);
      ledger.settleRefused({ kind: "failed", reason: "alias-exists" });
      expect([...ledger.usersWithOutcome("failed")]).toMatchObject([
        { seq: 1, reason: "alias-exists", message: "taken" },
      ]);
      expect(ledger.counts()).toMatchObject({ outcomes: { imported: 1, failed: 1 }, unsettled: 1 });
    });

    const FOLLOW_UPS: PlannedUser["followUps"] = [
      { kind: "disable" },
      { kind: "add-to-group", group: "b" },
      { kind: "add-to-group", group: "a" },
      { kind: "set-mfa" },
      { kind: "link-provider", provider: "Google", subject: "g-1" },
    ];

    test("follow-ups are those of users whom the run imported, in their order", async () => {
      const followUps = FOLLOW_UPS;
      const { ledger } = await planned([1, 2, 3].map((seq) => aPlannedUser(seq, { followUps })));
      expect(ledger.countPendingFollowUps("disable")).toBe(0);
      ledger.settle([
        { seq: 1, kind: "imported", reason: undefined, message: undefined },
        { seq: 2, kind: "skipped", reason: "user-exists", message: undefined },
      ]);
      ledger.recordIdentities([{ seq: 1, sub: "s-1" }]);
      expect([...ledger.pendingFollowUps("disable")]).toMatchObject([
        { seq: 1, username: "u1", sub: "s-1", followUp: { kind: "disable" } },
      ]);
      expect([...ledger.pendingFollowUps("rest")].map(({ followUp }) => followUp)).toEqual(
        FOLLOW_UPS.slice(1),
      );
      expect(ledger.countPendingFollowUps("rest")).toBe(4);
      expect(ledger.groupsToJoin()).toEqual(["a", "b"]);
      // Those of the third user can still come, those of the second never.
      expect(ledger.followUpCounts()).toEqual({
        disable: { planned: 2, done: 0, failed: 0 },
        "add-to-group": { planned: 4, done: 0, failed: 0 },
        "set-mfa": { planned: 2, done: 0, failed: 0 },
        "link-provider": { planned: 2, done: 0, failed: 0 },
      });
    });

    test("a settled follow-up stays so, and one that failed is named with its target", async () => {
      const { ledger, kind } = await planned([aPlannedUser(1, { followUps: FOLLOW_UPS })]);
      ledger.settle([{ seq: 1, kind: "imported", reason: undefined, message: undefined }]);
      const pending = [...ledger.pendingFollowUps("disable"), ...ledger.pendingFollowUps("rest")];
      ledger.settleFollowUps(
        pending.map(({ id, followUp }) =>
          followUp.kind === "link-provider"
            ? { id, state: "failed", message: "no such provider" }
            : { id, state: "done" },
        ),
      );
      ledger.settleFollowUps(pending.map(({ id }) => ({ id, state: "failed", message: "late" })));
      ledger[Symbol.dispose]();
      using again = await kind.reopen();
      expect(again.countPendingFollowUps("disable") + again.countPendingFollowUps("rest")).toBe(0);
      expect(again.followUpCounts()["add-to-group"]).toEqual({ planned: 2, done: 2, failed: 0 });
      expect(again.reasonCounts()).toEqual([
        {
          kind: "imported",
          reason: "follow-up-failed",
          example: "link-provider: no such provider",
          count: 1,
        },
      ]);
      expect([...again.failedFollowUps()]).toEqual([
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
      ledger.settle(
        users.map(({ seq }) => ({ seq, kind: "imported", reason: undefined, message: undefined })),
      );
      let count = 0;
      for (const { id } of ledger.pendingFollowUps("rest")) {
        ledger.settleFollowUps([{ id, state: "done" }]);
        count += 1;
      }
      expect(count).toBe(2_700);
      expect(ledger.countPendingFollowUps("rest")).toBe(0);
    });

    test("the password hashes of a part are gone once it is settled, and all of them when they are erased", async () => {
      const passwordHash = { algorithm: "BCRYPT", value: "$2b$10$hash" } as const;
      const { ledger } = await planned([1, 2].map((seq) => aPlannedUser(seq, { passwordHash })));
      const part = ledger.addPart({ algorithm: "BCRYPT", rows: 1, bytes: 1, sha256: "a" }, 1);
      const hashesOf = (users: Iterable<{ passwordHash: string | undefined }>) =>
        [...users].map((user) => user.passwordHash);
      expect(hashesOf(ledger.usersOfPart(part.id))).toEqual(["$2b$10$hash"]);
      ledger.settlePart(part.id);
      expect(hashesOf(ledger.usersOfPart(part.id))).toEqual([undefined]);
      expect(hashesOf(ledger.usersToSpool("BCRYPT"))).toEqual(["$2b$10$hash"]);
      ledger.eraseHashes();
      expect(hashesOf(ledger.usersToSpool("BCRYPT"))).toEqual([undefined]);
    });

    test("two jobs never have the same name", async () => {
      const { ledger } = await planned([aPlannedUser(1)]);
      const part = ledger.addPart({ algorithm: undefined, rows: 1, bytes: 1, sha256: "a" }, 1);
      ledger.addJob(part.id, "job");
      expect(() => ledger.addJob(part.id, "job")).toThrow(/unique/i);
    });
  });
}
