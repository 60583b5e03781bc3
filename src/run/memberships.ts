import Database from "better-sqlite3";

/**
 * Who is in which groups, while a pool is exported: Cognito lists members by group, an export needs groups by member.
 * What does not fit into a few megabytes goes to a file in the given folder, which SQLite makes 0600 and takes the name
 * away from at once: memory does not grow with the pool, and no crash leaves anything.
 */
export class Memberships implements Disposable {
  readonly #database: Database.Database;
  readonly #add: Database.Statement;
  readonly #groupsOf: Database.Statement;
  #count = 0;

  constructor(directory: string) {
    // A database without a name is a temporary one, on disk as soon as it outgrows its cache.
    this.#database = new Database("");
    this.#database.pragma("cache_size = -8192");
    this.#database.pragma(`temp_store_directory = '${directory.replaceAll("'", "''")}'`);
    this.#database.exec(
      "CREATE TABLE membership (username TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (username, name)) STRICT, WITHOUT ROWID",
    );
    this.#add = this.#database.prepare("INSERT OR IGNORE INTO membership (username, name) VALUES (?, ?)");
    this.#groupsOf = this.#database
      .prepare("SELECT name FROM membership WHERE username = ? ORDER BY name")
      .pluck();
  }

  /** How many memberships there are. */
  get count(): number {
    return this.#count;
  }

  add(usernames: readonly string[], group: string): void {
    this.#database.transaction(() => {
      for (const username of usernames) this.#count += this.#add.run(username, group).changes;
    })();
  }

  /** The names of a user's groups, sorted. */
  groupsOf(username: string): readonly string[] {
    return this.#groupsOf.all(username) as string[];
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
