/** A count with what is counted: `1 user`, `2,000 users`. */
export function users(count: number): string {
  return count === 1 ? "1 user" : `${count.toLocaleString("en-US")} users`;
}
