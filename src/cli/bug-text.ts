/** Words that V8 makes of names in the code alone. */
const SAFE_WORDS: readonly RegExp[] = [
  /^Cannot (?:read|set) properties of (?:undefined|null) \((?:reading|setting) '[\w$#]+'\)$/,
  /^[\w$.#]+ is not (?:a function|a constructor|iterable|defined)$/,
];

/** What is shown of a bug. */
export interface BugText {
  /** One line: the error's name and code, and its words where these can hold nobody's data. */
  readonly message: string;
  /** Where it came from, the innermost first. */
  readonly frames: readonly string[];
}

/**
 * Tells of an error that is our bug without giving away data: an error that comes out of a parser or a library may
 * quote the value it met, and that may be a password. Its words are shown only where they are known to be harmless: those
 * that our own code wrote, and those about names in the code.
 */
export function bugText(error: unknown): BugText {
  if (!(error instanceof Error)) return { message: `a ${typeof error} was thrown`, frames: [] };
  const frames = (error.stack ?? "").split("\n").filter((line) => /^ {4}at /.test(line));
  const code = (error as NodeJS.ErrnoException).code;
  const kind = typeof code === "string" && /^[A-Z_\d]+$/.test(code) ? `${error.name} ${code}` : error.name;
  const words = isHarmless(error, frames)
    ? error.message
    : "its words are not shown, as they may hold a user's data";
  return { message: `${kind}: ${words}`, frames };
}

const OUR_CODE = new URL("../", import.meta.url).href;

function isHarmless({ constructor, message }: Error, [innermost = ""]: readonly string[]): boolean {
  if (SAFE_WORDS.some((words) => words.test(message))) return true;
  return (constructor === Error || constructor === RangeError) && innermost.includes(OUR_CODE);
}
