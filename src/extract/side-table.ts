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
  #find: Database.Statement<[string], [rowid: number, value: string]> | undefined;
  #entries = 0;
  /** A bit for each entry that was given; one that is given twice counts once. */
  #given = new Uint8Array(0);
  #givenEntries = 0;

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
    return this.#find.all(key).map(([rowid, value]) => {
      this.#noteGiven(rowid);
      return value;
    });
  }

  /** How many values were added. */
  get entries(): number {
    return this.#entries;
  }

  /** How many values were never given, as no user has their key. */
  get unused(): number {
    return this.#entries - this.#givenEntries;
  }

  #noteGiven(rowid: number): void {
    const byte = this.#given[rowid >>> 3] ?? 0;
    const bit = 1 << (rowid & 7);
    if ((byte & bit) !== 0) return;
    this.#given[rowid >>> 3] = byte | bit;
    this.#givenEntries += 1;
  }

  // Built once all is there: keys in no order would otherwise touch the whole file again and again.
  #index(): Database.Statement<[string], [rowid: number, value: string]> {
    this.#database.exec("CREATE INDEX by_key ON side (key)");
    this.#given = new Uint8Array((this.#entries >>> 3) + 1);
    return this.#database
      .prepare<[string], [rowid: number, value: string]>(
        "SELECT rowid, value FROM side WHERE key = ? ORDER BY rowid",
      )
      .raw();
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
