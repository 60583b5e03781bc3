/** How the users of a well-known application are read from its own database. */
export interface AppQuery {
  /** SQL that gives one row a user, in a stable order. What stands in it as `{name}` comes from {@link find}: a name, or SQL. */
  readonly sql: string;
  /** Columns that hold JSON, for drivers of databases that do not say so. */
  readonly lists?: readonly string[];
  /** A column that grows with every change of a user, where the application has one that is never null. */
  readonly cursorColumn?: string;
  /** What differs from one installation to the next and stands in the database itself. */
  readonly find?: {
    /** What it is, for the operator. */
    readonly names: string;
    /**
     * SQL that gives a row for each alternative: `name` for the operator, and the columns that take their places in the SQL,
     * quoted already. Of an application whose tables have one name, that is one row in any case.
     */
    readonly sql: string;
    /** The name of an alternative that is only read when it stands alone or is asked for. */
    readonly aside?: string;
  };
}
