/** How many users a session may still send. */
export class Allowance {
  #left: number;

  /** Without a number there is no bound. */
  constructor(users = Number.POSITIVE_INFINITY) {
    this.#left = users;
  }

  get left(): number {
    return this.#left;
  }

  /** Takes so many, or as many as are left, and returns how many that are. */
  take(users: number): number {
    const taken = Math.min(users, this.#left);
    this.#left -= taken;
    return taken;
  }

  /** Gives back what was taken for users who are not sent after all. */
  giveBack(users: number): void {
    this.#left += users;
  }
}
