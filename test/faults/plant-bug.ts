// Loaded into the command by --import: plants a bug that does nothing to a run that nobody disturbs, and that a matrix must
// find. PLANTED_BUG says which.
import Database from "better-sqlite3";
import { setTimeout as delay } from "node:timers/promises";

const BUG = process.env["PLANTED_BUG"];

/** A follow-up counts as done at once, and is done a moment later. */
async function settleBeforeEffect(): Promise<void> {
  const path = "../../dist/src/cognito/admin-users.js";
  type Do = (this: unknown, ...given: unknown[]) => Promise<void>;
  const { AdminUsers } = (await import(path)) as { readonly AdminUsers: { readonly prototype: { do: Do } } };
  const doIt = AdminUsers.prototype.do;
  AdminUsers.prototype.do = function doLater(...given: unknown[]) {
    void delay(50)
      .then(() => doIt.apply(this, given))
      .catch(() => undefined);
    return Promise.resolve();
  };
}

/** That a user is about to be created is not noted. */
function effectBeforeIntent(): void {
  const { prototype } = Database as unknown as { prototype: Database.Database };
  const prepare = Reflect.get(prototype, "prepare") as (sql: string) => Database.Statement;
  prototype.prepare = function prepareForgetful(this: Database.Database, sql: string) {
    const intent = "UPDATE users SET sent_at = coalesce(sent_at, ?) WHERE seq = ?";
    return prepare.call(this, sql === intent ? intent.replace("?", "nullif(?, 0) * NULL") : sql);
  } as Database.Database["prepare"];
}

/** Who was being created when the answer was lost counts as created. */
async function takeLostAnswersForSuccess(): Promise<void> {
  const path = "../../dist/src/cognito/admin-users.js";
  type Create = (this: unknown, ...given: unknown[]) => Promise<unknown>;
  const { AdminUsers } = (await import(path)) as {
    readonly AdminUsers: { readonly prototype: { create: Create } };
  };
  const create = AdminUsers.prototype.create;
  AdminUsers.prototype.create = function createHopefully(...given: unknown[]) {
    return create.apply(this, given).catch(() => undefined);
  };
}

if (BUG === "lost-answer-as-success") await takeLostAnswersForSuccess();
if (BUG === "settle-before-effect") await settleBeforeEffect();
if (BUG === "effect-before-intent") effectBeforeIntent();
