import { closestMatch } from "leven";

/** A typing mistake changes no more of a word than this share of its letters; two letters that changed places are two. */
const MAX_CHANGED = 0.4;

/** Nor more letters than these, however long the word is. */
const MAX_LETTERS = 3;

/** A question that names the word that was meant, or nothing where none is close: ` (did you mean auth0?)`. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const letters = Math.floor(word.length * MAX_CHANGED);
  const maxDistance = Math.min(Math.max(letters, 1), MAX_LETTERS);
  const typed = word.toLowerCase();
  // Letters that changed places are the likelier mistake than others in their place.
  const meant =
    candidates.find((each) => each !== typed && lettersOf(each) === lettersOf(typed)) ??
    closestMatch(typed, candidates, { maxDistance });
  return meant === undefined ? "" : ` (did you mean ${meant}?)`;
}

function lettersOf(word: string): string {
  return word.split("").sort().join("");
}
