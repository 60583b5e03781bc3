/**
 * The words of a database without what it quotes, which may be a value of a row, or a part of an address. From the first
 * quote to the last, as a value may hold quotes of its own.
 */
export function withoutQuoted(message: string): string {
  const [line = ""] = message.split("\n");
  return line.replace(/["'`«“].*["'`»”]/, "…").slice(0, MAX_WORDS);
}

/** Characters of a message that are shown. */
const MAX_WORDS = 300;

/** The code of an error of Node or of a server; its words where it has none that is known. */
export function codeOf(error: unknown, words: readonly string[] = []): string {
  if (!(error instanceof Error)) return "an unknown reason";
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === "string" && /^\w+$/.test(code)) return code;
  return words.includes(error.message) ? error.message : error.name;
}
