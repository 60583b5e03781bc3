import type { RunEvent } from "../run/run-event.ts";

/** How often a line may tell how far something is: more often in the first minute. */
const SOON_MS = 10_000;
const LATER_MS = 30_000;
const FIRST_MINUTE_MS = 60_000;

/** Tells of which events a line is due, where they come every second, and a log keeps every line. */
export class PacedLines {
  readonly #beganMs: number;
  readonly #toldMs = new Map<string, number>();
  readonly #lastWord = new Map<string, string>();

  constructor(nowMs: number) {
    this.#beganMs = nowMs;
  }

  /** Whether an event is to be told: the first of its kind, one that says something new, or one after a while. */
  isDue(event: RunEvent, nowMs: number): boolean {
    const about = aboutOf(event);
    if (about === undefined) return true;
    const { key, word, isFirstTold } = about;
    const told = this.#toldMs.get(key) ?? (isFirstTold ? Number.NEGATIVE_INFINITY : this.#beganMs);
    const everyMs = nowMs - this.#beganMs < FIRST_MINUTE_MS ? SOON_MS : LATER_MS;
    const isNews = (this.#lastWord.get(key) ?? word) !== word;
    if (!isNews && nowMs - told < everyMs) return false;
    this.#toldMs.set(key, nowMs);
    this.#lastWord.set(key, word);
    return true;
  }
}

/** What an event is about that comes again and again. */
interface About {
  readonly key: string;
  /** What is news when it changes. */
  readonly word: string;
  /** Whether the first such event is told at once. */
  readonly isFirstTold: boolean;
}

type AboutKinds = {
  readonly [Kind in RunEvent["kind"]]?: (event: RunEvent & { readonly kind: Kind }) => About;
};

const again = (key: string, word = ""): About => ({ key, word, isFirstTold: true });

const endWord = (left: number): string => (left <= 0 ? "all" : "some");

const ABOUT: AboutKinds = {
  // The beginning is told by other lines.
  progress: () => ({ key: "progress", word: "", isFirstTold: false }),
  "rows-read": () => again("rows-read"),
  "users-listed": () => again("users-listed"),
  "changes-progress": () => again("changes-progress"),
  "undo-progress": () => again("undo-progress"),
  "identities-recorded": ({ wanted, recorded }) => again("identities-recorded", endWord(wanted - recorded)),
  "users-made": ({ left }) => again("users-made", endWord(left)),
  "job-progress": ({ part, status }) => again(`job-progress ${part}`, status),
  "log-awaited": ({ part, expected, lines }) => again(`log-awaited ${part}`, endWord(expected - lines)),
  "follow-ups-progress": ({ turn }) => again(`follow-ups-progress ${turn}`),
};

/** Undefined for an event that does not come again and again. */
function aboutOf(event: RunEvent): About | undefined {
  // Each kind has a function of its own events.
  const about = ABOUT[event.kind] as ((event: RunEvent) => About) | undefined;
  return about?.(event);
}
