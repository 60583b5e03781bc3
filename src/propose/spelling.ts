/** Letters that Unicode does not take apart into a letter and its accent. */
const LETTERS: Readonly<Record<string, string>> = { ß: "ss", ł: "l", ø: "o", đ: "d", æ: "ae", œ: "oe" };

/** A name or a word without what spellings differ in: case, spaces, separators, accents. */
export function spellingOf(name: string): string {
  return (
    name
      // Normalising takes the square of a text's length, and what is longer is no word.
      .slice(0, 1_000)
      .normalize("NFKD")
      .toLowerCase()
      // The marks of Latin, Greek and Cyrillic letters; those of other scripts are letters themselves.
      .replaceAll(/[\u0300-\u036F]/g, "")
      .replaceAll(/[ßłøđæœ]/g, (letter) => LETTERS[letter] ?? letter)
      .replaceAll(/[^\p{L}\p{M}\p{N}]/gu, "")
  );
}
