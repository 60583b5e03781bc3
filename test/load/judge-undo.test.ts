import { expect, test } from "vitest";
import type { ListedUser } from "../../src/cognito/list-users.ts";
import type { UndoCandidate } from "../../src/ledger/ledger.ts";
import { judgeUndo, type UndoRules } from "../../src/load/judge-undo.ts";

const SENT_AT = Date.UTC(2026, 0, 1, 12);
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

const IMPORTED: UndoCandidate = {
  seq: 1,
  username: "ada",
  attributes: [
    ["email", "ada@example.com"],
    ["email_verified", "false"],
  ],
  route: "import-job",
  sub: "sub-1",
  isImported: true,
  since: SENT_AT,
  hasPassword: false,
  wroteAt: undefined,
};

const LISTED: ListedUser = {
  username: "ada",
  sub: "sub-1",
  email: undefined,
  phoneNumber: undefined,
  attributes: [
    ["sub", "sub-1"],
    ["email", "ada@example.com"],
  ],
  enabled: true,
  status: "RESET_REQUIRED",
  createdAt: SENT_AT + SECOND,
  modifiedAt: SENT_AT + SECOND,
};

const RULES: UndoRules = { action: "delete", includeChanged: false, lastWroteAt: SENT_AT + HOUR };

interface Case {
  readonly what: string;
  readonly candidate?: Partial<UndoCandidate>;
  readonly listed?: Partial<ListedUser>;
  readonly rules?: Partial<UndoRules>;
  readonly becomes: "undo" | "foreign" | "disabled" | "changed-since" | "kept";
}

const NAMED = { sub: undefined };
const UNSURE = { ...NAMED, isImported: false };
const CREATED = { ...NAMED, route: "admin-create" } as const;
const LATER = { modifiedAt: SENT_AT + 2 * HOUR };
const OLDER = { createdAt: SENT_AT - HOUR, modifiedAt: SENT_AT - HOUR };
const ANEW = { createdAt: SENT_AT + 2 * HOUR, modifiedAt: SENT_AT + 2 * HOUR };
const INITIAL = { status: "FORCE_CHANGE_PASSWORD" };

const CASES: readonly Case[] = [
  { what: "as the run created it", becomes: "undo" },
  {
    what: "signed up by the run",
    candidate: { route: "sign-up" },
    listed: { status: "UNCONFIRMED" },
    becomes: "undo",
  },
  {
    what: "signed up by the run, and confirmed by the user since",
    candidate: { route: "sign-up" },
    listed: { status: "CONFIRMED", ...LATER },
    becomes: "changed-since",
  },
  {
    what: "signed up by somebody under a name that the run sent, as the status does not tell who it was",
    candidate: { ...UNSURE, route: "sign-up" },
    listed: { status: "UNCONFIRMED" },
    becomes: "kept",
  },
  { what: "changed by its own creation", listed: { modifiedAt: SENT_AT + 5 * SECOND }, becomes: "undo" },
  { what: "changed later", listed: LATER, becomes: "changed-since" },
  {
    what: "changed later, which is included",
    listed: LATER,
    rules: { includeChanged: true },
    becomes: "undo",
  },
  {
    what: "changed while the run went on",
    listed: { modifiedAt: SENT_AT + HOUR / 2 },
    becomes: "changed-since",
  },
  {
    what: "changed by a follow-up",
    candidate: { wroteAt: SENT_AT + HOUR },
    listed: { modifiedAt: SENT_AT + HOUR },
    becomes: "undo",
  },
  {
    what: "changed after its follow-ups",
    candidate: { wroteAt: SENT_AT + HOUR },
    listed: LATER,
    becomes: "changed-since",
  },
  {
    what: "with a password of its own before its follow-ups",
    candidate: { wroteAt: SENT_AT + HOUR },
    listed: { modifiedAt: SENT_AT + HOUR / 2, status: "CONFIRMED" },
    becomes: "changed-since",
  },
  {
    what: "with a password of the run's",
    candidate: { wroteAt: SENT_AT + HOUR, hasPassword: true },
    listed: { modifiedAt: SENT_AT + HOUR / 2, status: "CONFIRMED" },
    becomes: "undo",
  },
  { what: "without a time of change", listed: { modifiedAt: undefined }, becomes: "changed-since" },
  { what: "disabled, and to be deleted", listed: { enabled: false }, becomes: "undo" },
  {
    what: "disabled, and to be disabled",
    listed: { ...LATER, enabled: false },
    rules: { action: "disable" },
    becomes: "disabled",
  },
  { what: "older than the run, whatever the ledger says", listed: OLDER, becomes: "kept" },
  {
    what: "older than the run, though changed users are included",
    listed: OLDER,
    rules: { includeChanged: true },
    becomes: "kept",
  },

  { what: "imported and known by name", candidate: NAMED, becomes: "undo" },
  { what: "imported, and from before by name", candidate: NAMED, listed: OLDER, becomes: "kept" },
  { what: "imported, and made anew", candidate: NAMED, listed: ANEW, becomes: "kept" },
  {
    what: "imported, and signed up anew at once",
    candidate: NAMED,
    listed: { status: "CONFIRMED" },
    becomes: "kept",
  },
  { what: "imported, and signing up", candidate: NAMED, listed: { status: "UNCONFIRMED" }, becomes: "kept" },
  {
    what: "imported with a hash and known by name",
    candidate: { ...NAMED, hasPassword: true },
    listed: { status: "CONFIRMED" },
    becomes: "undo",
  },
  {
    what: "imported at a time that is not known",
    candidate: { ...NAMED, since: undefined },
    becomes: "kept",
  },
  {
    what: "known by name, of a run whose last write is not known",
    candidate: NAMED,
    listed: { createdAt: SENT_AT + HOUR, modifiedAt: SENT_AT + HOUR },
    rules: { lastWroteAt: undefined },
    becomes: "kept",
  },
  { what: "perhaps created, and there since", candidate: UNSURE, becomes: "undo" },
  {
    what: "perhaps created, with other values",
    candidate: UNSURE,
    listed: { attributes: [["email", "other@example.com"]] },
    becomes: "kept",
  },
  {
    what: "imported and known by name, with other values",
    candidate: NAMED,
    listed: { attributes: [["email", "other@example.com"]] },
    becomes: "undo",
  },
  { what: "perhaps created, and there before", candidate: UNSURE, listed: OLDER, becomes: "foreign" },
  { what: "perhaps created, and made anew", candidate: UNSURE, listed: ANEW, becomes: "kept" },
  { what: "of a job that never began", candidate: { ...UNSURE, since: undefined }, becomes: "foreign" },
  {
    what: "being created when the run was killed",
    candidate: { ...CREATED, isImported: false },
    listed: { ...INITIAL, createdAt: SENT_AT + 60 * SECOND, modifiedAt: SENT_AT + 60 * SECOND },
    rules: { lastWroteAt: undefined },
    becomes: "undo",
  },
  {
    what: "created long after the run was killed",
    candidate: { ...CREATED, isImported: false },
    listed: { ...INITIAL, ...ANEW },
    rules: { lastWroteAt: undefined },
    becomes: "kept",
  },
];

test.each(CASES)("a user $what: $becomes", ({ candidate, listed, rules, becomes }) => {
  const verdict = judgeUndo({ ...IMPORTED, ...candidate }, { ...LISTED, ...listed }, { ...RULES, ...rules });
  expect(verdict.kind === "leave" ? verdict.result : verdict.kind).toBe(becomes);
});
