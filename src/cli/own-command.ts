/** Characters that no shell gives a meaning. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** The command that runs, with these words at its end, as it can be pasted into a shell of Unix. */
export function ownCommand(...added: readonly string[]): string {
  return ["poolferry", ...process.argv.slice(2), ...added].map(quoted).join(" ");
}

function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
