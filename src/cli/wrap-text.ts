/** Columns that every terminal has. */
const COLUMNS = 80;

/** A text in lines of at most 80 columns unless told otherwise, each behind so many spaces; a word is never cut. */
export function wrapText(text: string, indent: number, columns = COLUMNS): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => " ".repeat(indent) + each).join("\n");
}
