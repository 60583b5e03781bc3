/** Longer texts are judged each time, so that what is kept stays small whatever a source holds. */
const LONGEST_KEPT = 100;

/**
 * Makes a function remember its answers, for texts that are costly to judge and repeat from user to user, such as
 * locales. Memory is bounded: what comes after `size` different texts is judged each time.
 */
export function remember<T>(judge: (text: string) => T, size = 1_000): (text: string) => T {
  const answers = new Map<string, T>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined || answers.has(text)) return known as T;
    const answer = judge(text);
    // A copy, since a piece of a file's text may hold on to the whole of it.
    if (answers.size < size && text.length <= LONGEST_KEPT) answers.set(Buffer.from(text).toString(), answer);
    return answer;
  };
}
