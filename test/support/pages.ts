import { globSync, readFileSync } from "node:fs";

/** A page of the docs: its path from the root of the checkout, and its Markdown. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Every page that whoever uses poolferry may read. */
export function pages(): readonly Page[] {
  const paths = ["*.md", "docs/**/*.md", "emulator/*.md"].flatMap((pattern) => globSync(pattern));
  return paths.sort().map(pageAt);
}

/** One page. */
export function pageAt(path: string): Page {
  return { path, text: readFileSync(path, "utf8") };
}

/** The code of the fenced blocks in a language, in their order; indented ones, as in lists, without their indentation. */
export function blocksOf(text: string, language: string): readonly string[] {
  return fencesOf(text)
    .filter((fence) => fence.language === language)
    .map(({ code }) => code);
}

/** All fenced blocks with their languages, which are empty where a fence names none. */
export function fencesOf(text: string): readonly { readonly language: string; readonly code: string }[] {
  return [...text.matchAll(/^( *)```(\S*)\n([^]*?)^\1```$/gm)].map(
    ([, indentation = "", language = "", code = ""]) => ({
      language,
      code: code.replaceAll(new RegExp(`^${indentation}`, "gm"), ""),
    }),
  );
}
