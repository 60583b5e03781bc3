import type { Ended, Inmate, Mode, Observed, PoolState, Row, Trouble, World } from "./sync-world.ts";

const HOUR_MS = 3_600_000;
const NAMES = ["email", "name", "nickname"] as const;
type Name = (typeof NAMES)[number];

/** What is remembered of a user of the pool whom the sync has to do with. */
interface Memory {
  /** The value on which source and pool were last seen to agree, or that the sync has set. */
  readonly agreed: Map<Name, string | undefined>;
  readonly groups: Set<string>;
  /** Whether it was the sync that locked the user out. */
  locked: "yes" | "no" | "maybe";
  /** Since when the user may count as absent and disabled, and since when it must. */
  absentFrom: number | undefined;
  absentSurely: number | undefined;
}

/**
 * Says what a sync may do to a pool and must have done, from the source, the pool before and after, and what hands did; it
 * knows nothing of the store of the sync. Every method returns what is wrong.
 */
export class Oracle {
  readonly #world: World;
  /** The subs of the users whom the sync manages, by their ids at the source. */
  readonly #managed = new Map<string, string>();
  /** Whom a sync that was not quiet may have adopted. */
  readonly #maybe = new Set<string>();
  readonly #memory = new Map<string, Memory>();
  /** Ids that a sync that was not quiet may have forgotten, as neither the source nor the pool had them. */
  readonly #maybeForgotten = new Set<string>();
  /** The pool at the end of the last sync. */
  #last: PoolState = new Map();
  /** The sources that syncs have seen since the last quiet one. */
  #sources: (readonly Row[])[] = [];
  /** Whether the last sync left something open, and whom hands have changed since. */
  #isOpen = false;
  readonly #fuzzy = new Set<string>();
  /** Whom hands have changed since everybody was last compared. */
  readonly #touched = new Set<string>();
  #isRuleChanged = false;
  #isHeld = false;
  /** How many rows the last full comparison may have seen. */
  #lastRows: number[] = [];
  /** How many users an unfinished sync may still remove. */
  #carry = 0;
  /** The version of the newest row that a quiet sync has seen. */
  #seenVersion = "";

  constructor(world: World) {
    this.#world = world;
  }

