// Fills the table of users in a report. It runs in the browser, by itself, and shows whatever it was given as text only.

/** One row, as src/report/html/user-list.ts writes it. */
type Row = readonly [
  kind: number,
  row: number,
  line: number | null,
  sourceId: string,
  username: string,
  reason: string,
  message: string,
];

interface Settings {
  readonly kinds: readonly { readonly kind: string; readonly label: string; readonly file: string }[];
  readonly advice: Readonly<Record<string, string>>;
}

interface Listing {
  readonly rows: readonly Row[];
  /** Kinds of which not all users are listed. */
  readonly cut: readonly string[];
}

const ROWS_OF_A_PAGE = 100;

function element<Element extends HTMLElement>(id: string, type: new () => Element): Element {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${id}`);
}

const form = element("users-form", HTMLFormElement);
const searchBox = element("users-text", HTMLInputElement);
const kindBox = element("users-kind", HTMLSelectElement);
const reasonBox = element("users-reason", HTMLSelectElement);
const count = element("users-count", HTMLElement);
const advice = element("users-advice", HTMLElement);
const region = element("users-table", HTMLElement);
const body = region.querySelector("tbody") ?? region;
const pages = element("users-pages", HTMLElement);
const settings = JSON.parse(element("users-settings", HTMLElement).textContent) as Settings;

const number = new Intl.NumberFormat("en-US");

const { rows, cut } = await readRows();

/** What is searched, for each row; made when it is first needed. */
let searched: readonly string[] | undefined;
let filtered = rows;
let page = 0;

async function readRows(): Promise<Listing> {
  const base64 = atob(element("users-rows", HTMLElement).textContent);
  const bytes = Uint8Array.from(base64, (character) => character.charCodeAt(0));
  const text = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return (await new Response(text).json()) as Listing;
}

function searchTexts(): readonly string[] {
  return rows.map(([, row, line, ...texts]) => `${row} ${line ?? ""} ${texts.join(" ")}`.toLowerCase());
}

/** The rows that fit all filters; every word must be in a row. */
function filterRows(): readonly Row[] {
  const words = searchBox.value.toLowerCase().split(/\s+/).filter(Boolean);
  const kind = kindBox.value === "" ? undefined : Number(kindBox.value);
  const reason = reasonBox.value;
  if (words.length > 0) searched ??= searchTexts();
  return rows.filter(
    (row, place) =>
      (kind === undefined || row[0] === kind) &&
      (reason === "" || row[5] === reason) &&
      words.every((word) => searched?.[place]?.includes(word)),
  );
}

function cell(content: string | readonly Node[], className = ""): HTMLTableCellElement {
  const made = document.createElement("td");
  made.className = className;
  made.append(...(typeof content === "string" ? [content] : content));
  return made;
}

function textIn(name: "code" | "small" | "span" | "br", text = "", className = ""): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  if (className !== "") made.className = className;
  return made;
}

function tableRow([kind, row, line, sourceId, username, reason, message]: Row): HTMLTableRowElement {
  const { kind: name = "", label = "" } = settings.kinds[kind] ?? {};
  const made = document.createElement("tr");
  const user = [new Text(username === "" ? "–" : username)];
  made.append(
    cell(number.format(row), "number"),
    cell(line === null ? "" : number.format(line), "number"),
    cell(sourceId === "" ? user : [...user, textIn("br"), textIn("small", sourceId)], "user"),
    cell([textIn("span", label, `tag ${name}`)]),
    cell(
      message === "" ? [textIn("code", reason)] : [textIn("code", reason), textIn("br"), new Text(message)],
      "message",
    ),
    cell(settings.advice[reason] ?? "", "advice"),
  );
  return made;
}

function show(): void {
  const pageCount = Math.max(1, Math.ceil(filtered.length / ROWS_OF_A_PAGE));
  page = Math.min(Math.max(page, 0), pageCount - 1);
  const first = page * ROWS_OF_A_PAGE;
  const shown = filtered.slice(first, first + ROWS_OF_A_PAGE);
  body.replaceChildren(...shown.map(tableRow));
  count.textContent = countText(first, shown.length);
  advice.textContent = settings.advice[reasonBox.value] ?? "";
  advice.hidden = advice.textContent === "";
  region.hidden = shown.length === 0;
  pages.hidden = pageCount === 1;
  element("users-page", HTMLElement).textContent =
    `Page ${number.format(page + 1)} of ${number.format(pageCount)}`;
  for (const button of pages.querySelectorAll("button"))
    button.disabled = /first|previous/.test(button.dataset["page"] ?? "")
      ? page === 0
      : page === pageCount - 1;
}

function countText(first: number, shown: number): string {
  if (rows.length === 0) return "There is nobody to list: every user is as wanted.";
  const all = filtered.length === rows.length ? "" : ` of ${number.format(rows.length)}`;
  const found = `${number.format(filtered.length)}${all} ${rows.length === 1 ? "entry" : "entries"}`;
  return shown === filtered.length
    ? `${found}.`
    : `${found}; ${number.format(first + 1)} to ${number.format(first + shown)} are shown.`;
}

function filter(): void {
  filtered = filterRows();
  page = 0;
  show();
}

/** The choices of a box, with how many rows each has. */
function fill(
  box: HTMLSelectElement,
  all: string,
  choices: ReadonlyMap<string, readonly [label: string, count: number]>,
): void {
  const options = [...choices].map(
    ([value, [label, rowCount]]) => new Option(`${label} (${number.format(rowCount)})`, value),
  );
  box.replaceChildren(new Option(all, ""), ...options);
}

function tally(
  of: (row: Row) => string,
  labelOf: (value: string) => string,
): Map<string, readonly [string, number]> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(of(row), (counts.get(of(row)) ?? 0) + 1);
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  return new Map(sorted.map(([value, rowCount]) => [value, [labelOf(value), rowCount]]));
}

function turn(to: string | undefined): void {
  const last = Number.MAX_SAFE_INTEGER;
  page = to === "first" ? 0 : to === "last" ? last : page + (to === "next" ? 1 : -1);
  show();
  region.scrollIntoView({ block: "start" });
}

function clear(): void {
  searchBox.value = "";
  kindBox.value = "";
  reasonBox.value = "";
}

/** Whoever follows a cause sees its users. */
function follow(link: HTMLAnchorElement): void {
  const { kind = "", reason = "" } = link.dataset;
  clear();
  kindBox.value = String(settings.kinds.findIndex((each) => each.kind === kind));
  reasonBox.value = reason;
  filter();
}

function tellWhatIsCut(): void {
  if (cut.length === 0) return;
  const files = settings.kinds.filter(({ kind }) => cut.includes(kind)).map(({ file }) => file);
  const note = element("users-cut", HTMLElement);
  note.textContent = `There are more than fit into this page: ${files.join(", ")} ${files.length === 1 ? "has" : "have"} all of them.`;
  note.hidden = false;
}

fill(
  kindBox,
  "all",
  tally(
    ([kind]) => String(kind),
    (kind) => settings.kinds[Number(kind)]?.label ?? "",
  ),
);
fill(
  reasonBox,
  "all",
  tally(
    (row) => row[5],
    (reason) => reason,
  ),
);
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
  // Or the fields would be emptied only after this.
  event.preventDefault();
  clear();
  filter();
});
pages.addEventListener("click", ({ target }) => {
  if (target instanceof HTMLButtonElement) turn(target.dataset["page"]);
});
document.addEventListener("click", ({ target }) => {
  const link = target instanceof Element ? target.closest<HTMLAnchorElement>("a[data-reason]") : null;
  if (link !== null) follow(link);
});
element("users-absent", HTMLElement).hidden = true;
form.hidden = rows.length === 0;
tellWhatIsCut();
show();
