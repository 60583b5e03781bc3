const LINE_FEED = 0x0a;

/** The lines of a CSV file, without their line feeds; what follows the last line feed is a line unless it is empty. */
export function* readLines(csv: Uint8Array): Generator<string> {
  const bytes = Buffer.from(csv.buffer, csv.byteOffset, csv.byteLength);
  let start = 0;
  while (start < bytes.length) {
    const found = bytes.indexOf(LINE_FEED, start);
    const end = found === -1 ? bytes.length : found;
    yield bytes.toString("utf8", start, end);
    start = end + 1;
  }
}

/**
 * Splits a line of Cognito's own CSV dialect: no quoting, `\,` is a comma inside a value, white space around a
 * value is dropped (documented). That any other backslash stands for itself is a guess.
 */
export function splitLine(line: string): string[] {
  if (!line.includes("\\,")) return line.split(",").map((value) => value.trim());
  const values: string[] = [];
  let value = "";
  for (let index = 0; index < line.length; index += 1) {
    const character = line.charAt(index);
    if (character === "\\" && line.charAt(index + 1) === ",") {
      value += ",";
      index += 1;
    } else if (character === ",") {
      values.push(value.trim());
      value = "";
    } else {
      value += character;
    }
  }
  values.push(value.trim());
  return values;
}