  /** A hand has changed a user. */
  touch(sub: string | undefined): void {
    if (sub === undefined) return;
    this.#touched.add(sub);
    if (this.#isOpen) this.#fuzzy.add(sub);
  }

  /** The policies were changed. */
  changeRules(): void {
    this.#isRuleChanged = true;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Whether the last sync has left nothing open. */
  get isSettled(): boolean {
    return !this.#isOpen && !this.#isHeld;
  }

  judge(mode: Mode, trouble: Trouble, seen: Observed): readonly string[] {
    const wrong: string[] = [];
    if (mode.kind === "dry") return this.#judgeDry(seen);
    this.#noteHands(seen.before);
    const wasHeld = this.#isHeld && mode.kind !== "approve";
    const summary = "summary" in seen.ended ? seen.ended.summary : undefined;
    const rows = this.#world.rows;
    this.#sources.push(rows);
    const managedBefore = new Map(this.#managed);
    const again = this.#noteCreated(seen, wrong);
    this.#judgeSafety(mode, seen, again, wrong);
    const isHeldNow = summary?.quarantine !== undefined || (summary === undefined && wasHeld);
    if (trouble.kind === "none") this.#judgeCalls(seen, managedBefore, wrong);
    if (wasHeld || isHeldNow) this.#judgeQuarantine(seen, wrong);
    const isQuiet =
      trouble.kind === "none" &&
      summary !== undefined &&
      summary.quarantine === undefined &&
      summary.guard === undefined &&
      (summary.exitCode === 0 || summary.exitCode === 3);
    if (trouble.kind === "none") wrong.push(...oddEnd(mode, seen.ended, { wasHeld: this.#isHeld, rows }));
    this.#judgeGuards(mode, seen, summary?.kind, isQuiet, wrong);
    if (wasHeld && summary !== undefined && summary.quarantine === undefined)
      wrong.push("the quarantine ended without an approval");
    if (isQuiet) {
      if (summary.counts.failed > 0) wrong.push(`${summary.counts.failed} changes failed without a fault`);
      this.#judgeQuiet(summary.kind === "full", seen, managedBefore, wrong);
    }
    this.#remember(mode, seen, { isQuiet, isFull: summary?.kind === "full", wasHeld, managedBefore });
    // How far an approval came that did not end nobody can tell.
    if (summary !== undefined || (mode.kind === "approve" && !isRefused(seen.ended)))
      this.#isHeld = summary?.quarantine !== undefined;
    return wrong;
  }

  #judgeDry({ before, after, writes }: Observed): readonly string[] {
    return [
      ...(same(before, after) ? [] : ["a dry run changed the pool"]),
      ...(Object.keys(writes).length === 0 ? [] : [`a dry run wrote: ${JSON.stringify(writes)}`]),
    ];
  }

  /** A state in which the last sync did not leave a user is some hand's doing. */
  #noteHands(before: PoolState): void {
    for (const [sub, memory] of this.#memory) {
      const now = before.get(sub);
      const then = this.#last.get(sub);
      if (now === undefined || then === undefined) continue;
      if (then.enabled && !now.enabled) memory.locked = this.#isOpen ? "maybe" : "no";
      // Whether a look comes in between nobody can tell.
      if (!then.enabled && now.enabled && memory.locked === "yes") memory.locked = "maybe";
    }
  }

  /** Returns how many users were made again who had been managed, and were gone by another hand. */
  #noteCreated({ before, after }: Observed, wrong: string[]): number {
    let again = 0;
    for (const [sub, user] of after) {
      if (before.has(sub)) continue;
      const row = this.#sources
        .toReversed()
        .flatMap((rows) =>
          rows.filter((each) => sameName(each.username, user.username) && this.#isToCome(each, rows)),
        )
        .at(0);
      if (row === undefined) {
        wrong.push(`${user.username} was created, and the source does not have it`);
        continue;
      }
      const earlier = this.#managed.get(row.id);
      if (earlier !== undefined && !before.has(earlier) && !this.#maybeForgotten.has(row.id)) again += 1;
      this.#managed.set(row.id, sub);
      this.#memory.set(sub, {
        agreed: new Map(NAMES.map((name) => [name, user.attributes[name]])),
        groups: new Set(user.groups),
        locked: user.enabled ? "no" : "yes",
        absentFrom: undefined,
        absentSurely: undefined,
      });
    }
    return again;
  }

  #isToCome(row: Row, rows: readonly Row[]): boolean {
    const { nature } = this.#world;
    return isFit(row, rows, nature) && !(row.disabled && nature.disabled === "skip");
  }

  #idOf(sub: string): string | undefined {
    return [...this.#managed].find(([, each]) => each === sub)?.[0];
  }

  #mayManage(sub: string, user: Inmate): boolean {
    if (this.#idOf(sub) !== undefined || this.#maybe.has(sub)) return true;
    const mayAdopt = this.#world.policies.adopt === "matching";
    return (
      mayAdopt && this.#sources.some((rows) => rows.some((row) => sameName(row.username, user.username)))
    );
  }

  /** What holds of every sync, whatever happens to it. */
  #judgeSafety(mode: Mode, { before, after }: Observed, again: number, wrong: string[]): void {
    const { policies, now } = this.#world;
    const rows = this.#world.rows;
    const removed = { disables: 0, deletions: 0, again };
    for (const [sub, old] of before) {
      const user = after.get(sub);
      const about = `${old.username} (${sub})`;
      if (!this.#mayManage(sub, old)) {
        if (!isSame(old, user))
          wrong.push(`${about} is a stranger and was changed to ${JSON.stringify(user)}`);
        continue;
      }
      const id = this.#idOf(sub);
      const memory = this.#memory.get(sub);
      if (user === undefined) {
        removed.deletions += 1;
        if (policies.absent !== "delete") wrong.push(`${about} was deleted, and nobody is to be`);
        // Since when one may have been managed nobody can tell.
        if (id === undefined && this.#maybe.has(sub)) continue;
        if (id === undefined || !isAbsent(id, rows))
          wrong.push(`${about} was deleted, and the source has it`);
        const since = memory?.absentFrom;
        const hold = (policies.deleteAfterDays ?? 30) * 24 * HOUR_MS;
        if (old.enabled) wrong.push(`${about} was deleted without having been disabled`);
        else if (since === undefined || now - since < hold)
          wrong.push(
            `${about} was deleted ${since === undefined ? "at once" : `${(now - since) / HOUR_MS} hours after it was disabled`}`,
          );
        continue;
      }
      if (old.enabled && !user.enabled) {
        removed.disables += 1;
        const isMeant = this.#sources.some(
          (each) =>
            each.some((row) => row.disabled && (row.id === id || sameName(row.username, old.username))) ||
            (id === undefined
              ? !each.some((row) => sameName(row.username, old.username))
              : isAbsent(id, each)),
        );
        if (!isMeant) wrong.push(`${about} was disabled, and the source neither lacks nor disables it`);
      }
      if (!old.enabled && user.enabled) {
        if (memory === undefined || memory.locked === "no")
          wrong.push(`${about} was let in, and the sync had not locked it out`);
        const isMeant = rows.some(
          (row) => !row.disabled && !row.deleted && (row.id === id || sameName(row.username, old.username)),
        );
        if (!isMeant) wrong.push(`${about} was let in, and the source does not have it so`);
      }
      for (const name of NAMES) {
        const [was, is] = [old.attributes[name], user.attributes[name]];
        if (was === is) continue;
        const isWanted = this.#sources.some((each) =>
          each.some((row) => (row.id === id || sameName(row.username, old.username)) && row[name] === is),
        );
        if (!isWanted) wrong.push(`${about} got ${name} ${String(is)}, which the source does not say`);
      }
    }
    this.#judgeLimits(mode, removed, wrong);
  }

