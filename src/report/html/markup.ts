/** A piece of a page in which everything that is not markup is escaped; only {@link html} and {@link trusted} make one. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What can stand in a piece of a page. A text is only shown, whatever is in it. */
export type Content = Markup | string | number | readonly Content[] | undefined;

const ESCAPED: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * A piece of a page: its own words are markup, what is put in is text, in elements and in quoted attributes alike. Not for
 * scripts, styles or addresses that others have made.
 */
export function html(markup: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return new Markup(markup.map((part, place) => part + render(contents[place])).join(""));
}

/** Markup as it stands, for files of ours. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

/**
 * A value as JSON within a script element: of the same meaning, and with nothing that could end the element or begin
 * another.
 */
export function scriptJson(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replaceAll("<", String.raw`\u003c`));
}

function render(content: Content): string {
  if (content === undefined) return "";
  if (content instanceof Markup) return content.text;
  if (typeof content === "number") return String(content);
  if (typeof content === "string")
    return content.replaceAll(/[&<>"']/g, (character) => ESCAPED[character] ?? "");
  return content.map(render).join("");
}
