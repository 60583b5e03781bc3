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
    if (answers.size < size) answers.set(text, answer);
    return answer;
  };
}