  #judgeLimits(
    mode: Mode,
    {
      disables,
      deletions,
      again,
    }: { readonly disables: number; readonly deletions: number; readonly again: number },
    wrong: string[],
  ): void {
    const { maxDisables = 500, maxDeletions = 500, maxRemovedShare = 0.2 } = this.#world.policies;
    // No pool of this model has a hundred users.
    const share = Math.floor(maxRemovedShare * 100 + 1e-6);
    const total = disables + deletions + again;
    const text = `${disables} were disabled, ${deletions} deleted and ${again} created again`;
    if (mode.kind === "approve") {
      if (total > mode.ceiling + this.#carry) wrong.push(`${text}, and ${mode.ceiling} were approved`);
      this.#carry = Math.max(0, mode.ceiling + this.#carry - total);
      return;
    }
    const isOver =
      disables > Math.min(maxDisables, share) + this.#carry ||
      deletions > Math.min(maxDeletions, share) + this.#carry ||
      again > share + this.#carry;
    if (isOver) wrong.push(`${text}, above the limits`);
    this.#carry += 3 * share;
  }

  /** Nobody is locked out or deleted for a moment whom the source has by now. */
  #judgeCalls({ writes }: Observed, managed: ReadonlyMap<string, string>, wrong: string[]): void {
    const rows = this.#world.rows;
    const isToGo = (row: Row): boolean => row.disabled || row.deleted;
    const leaving = [...managed.keys()].filter((id) => isAbsent(id, rows)).length;
    const mayDisable = leaving + rows.filter(isToGo).length + this.#maybe.size;
    const { AdminDisableUser: disables = 0, AdminDeleteUser: deletions = 0 } = writes;
    // Whom an unfinished sync was still creating is as it was planned.
    const created = this.#isOpen ? this.#sources.flat().filter(isToGo).length : 0;
    if (disables > mayDisable + created) wrong.push(`${disables} were disabled, if for a moment`);
    if (deletions > leaving) wrong.push(`${deletions} deletions were asked for, and ${leaving} are absent`);
  }

  /** In a quarantine nothing is taken from anybody. */
  #judgeQuarantine({ before, after, writes }: Observed, wrong: string[]): void {
    if (this.#isOpen) return;
    if (this.#world.policies.whenGuarded !== "apply-harmless") {
      if (Object.keys(writes).length > 0) wrong.push(`in quarantine it wrote: ${JSON.stringify(writes)}`);
      if (!same(before, after)) wrong.push("in quarantine the pool was changed");
      return;
    }
    for (const [sub, old] of before) {
      const user = after.get(sub);
      const isTaken =
        user === undefined ||
        (old.enabled && !user.enabled) ||
        old.groups.some((group) => !user.groups.includes(group)) ||
        Object.keys(old.attributes).some((name) => user.attributes[name] === undefined) ||
        (old.attributes["email"] !== undefined && old.attributes["email"] !== user.attributes["email"]);
      if (isTaken) wrong.push(`in quarantine something was taken from ${old.username}`);
    }
  }

  /** A source that is empty or much smaller than before stops everything. */
  #judgeGuards(
    mode: Mode,
    seen: Observed,
    kind: string | undefined,
    isQuiet: boolean,
    wrong: string[],
  ): void {
    if (mode.kind === "approve") return;
    const rows = this.#world.rows.length;
    const { maxShrunkShare = 0.2 } = this.#world.policies;
    const mayLack = (last: number): number => Math.floor(maxShrunkShare * Math.max(last, 100) + 1e-6);
    const isShrunk = this.#lastRows.length > 0 && this.#lastRows.every((last) => last - rows > mayLack(last));
    if (!isShrunk && rows > 0) return;
    if (isQuiet && kind === "full")
      wrong.push(`a source of ${rows} rows passed, after ${this.#lastRows.join(" or ")}`);
    if (this.#isOpen || (isQuiet && kind !== "full")) return;
    const isIncremental = this.#world.nature.isIncremental;
    if (isIncremental) return;
    this.#judgeQuarantine(seen, wrong);
  }

  /** Whoever is managed is as the source has it. */
  #judgeQuiet(isFull: boolean, seen: Observed, managed: ReadonlyMap<string, string>, wrong: string[]): void {
    const { before, after } = seen;
    const rows = this.#world.rows;
    const hasUnreadable = rows.some((row) => row.unreadable === true);
    for (const row of rows) {
      if (row.unreadable === true || row.deleted) continue;
      const known = this.#resolve(row, before, managed, hasUnreadable);
      const isNew = row.version > this.#seenVersion;
      if (!isFull && !isNew && (known.kind !== "managed" || this.#touched.has(known.sub ?? ""))) continue;
      if (!isFull && this.#isRuleChanged) continue;
      if (!isFull && known.kind === "taken-over") continue;
      this.#judgeRow(row, known, { ...seen, isFull, isFitRow: isFit(row, rows, this.#world.nature) }, wrong);
    }
    for (const [id, sub] of managed) {
      const old = before.get(sub);
      if (old === undefined || !isAbsent(id, rows)) continue;
      const isTaken = (row: Row): boolean => this.#resolve(row, before, managed, hasUnreadable).sub === sub;
      if (rows.some((row) => isFit(row, rows, this.#world.nature) && isTaken(row))) continue;
      const isSaid = rows.some((row) => row.id === id && row.deleted && row.unreadable !== true);
      if (!isFull && (!isSaid || this.#touched.has(sub) || this.#isRuleChanged)) continue;
      if (hasUnreadable && !isSaid) {
        if (!this.#isOpen && !isSame(old, after.get(sub)))
          wrong.push(`${old.username} was changed, and may be whom nobody could read`);
        continue;
      }
      this.#judgeAbsent(sub, old, after.get(sub), isFull, wrong);
    }
  }

  #resolve(
    row: Row,
    before: PoolState,
    managed: ReadonlyMap<string, string>,
    hasUnreadable: boolean,
  ): Resolved {
    const sub = managed.get(row.id);
    if (sub !== undefined && before.has(sub)) return { kind: "managed", sub };
    const [taker] = [...before].find(([, user]) => sameName(user.username, row.username)) ?? [];
    if (taker === undefined) return { kind: sub === undefined ? "new" : "gone", sub: undefined };
    const owner = [...managed].find(([, each]) => each === taker)?.[0];
    if (owner === undefined)
      return {
        kind: this.#maybe.has(taker) ? "maybe" : sub === undefined ? "stranger" : "replaced",
        sub: taker,
      };
    const isFree =
      !hasUnreadable &&
      sub === undefined &&
      !this.#world.rows.some((each) => each.id === owner && !each.deleted);
    return { kind: isFree ? "taken-over" : "blocked", sub: taker };
  }

  #judgeRow(
    row: Row,
    known: Resolved,
    { before, after, isFull, isFitRow }: Observed & { readonly isFull: boolean; readonly isFitRow: boolean },
    wrong: string[],
  ): void {
    const { policies, nature } = this.#world;
    const old = known.sub === undefined ? undefined : before.get(known.sub);
    const user = known.sub === undefined ? undefined : after.get(known.sub);
    const about = `${row.id} (${row.username})`;
    const mustStay = (why: string): void => {
      if (!isSame(old, user)) wrong.push(`${about} was changed, and ${why}: ${diff(old, user)}`);
    };
    const isSkipped = row.disabled && nature.disabled === "skip";
    if (!isFitRow) {
      // Of what was about to be done some is done again.
      if (known.kind === "managed" && !this.#isOpen) mustStay("its row is not fit");
      return;
    }
    const now = this.#managed.get(row.id) ?? "";
    const created = before.has(now) ? undefined : after.get(now);
    switch (known.kind) {
      case "new":
      case "gone": {
        const isToCome =
          !isSkipped && (known.kind === "new" || (policies.conflicts ?? "source-wins") === "source-wins");
        if (this.#maybeForgotten.has(row.id)) return;
        if (isToCome && created === undefined) wrong.push(`${about} is not in the pool`);
        if (!isToCome && created !== undefined) wrong.push(`${about} was created, and is to stay away`);
        if (created !== undefined) this.#judgeCreated(row, created, wrong);
        return;
      }
      case "blocked":
        if (!this.#isOpen) mustStay("belongs to another id");
        return;
      case "stranger":
        if (old === undefined || user === undefined) wrong.push(`${about} is gone from the pool`);
        else if (policies.adopt !== "matching" || isSkipped) mustStay("is a stranger");
        else this.#judgeUser(row, { sub: known.sub ?? "", old, user, isAdopted: true, isFull, about }, wrong);
        return;
      case "replaced":
        if (policies.adopt !== "matching") mustStay("is a stranger who took its place");
        return;
      case "maybe":
        return;
      case "managed":
      case "taken-over":
        if (old === undefined || user === undefined) wrong.push(`${about} is gone from the pool`);
        else
          this.#judgeUser(row, { sub: known.sub ?? "", old, user, isAdopted: false, isFull, about }, wrong);
    }
  }

  #judgeCreated(row: Row, user: Inmate, wrong: string[]): void {
    const about = `${row.id} (${row.username})`;
    for (const name of NAMES)
      if (user.attributes[name] !== row[name])
        wrong.push(
          `${about} was created with ${name} ${String(user.attributes[name])}, not ${String(row[name])}`,
        );
    if (row.email !== undefined && (user.attributes["email_verified"] === "true") !== row.email_verified)
      wrong.push(`${about} was created with the wrong verified flag`);
    if (user.enabled === row.disabled)
      wrong.push(`${about} was created ${user.enabled ? "enabled" : "disabled"}`);
    if (user.groups.join() !== row.teams.toSorted().join())
      wrong.push(`${about} was created in ${user.groups.join()}`);
  }

  #judgeUser(row: Row, { sub, old, user, isAdopted, isFull, about }: Pairing, wrong: string[]): void {
    const memory = this.#memory.get(sub);
    const isStrict = !this.#fuzzy.has(sub) && !(!isFull && this.#touched.has(sub));
    const sourceWins = (this.#world.policies.conflicts ?? "source-wins") === "source-wins";
    const isSkipped = row.disabled && this.#world.nature.disabled === "skip";
    for (const name of NAMES) {
      // Who is passed over is disabled, and nothing else.
      if (isSkipped) break;
      const [was, is, want, agreed] = [
        old.attributes[name],
        user.attributes[name],
        row[name],
        memory?.agreed.get(name),
      ];
      const isKept = want === undefined && agreed === undefined;
      const isPools = isAdopted ? was !== undefined : was !== agreed;
      const isUnverified = name === "email" && want !== undefined && !row.email_verified;
      const expected = was === want ? want : isKept || isUnverified || (isPools && !sourceWins) ? was : want;
      const isRight = isStrict ? is === expected : is === want || is === was;
      if (!isRight)
        wrong.push(
          `${about} has ${name} ${String(is)} and not ${String(expected)}; before ${String(was)}, wanted ${String(want)}, agreed ${String(agreed)}`,
        );
    }
    if (!isSkipped && row.email !== undefined && user.attributes["email"] === row.email) {
      const isVerified = user.attributes["email_verified"] === "true";
      if (row.email_verified && !isVerified) wrong.push(`${about} has an address that is not verified`);
      if (
        !row.email_verified &&
        old.attributes["email"] === row.email &&
        old.attributes["email_verified"] !== user.attributes["email_verified"]
      )
        wrong.push(`${about} has lost that its address is verified`);
    }
    this.#judgeGroups(row, { sub, old, user, isAdopted, isFull, about }, isStrict, wrong);
    this.#judgeAccess(row, { sub, old, user, isAdopted, isFull, about }, isStrict, wrong);
  }

  #judgeGroups(
    row: Row,
    { sub, old, user, isAdopted, isFull, about }: Pairing,
    isStrict: boolean,
    wrong: string[],
  ): void {
    const sourceWins = (this.#world.policies.conflicts ?? "source-wins") === "source-wins";
    const agreed = this.#memory.get(sub)?.groups ?? new Set<string>();
    const isAsked = (group: string): boolean =>
      this.#world.rows.some((each) => each.teams.includes(group) && this.#isToCome(each, this.#world.rows));
    const isSkipped = row.disabled && this.#world.nature.disabled === "skip";
    for (const group of new Set([...row.teams, ...old.groups, ...user.groups, ...agreed])) {
      const [was, is, want] = [
        old.groups.includes(group),
        user.groups.includes(group),
        row.teams.includes(group),
      ];
      const isPools = was !== agreed.has(group);
      const mayStay = was === is && (!isStrict || !isFull);
      const isOwn = !want && !agreed.has(group) && !isAsked(group);
      if (isSkipped ? is === was || is === agreed.has(group) : is === want || mayStay) continue;
      if (was === is && (isOwn || (isPools && !sourceWins && !(isAdopted && want)))) continue;
      // Whom a look without groups has met is taken for what the last sync left.
      wrong.push(
        `${about} is ${is ? "" : "not "}in ${group}; before ${String(was)}, agreed ${String(agreed.has(group))}`,
      );
    }
  }

  #judgeAccess(
    row: Row,
    { sub, old, user, isAdopted, about }: Pairing,
    isStrict: boolean,
    wrong: string[],
  ): void {
    const sourceWins = (this.#world.policies.conflicts ?? "source-wins") === "source-wins";
    const locked = isAdopted ? "no" : (this.#memory.get(sub)?.locked ?? "no");
    if (!isStrict && old.enabled === user.enabled) return;
    if (row.disabled) {
      const mayStay = old.enabled && !sourceWins && locked !== "no";
      if (user.enabled && !mayStay) wrong.push(`${about} can still sign in`);
      return;
    }
    if (old.enabled && !user.enabled) wrong.push(`${about} was locked out`);
    if (!old.enabled && locked === "yes" && !user.enabled) wrong.push(`${about} is still locked out`);
  }

  #judgeAbsent(sub: string, old: Inmate, user: Inmate | undefined, isFull: boolean, wrong: string[]): void {
    const { policies, now } = this.#world;
    const { absent = "disable", deleteAfterDays = 30, conflicts = "source-wins" } = policies;
    const memory = this.#memory.get(sub);
    const about = `${old.username}, whom the source lacks,`;
    if (absent === "keep") {
      if (!this.#isOpen && !isSame(old, user)) wrong.push(`${about} was changed: ${diff(old, user)}`);
      return;
    }
    if (user === undefined) return; // Judged by its safety.
    if (old.enabled) {
      const mayStay = conflicts !== "source-wins" && memory?.locked !== "no";
      if (user.enabled && !mayStay) wrong.push(`${about} can still sign in`);
    } else if (user.enabled) wrong.push(`${about} was let in`);
    else if (
      isFull &&
      absent === "delete" &&
      memory?.absentSurely !== undefined &&
      now - memory.absentSurely >= deleteAfterDays * 24 * HOUR_MS
    )
      wrong.push(`${about} should have been deleted by now`);
    const rest = ({ attributes, groups }: Inmate): string => JSON.stringify([attributes, groups]);
    if (!this.#isOpen && rest(old) !== rest(user)) wrong.push(`${about} was changed: ${diff(old, user)}`);
  }

  /** Takes what was seen into what is known. */
  #remember(
    mode: Mode,
    { before, after, ended }: Observed,
    { isQuiet, isFull, wasHeld, managedBefore }: Verdict,
  ): void {
    const { now, rows, policies, nature } = this.#world;
    const isNothing = isRefused(ended);
    const hasUnreadable = rows.some((row) => row.unreadable === true);
    for (const row of rows) {
      if (isQuiet && (isFull || row.version > this.#seenVersion))
        this.#noteAdoption(row, before, managedBefore, { isFull, hasUnreadable });
    }
    if (!isQuiet && policies.adopt === "matching") {
      for (const [sub, user] of before) {
        const isNamed = rows.some((row) => sameName(row.username, user.username));
        if (this.#idOf(sub) === undefined && isNamed) this.#maybe.add(sub);
      }
    }
    for (const [id, sub] of this.#managed) {
      const old = before.get(sub);
      const user = after.get(sub);
      if (user === undefined) {
        if (!isQuiet && isAbsent(id, rows)) this.#maybeForgotten.add(id);
        // Deleted by the sync, or neither at the source nor in the pool.
        if (old !== undefined || (isQuiet && isFull && !hasUnreadable && isAbsent(id, rows)))
          this.#managed.delete(id);
        if (old !== undefined) this.#memory.delete(sub);
        continue;
      }
      const memory = this.#memory.get(sub);
      if (memory === undefined) continue;
      const row = rows.find((each) => each.id === id && isFit(each, rows, nature));
      this.#noteAgreement(memory, { old: old ?? user, user, row, isQuiet, isFull });
      this.#noteAbsence(memory, {
        old: old ?? user,
        user,
        isQuiet,
        isFull,
        isAway: isAbsent(id, rows),
        now,
        hasUnreadable,
      });
    }
    if (isFull || !isQuiet) {
      if (isQuiet) this.#lastRows = [rows.length];
      else if (!wasHeld && !isNothing) this.#lastRows.push(rows.length);
    }
    this.#last = after;
    if (isNothing) return;
    if (
      isQuiet ||
      ("summary" in ended && !("killed" in ended) && !this.#isOpen && ended.summary.kind === "none")
    ) {
      if (!isQuiet) return;
      this.#isOpen = false;
      this.#carry = 0;
      this.#sources = [rows];
      this.#fuzzy.clear();
      this.#seenVersion = rows
        .map(({ version }) => version)
        .reduce((one, other) => (one > other ? one : other), "");
      if (isFull) {
        this.#touched.clear();
        this.#maybeForgotten.clear();
        this.#isRuleChanged = false;
      }
    } else if (mode.kind !== "dry") {
      this.#isOpen = !("summary" in ended);
      if (!this.#isOpen) this.#carry = 0;
    }
  }

  #noteAdoption(
    row: Row,
    before: PoolState,
    managed: ReadonlyMap<string, string>,
    { isFull, hasUnreadable }: { readonly isFull: boolean; readonly hasUnreadable: boolean },
  ): void {
    const { rows, policies, nature } = this.#world;
    if (row.unreadable === true || row.deleted || !isFit(row, rows, nature)) return;
    const { kind, sub = "" } = this.#resolve(row, before, managed, hasUnreadable);
    if (kind === "taken-over" && isFull) {
      const owner = this.#idOf(sub);
      if (owner !== undefined) this.#managed.delete(owner);
      this.#managed.set(row.id, sub);
    }
    const isSkipped = row.disabled && nature.disabled === "skip";
    if (
      policies.adopt !== "matching" ||
      isSkipped ||
      !["stranger", "maybe", ...(isFull ? ["replaced"] : [])].includes(kind)
    )
      return;
    this.#maybe.delete(sub);
    this.#managed.set(row.id, sub);
    const user = before.get(sub);
    this.#memory.set(sub, {
      agreed: new Map(),
      groups: new Set(),
      locked: user?.enabled === false && row.disabled ? "yes" : "no",
      absentFrom: undefined,
      absentSurely: undefined,
    });
  }

  #noteAgreement(
    memory: Memory,
    { old, user, row, isQuiet, isFull }: Seen & { readonly row: Row | undefined },
  ): void {
    for (const name of NAMES) {
      const is = user.attributes[name];
      if (is !== old.attributes[name] || (isQuiet && row !== undefined && is === row[name]))
        memory.agreed.set(name, is);
    }
    for (const group of new Set([...old.groups, ...user.groups, ...memory.groups])) {
      const is = user.groups.includes(group);
      const isChanged = is !== old.groups.includes(group);
      if (!isChanged && !(isQuiet && isFull && row !== undefined && row.teams.includes(group) === is))
        continue;
      if (is) memory.groups.add(group);
      else memory.groups.delete(group);
    }
    if (old.enabled && !user.enabled) memory.locked = "yes";
    if (user.enabled && isQuiet && isFull && row !== undefined && !row.disabled) memory.locked = "no";
  }

  #noteAbsence(
    memory: Memory,
    {
      old,
      user,
      isQuiet,
      isFull,
      isAway,
      now,
      hasUnreadable,
    }: Seen & { readonly isAway: boolean; readonly now: number; readonly hasUnreadable: boolean },
  ): void {
    if (isQuiet && isFull && old.enabled) memory.absentFrom = memory.absentSurely = undefined;
    if (isQuiet && !isAway) memory.absentFrom = memory.absentSurely = undefined;
    if (!isAway || user.enabled) return;
    memory.absentFrom ??= now;
    if (isQuiet && isFull && !hasUnreadable) memory.absentSurely ??= now;
  }
}

interface Verdict {
  readonly isQuiet: boolean;
  readonly isFull: boolean;
  readonly wasHeld: boolean;
  readonly managedBefore: ReadonlyMap<string, string>;
}

interface Seen {
  readonly old: Inmate;
  readonly user: Inmate;
  readonly isQuiet: boolean;
  readonly isFull: boolean;
}

interface Pairing {
  readonly sub: string;
  readonly old: Inmate;
  readonly user: Inmate;
  readonly isAdopted: boolean;
  readonly isFull: boolean;
  readonly about: string;
}

/** Who a row of the source is in the pool. */
interface Resolved {
  readonly kind: "managed" | "new" | "gone" | "stranger" | "replaced" | "maybe" | "blocked" | "taken-over";
  readonly sub: string | undefined;
}

function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Whether a row alone says who its user is, and has what a user needs. */
function isFit(row: Row, rows: readonly Row[], nature?: World["nature"]): boolean {
  const isSkipped = (each: Row): boolean => each.disabled && nature?.disabled === "skip";
  const others = rows.filter((each) => each !== row && each.unreadable !== true && !each.deleted);
  const clashes = (each: Row): boolean =>
    each.id === row.id || (sameName(each.username, row.username) && !isSkipped(each) && !isSkipped(row));
  return row.unreadable !== true && !row.deleted && !row.username.includes(" ") && !others.some(clashes);
}

/** Whether no row is this id's, but such as say that it is deleted. */
function isAbsent(id: string, rows: readonly Row[]): boolean {
  return !rows.some((row) => row.id === id && !row.deleted && row.unreadable !== true);
}

function isSame(one: Inmate | undefined, other: Inmate | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function same(one: PoolState, other: PoolState): boolean {
  return JSON.stringify([...one]) === JSON.stringify([...other]);
}

function diff(one: Inmate | undefined, other: Inmate | undefined): string {
  return `${JSON.stringify(one)} → ${JSON.stringify(other)}`;
}

/** Whether an approval came to nothing, as there was nothing to approve. */
function isRefused(ended: Ended): boolean {
  return "code" in ended && ended.code === "SYNC_NOT_QUARANTINED";
}

/** How a sync may end that nothing troubles. */
function oddEnd(
  mode: Mode,
  ended: Ended,
  { wasHeld, rows }: { readonly wasHeld: boolean; readonly rows: readonly Row[] },
): readonly string[] {
  if ("killed" in ended) return ["it was killed"];
  if ("code" in ended) {
    const isRight = mode.kind === "approve" && ended.code === "SYNC_NOT_QUARANTINED" && !wasHeld;
    // Of rows that nobody can read nobody can say whether the mapping fits.
    const isUnreadable = ended.code === "MAPPING_INVALID" && rows.every((row) => row.unreadable === true);
    return isRight || isUnreadable ? [] : [`it ended with ${ended.code}`];
  }
  const { exitCode, quarantine } = ended.summary;
  const expected = quarantine === undefined ? [0, 3] : [5];
  return expected.includes(exitCode) ? [] : [`it ended with exit code ${exitCode}`];
}
