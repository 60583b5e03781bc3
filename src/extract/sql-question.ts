import { didYouMean } from "../core/did-you-mean.ts";
import { FerryError } from "../core/ferry-error.ts";
import { changePlaceOf, type ChangePlace } from "./change-cursor.ts";
import type { AppQuery } from "./queries/app-query.ts";
import type { SourceOptions } from "./source.ts";

/** What is asked of a database. */
export interface SqlQuestion {
  readonly sql: string;
  /** What must be looked up in the database before, as the SQL differs by it; of presets. */
  readonly find: AppQuery["find"];
  /** Columns that hold JSON in any case; of presets. */
  readonly lists: readonly string[];
  /** The column in whose order rows come; undefined for the order of the query itself. */
  readonly cursorColumn: string | undefined;
  /** Where to go on in the order of that column. */
  readonly after: ChangePlace | undefined;
}

/**
 * What the options ask of a database of this kind. Throws USAGE where they name neither a query nor a preset, or both; for
 * a preset that there is not; and for a place to go on at in rows that have no order.
 */
export function sqlQuestionOf(
  presets: Readonly<Record<string, AppQuery>>,
  options: SourceOptions,
  after: string | undefined,
): SqlQuestion {
  const { sql, find, lists = [], cursorColumn: column } = queryOf(presets, options);
  const cursorColumn = options.cursorColumn ?? column;
  if (options.realm !== undefined && find?.names !== "realm")
    throw new FerryError("USAGE", "source.realm has no meaning but for source.preset: keycloak", {
      hint: "Leave it out",
    });
  if (after === undefined) return { sql, find, lists, cursorColumn, after: undefined };
  if (cursorColumn !== undefined) return { sql, find, lists, cursorColumn, after: changePlaceOf(after) };
  if (/\border\s+by\b/i.test(sql)) return { sql, find, lists, cursorColumn, after: undefined };
  throw new FerryError(
    "USAGE",
    "source.after counts rows, and those of a query without ORDER BY have no order",
    {
      hint: "Order the query by its key, or name a column that grows with every change in source.cursorColumn",
    },
  );
}

function queryOf(presets: Readonly<Record<string, AppQuery>>, { query, preset }: SourceOptions): AppQuery {
  if (query !== undefined && preset !== undefined)
    throw new FerryError("USAGE", "The config names source.query and source.preset, which brings a query", {
      hint: "Keep one; poolferry init --preset NAME prints a preset's mapping, to be put beside a query of your own",
    });
  if (preset !== undefined) {
    if (Object.hasOwn(presets, preset)) return presets[preset] as AppQuery;
    throw new FerryError(
      "USAGE",
      `There is no preset ${preset} for a database of this kind${didYouMean(preset, Object.keys(presets))}`,
      {
        hint: `Use one of ${Object.keys(presets).sort().join(", ")}; or source.query`,
      },
    );
  }
  // What ends a statement would end it inside the one that is put around it.
  const sql = query?.replace(/[\s;]+$/, "") ?? "";
  if (sql.trim() !== "") return { sql };
  throw new FerryError("USAGE", "The config says not what to read of the database", {
    hint: `Give source.query (SQL whose rows are users), or source.preset: ${Object.keys(presets).sort().join(", ")}`,
  });
}

/** The SQL with what was found in the database in the place of `{name}`. */
export function fillIn(sql: string, found: Readonly<Record<string, string>>): string {
  return sql.replaceAll(/\{(\w+)\}/g, (place, name: string) => found[name] ?? place);
}

/** Throws SOURCE_FORMAT when a result has no columns, or two of one name, of which one would be lost. */
export function requireColumns(columns: readonly string[]): void {
  if (columns.length === 0)
    throw new FerryError("SOURCE_FORMAT", "The query gives no columns", { hint: "It must be a SELECT" });
  const twice = columns.find((column, at) => columns.indexOf(column) !== at || column === "__proto__");
  if (twice === undefined) return;
  throw new FerryError(
    "SOURCE_FORMAT",
    `The query gives a column ${twice}, twice or as a name that cannot be`,
    {
      hint: "Name every column once: SELECT a.id, b.id AS other_id",
    },
  );
}

/** Where the column stands in the result. Throws USAGE when it is not there. */
export function requireColumn(columns: readonly string[], column: string): number {
  const at = columns.indexOf(column);
  if (at !== -1) return at;
  throw new FerryError("USAGE", `The query gives no column ${column}, which source.cursorColumn names`, {
    hint: `It gives ${columns.join(", ")}`,
  });
}

/**
 * Which of the alternatives of a preset's {@link AppQuery.find} is read. Throws SOURCE_REFUSED when there is none, and
 * where there are several that the operator has not chosen from.
 */
export function requireOne(
  found: readonly Readonly<Record<string, string>>[],
  { names, aside }: NonNullable<AppQuery["find"]>,
  wanted: string | undefined,
): Readonly<Record<string, string>> {
  const known = found.map(({ name = "" }) => name);
  const usual = found.length > 1 ? found.filter(({ name }) => name !== aside) : found;
  const [only, ...others] = wanted === undefined ? usual : found.filter(({ name }) => name === wanted);
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) {
    const which = wanted === undefined ? "" : ` ${wanted}`;
    throw new FerryError("SOURCE_REFUSED", `The database has no ${names}${which} as the preset expects it`, {
      hint:
        known.length === 0
          ? "Check that the address names the application's database, and that its tables may be read; or write source.query"
          : `It has ${known.join(", ")}`,
    });
  }
  throw new FerryError("SOURCE_REFUSED", `The database has more than one ${names}: ${known.join(", ")}`, {
    hint: names === "realm" ? "Say which in source.realm" : "Write source.query for the one that is meant",
  });
}
