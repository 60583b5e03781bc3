import fc from "fast-check";
import { expect, test } from "vitest";
import { withoutComments, withoutCommentsIn } from "../../src/extract/json-comments.ts";
import { openTextFile } from "../../src/extract/text-file.ts";
import { aFile } from "../support/files.ts";

const spaces = (count: number): string => " ".repeat(count);

test.each([
  ['{"a": 1} // one', `{"a": 1} ${spaces(6)}`],
  ['{"a": /* one */ 1}', `{"a": ${spaces(9)} 1}`],
  ["/*/ 1 */2", `${spaces(8)}2`],
  ["/**/1/***/2", `${spaces(4)}1${spaces(5)}2`],
  ["// a\r\n1 // b\n2", `${spaces(4)}\r\n1 ${spaces(4)}\n2`],
  ["/* a\n* / */1", `${spaces(4)}\n${spaces(6)}1`],
  ['"https://x" "\\"// \\\\" // a', `"https://x" "\\"// \\\\" ${spaces(4)}`],
  ['"/* a */" /* "b */1', `"/* a */" ${spaces(8)}1`],
  ["1 / 2 /", "1 / 2 /"],
  ["[1] /* never closed", `[1] ${spaces(15)}`],
  ["", ""],
])("%j becomes %j", (text, expected) => {
  expect(withoutCommentsIn(text)).toBe(expected);
});

test("text that comes in blocks loses the same, wherever they are cut", async () => {
  const piece = fc.constantFrom("/", "*", "//", "/*", "*/", '"', "\\", "\n", "a", "é🦀");
  await fc.assert(
    fc.asyncProperty(fc.array(piece), fc.nat(), async (pieces, at) => {
      const text = pieces.join("");
      const file = await openTextFile(aFile(text));
      await file.close();
      const bytes = Buffer.from(text);
      const cut = bytes.length === 0 ? 0 : at % bytes.length;
      const blocks = async function* () {
        yield bytes.subarray(0, cut);
        yield Buffer.alloc(0);
        yield bytes.subarray(cut);
      };
      const plain: Buffer[] = [];
      for await (const block of withoutComments({ ...file, blocks }).blocks()) plain.push(block);
      expect(Buffer.concat(plain).toString("utf8")).toBe(withoutCommentsIn(text));
      expect(Buffer.concat(plain)).toHaveLength(bytes.length);
    }),
    { numRuns: 300 },
  );
});
