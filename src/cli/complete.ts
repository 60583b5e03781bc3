import type { Argument, Command, Option } from "commander";
import type { SourceType } from "../extract/source.ts";
import { visibleFiles, type Candidate } from "./complete-file.ts";

/** What can stand in the place of the word that is being typed. */
export interface Completion {
  /** Whether they are paths, which a shell quotes as such. */
  readonly kind: "words" | "files";
  /** Each the whole word; one that ends with `:`, `=` or `/` is only its beginning. */
  readonly candidates: readonly Candidate[];
}

/** A command line up to the word that is being typed, without the name of the program. */
export interface Typed {
  readonly before: readonly string[];
  readonly word: string;
}

/** What can stand in the place of the word, by the commands and options that there are and the files that are there. */
export async function complete(program: Command, { before, word }: Typed): Promise<Completion> {
  const { command, open, given, places } = readWords(program, before);
  if (open !== undefined) return valuesOf(open, word);
  const [, name = "", value = ""] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
  const named = command.options.find(({ long }) => long === name);
  if (named !== undefined) return withPrefix(`${name}=`, await valuesOf(named, value));
  if (word.startsWith("-")) return words(optionsOf(command, given), word);
  const commands = places === 0 ? command.createHelp().visibleCommands(command) : [];
  if (commands.length > 0 && command.registeredArguments.length === 0)
    return words(
      commands.map((each) => ({ value: each.name(), description: each.summary() })),
      word,
    );
  const argument = command.registeredArguments[places];
  if (argument !== undefined) return valuesOf(argument, word);
  return words(optionsOf(command, given), word);
}

/** What the words before the one that is being typed come to. */
interface Read {
  readonly command: Command;
  /** The option whose value comes next. */
  readonly open: Option | undefined;
  /** Options that are there already. */
  readonly given: readonly Option[];
  /** How many arguments that are no options the command has. */
  readonly places: number;
}

function readWords(program: Command, words: readonly string[]): Read {
  let command = program;
  let open: Option | undefined;
  let given: Option[] = [];
  let places = 0;
  for (const word of words) {
    const below = places === 0 ? command.commands.find((each) => each.name() === word) : undefined;
    if (open !== undefined) open = undefined;
    else if (word.startsWith("-")) {
      const [name] = word.split("=", 1);
      const option = command.options.find(({ long, short }) => long === name || short === name);
      if (option !== undefined) given.push(option);
      open = option?.required === true && !word.includes("=") ? option : undefined;
    } else if (below !== undefined) [command, given] = [below, []];
    // Help takes the name of a command, and that has commands below it.
    else if (command === program && word === "help") continue;
    else places += 1;
  }
  return { command, open, given, places };
}

function optionsOf(command: Command, given: readonly Option[]): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter((option) => !given.includes(option))
    .map(({ long, short, description }) => ({ value: long ?? short ?? "", description }));
}

/** The values of an option or an argument: its choices, or what the name of its place says. */
async function valuesOf(place: Option | Argument, word: string): Promise<Completion> {
  const choices = place.argChoices ?? [];
  if (choices.length > 0) return words(choices.map(candidate), word);
  const name = "flags" in place ? (/[<[](.+)[>\]]/.exec(place.flags)?.[1] ?? "") : place.name();
  return VALUES[name]?.(word) ?? { kind: "words", candidates: [] };
}

/** By the name that stands between the brackets of an option or an argument: what its value can be. */
const VALUES: Readonly<Record<string, (word: string) => Promise<Completion>>> = {
  file: (word) => paths(word, "files"),
  dir: (word) => paths(word, "folders"),
  "type:place": sourcePlaces,
  "type:file": async (word) =>
    word.includes(":") ? sourcePlaces(word) : either(await sourcePlaces(word), await paths(word, "files")),
  type: async (word) =>
    words(
      (await sourceTypes()).map(({ type }) => candidate(type)),
      word,
    ),
  "postgres:variable": async (word) =>
    word.startsWith("postgres:")
      ? withPrefix("postgres:", variables(word.slice("postgres:".length)))
      : words([candidate("postgres:")], word),
};

async function sourceTypes(): Promise<readonly SourceType[]> {
  const { SOURCE_TYPES } = await import("../extract/sources.ts");
  return SOURCE_TYPES;
}

/** The types of sources, and behind the colon of one what says where it is. */
async function sourcePlaces(word: string): Promise<Completion> {
  const types = await sourceTypes();
  const colon = word.indexOf(":");
  if (colon < 0) {
    const auto = { value: "auto:", description: "tell the type by the file" };
    return words([...types.map(({ type }) => candidate(`${type}:`)), auto], word);
  }
  const [prefix, rest] = [word.slice(0, colon + 1), word.slice(colon + 1)];
  const { place = "file" } = types.find(({ type }) => `${type}:` === prefix) ?? {};
  switch (place) {
    case "file":
    case "module":
      return withPrefix(prefix, await paths(rest, "files"));
    case "environment":
      return withPrefix(prefix, variables(rest));
    case "user-pool":
      return words([], rest);
  }
}

/** The names of the environment's variables, and none of their values. */
function variables(word: string): Completion {
  return words(Object.keys(process.env).sort().map(candidate), word);
}

async function paths(word: string, wanted: "files" | "folders"): Promise<Completion> {
  return { kind: "files", candidates: await visibleFiles(word, wanted) };
}

function words(candidates: readonly Candidate[], word: string): Completion {
  return { kind: "words", candidates: candidates.filter(({ value }) => value.startsWith(word)) };
}

function either(one: Completion, other: Completion): Completion {
  return { kind: "files", candidates: [...one.candidates, ...other.candidates] };
}

function withPrefix(prefix: string, { kind, candidates }: Completion): Completion {
  return { kind, candidates: candidates.map((each) => ({ ...each, value: `${prefix}${each.value}` })) };
}

function candidate(value: string): Candidate {
  return { value, description: "" };
}
