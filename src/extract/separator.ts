const CANDIDATES = [",", ";", "\t", "|"] as const;

type Candidate = (typeof CANDIDATES)[number];

/** Those that are looked for below a first line without them; a bar there is part of ids such as `auth0|1`. */
const BELOW_A_TITLE: readonly Candidate[] = [",", ";", "\t"];

/** How a separator is shown to the operator. */
export const SEPARATOR_NAMES: Readonly<Record<string, string>> = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "vertical bar",
};

/** Lines that are looked at; below a title and some comments, the table has begun by then. */
const LINES = 10;

/** How often each candidate stands in a line. */
type Counts = Record<Candidate, number>;

/**
 * The separator of a CSV text: the candidate that stands most often in its first line outside quotes, unless most of
 * the lines below lack it and have another one, as below a title; a comma for a single column. Which line is the
 * header is not told by this.
 */
export function sniffSeparator(head: string): string {
  const [first, ...below] = countsOf(head);
  const ofFirst = first === undefined ? undefined : mostFrequent([first], CANDIDATES);
  if (ofFirst !== undefined && isUsual(ofFirst, below)) return ofFirst;
  const usual = BELOW_A_TITLE.filter((candidate) => isUsual(candidate, below));
  return mostFrequent(below, usual) ?? ofFirst ?? ",";
}

/**
 * The separator that the first line states as Excel reads it: `sep=;` and nothing else (reported; we know of no page of
 * Microsoft's). Undefined for any other line, and for a separator that is no candidate.
 */
export function statedSeparator(head: string): string | undefined {
  return /^sep=([,;\t|])(?:\r\n|\n|\r)/i.exec(head)?.[1];
}

/** The candidates in each of the first lines that are not empty, outside quotes; a line break in quotes ends none. */
function countsOf(head: string): readonly Counts[] {
  const lines: Counts[] = [];
  let line: Counts | undefined;
  let isQuoted = false;
  for (const character of head) {
    if (!isQuoted && (character === "\n" || character === "\r")) {
      if (line !== undefined && lines.length === LINES) break;
      line = undefined;
      continue;
    }
    if (line === undefined) {
      line = { ",": 0, ";": 0, "\t": 0, "|": 0 };
      lines.push(line);
    }
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && isCandidate(character)) line[character] += 1;
  }
  return lines;
}

function isCandidate(character: string): character is Candidate {
  return (CANDIDATES as readonly string[]).includes(character);
}

/** Whether at least half of the lines have it. */
function isUsual(candidate: Candidate, lines: readonly Counts[]): boolean {
  return 2 * lines.filter((line) => line[candidate] > 0).length >= lines.length;
}

function mostFrequent(lines: readonly Counts[], candidates: readonly Candidate[]): Candidate | undefined {
  let best: Candidate | undefined;
  let most = 0;
  for (const candidate of candidates) {
    const count = lines.reduce((sum, line) => sum + line[candidate], 0);
    if (count > most) [best, most] = [candidate, count];
  }
  return best;
}
