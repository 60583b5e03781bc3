import Database from "better-sqlite3";

/** Kilobytes of the table that are held in memory; the rest of it is in a file. */
const CACHE_KB = 2_000;

/**
 * What another file says of the users, by their keys: password hashes, groups. It can be larger than memory: it is kept in
 * a file of SQLite's own, which only this user may read and which has no name any more once it is open, so that nothing of
 * it is left behind, whatever ends the process.
 */
export class SideTable implements Disposable {
  readonly #database: Database.Database;
  readonly #insert: Database.Statement;
  #find: Database.Statement<[string], string> | undefined;
  #entries = 0;
  #given = 0;

  constructor() {
    // No name: a temporary database on disk, which is unlinked at once.
    this.#database = new Database("");
    this.#database.pragma("journal_mode = OFF");
    this.#database.pragma("synchronous = OFF");
    this.#database.pragma(`cache_size = -${CACHE_KB}`);
    this.#database.exec("CREATE TABLE side (key TEXT NOT NULL, value TEXT NOT NULL)");
    this.#insert = this.#database.prepare("INSERT INTO side (key, value) VALUES (?, ?)");
  }

  /** Adds a batch of values by their keys; a key can have several. Not after {@link valuesOf}. */
  add(entries: readonly (readonly [key: string, value: string])[]): void {
    this.#database.transaction(() => {
      for (const entry of entries) this.#insert.run(...entry);
    })();
    this.#entries += entries.length;
  }

  /** The values of a key, in the order in which they were added; compared exactly. */
  valuesOf(key: string): readonly string[] {
    this.#find ??= this.#index();
    const values = this.#find.all(key);
    this.#given += values.length;
    return values;
  }

  /** How many values were never given, as no user has their key; right where every user has a key of its own. */
  get unused(): number {
    return this.#entries - this.#given;
  }

  // Built once all is there: keys in no order would otherwise touch the whole file again and again.
  #index(): Database.Statement<[string], string> {
    this.#database.exec("CREATE INDEX by_key ON side (key)");
    return this.#database
      .prepare<[string], string>("SELECT value FROM side WHERE key = ? ORDER BY rowid")
      .pluck();
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
