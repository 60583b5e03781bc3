import { CLAIM_KINDS, type ClaimKind } from "../core/clash.ts";
import type { OutcomeKind } from "../core/outcome.ts";
import type { HashAlgorithm } from "../core/password-hash.ts";
import type { Attributes, PlannedUser } from "../core/planned-user.ts";
import type { Pool } from "../core/pool.ts";
import type { Route } from "../core/route.ts";
import type { PlanFigures, SignInFigures } from "./ledger.ts";

/** How many users are alike in what a ledger counts of them. */
export interface UserCount {
  readonly route: Route;
  readonly outcome: OutcomeKind | null;
  readonly algorithm: HashAlgorithm | null;
  /** Whether they have passwords in plain text, as 0 or 1. */
  readonly hasPassword: number;
  readonly count: number;
}

/** What is counted of a user, as it was decided. */
export interface TalliedUser {
  readonly route: Route;
  readonly outcome: OutcomeKind | null;
  readonly algorithm: HashAlgorithm | null;
  readonly hasPassword: number;
  readonly username: string | null;
  readonly attributes: Attributes;
}

type SignInFigure = keyof SignInFigures;

const SIGN_IN_FIGURES = [
  "withoutPhone",
  "phoneOnly",
  "withoutAlias",
  "otherName",
] as const satisfies readonly SignInFigure[];

interface Alike extends UserCount {
  count: number;
  readonly signIn: Record<SignInFigure, number>;
}

/**
 * Counts the users of a plan while they are added, so that nobody has to go through all of them once more to say how many
 * there are of each kind.
 */
export class PlanTally {
  readonly #pool: Pool;
  readonly #kinds: Alike[] = [];
  readonly #claimed = new Set<ClaimKind>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Counts users who are added. */
  add(users: readonly PlannedUser[]): void {
    for (const user of users) {
      this.#count(toTallied(user), 1);
      const { claims } = user;
      if (claims === undefined) continue;
      for (const kind of CLAIM_KINDS) if (claims[kind] !== undefined) this.#claimed.add(kind);
    }
  }

  /** Counts a user who was added as rejected from now on. */
  reject(user: TalliedUser): void {
    this.#count(user, -1);
    this.#count({ ...user, route: "none", outcome: "rejected", algorithm: null, hasPassword: 0 }, 1);
  }

  /** The claims that anyone has. */
  claimedKinds(): readonly ClaimKind[] {
    return CLAIM_KINDS.filter((kind) => this.#claimed.has(kind));
  }

  /** How many users there are of each kind. */
  userCounts(): readonly UserCount[] {
    return this.#kinds.filter(({ count }) => count > 0);
  }

  /** What a forecast needs of the users who are sent. */
  figures(): Pick<PlanFigures, "jobUsers" | "signIn"> {
    const sent = this.#kinds.filter(({ outcome, route }) => outcome === null && route !== "none");
    const figure = (name: SignInFigure): number => sent.reduce((sum, { signIn }) => sum + signIn[name], 0);
    const byAlgorithm = Map.groupBy(
      sent.filter(({ route, count }) => route === "import-job" && count > 0),
      ({ algorithm }) => algorithm ?? "",
    );
    return {
      jobUsers: [...byAlgorithm]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([algorithm, kinds]) => ({
          algorithm: algorithm === "" ? undefined : algorithm,
          users: kinds.reduce((sum, { count }) => sum + count, 0),
        })),
      signIn: Object.fromEntries(SIGN_IN_FIGURES.map((name) => [name, figure(name)])) as Record<
        SignInFigure,
        number
      >,
    };
  }

  #count(user: TalliedUser, by: 1 | -1): void {
    const kind = this.#kindOf(user);
    kind.count += by;
    if (user.outcome !== null || user.route === "none") return;
    const traits = signInTraits(user, this.#pool);
    for (const name of SIGN_IN_FIGURES) if (traits[name]) kind.signIn[name] += by;
  }

  // A handful of kinds, of which nearly everybody is of the first.
  #kindOf({ route, outcome, algorithm, hasPassword }: TalliedUser): Alike {
    for (const kind of this.#kinds)
      if (
        kind.route === route &&
        kind.outcome === outcome &&
        kind.algorithm === algorithm &&
        kind.hasPassword === hasPassword
      )
        return kind;
    const signIn = { withoutPhone: 0, phoneOnly: 0, withoutAlias: 0, otherName: 0 };
    const kind: Alike = { route, outcome, algorithm, hasPassword, count: 0, signIn };
    this.#kinds.push(kind);
    return kind;
  }
}

function toTallied({
  route,
  notSent,
  passwordHash,
  password,
  username,
  attributes,
}: PlannedUser): TalliedUser {
  return {
    route,
    outcome: notSent?.kind ?? null,
    algorithm: passwordHash?.algorithm ?? null,
    hasPassword: password === undefined ? 0 : 1,
    username: username ?? null,
    attributes,
  };
}

/** Which of the figures of signing in a user is counted for. */
function signInTraits(
  { username, attributes }: TalliedUser,
  { aliasAttributes, usernameAttributes }: Pool,
): Readonly<Record<SignInFigure, boolean>> {
  const has = { email: false, phone_number: false };
  const isTrue = { email_verified: false, phone_number_verified: false };
  for (const [name, value] of attributes) {
    switch (name) {
      case "email":
      case "phone_number":
        has[name] = true;
        break;
      case "email_verified":
      case "phone_number_verified":
        isTrue[name] = value === "true";
        break;
    }
  }
  const verified = {
    email: has.email && isTrue.email_verified,
    phone_number: has.phone_number && isTrue.phone_number_verified,
  };
  const hasAlias = (alias: string): boolean =>
    alias === "email" || alias === "phone_number"
      ? verified[alias]
      : attributes.some(([name]) => name === alias);
  const isByNameAlone = aliasAttributes.length === 0 && usernameAttributes.length === 0;
  return {
    withoutPhone: !has.phone_number,
    phoneOnly: !verified.email && verified.phone_number,
    withoutAlias: aliasAttributes.length > 0 && !aliasAttributes.some(hasAlias),
    otherName: isByNameAlone && has.email && username?.includes("@") === false,
  };
}
