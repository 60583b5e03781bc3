import { expect, test } from "vitest";
import { parsePhp } from "../../src/transform/php-value.ts";

test.each<[string, unknown]>([
  ["N;", null],
  ["b:1;", true],
  ["b:0;", false],
  ["i:-42;", -42],
  ["i:9223372036854775807;", "9223372036854775807"],
  ["d:0.5;", 0.5],
  ["d:1.0E+25;", 1e25],
  ['s:0:"";', ""],
  // PHP counts bytes.
  ['s:5:"née!";', "née!"],
  ['s:9:"a";s:1:"b";', 'a";s:1:"b'],
  ["a:0:{}", []],
  ['a:1:{s:13:"administrator";b:1;}', { administrator: true }],
  ['a:2:{i:0;s:6:"editor";i:1;s:6:"author";}', ["editor", "author"]],
  ['a:1:{i:7;s:6:"editor";}', { "7": "editor" }],
  ['a:2:{s:6:"editor";b:1;s:4:"more";a:1:{s:1:"x";N;}}', { editor: true, more: { x: null } }],
])("%s is read", (text, value) => {
  expect(parsePhp(text)).toEqual(value);
});

test.each([
  "",
  "administrator",
  "i:1",
  "i:1;i:2;",
  "b:2;",
  "d:INF;",
  "i:99999999999999999999999;",
  's:4:"née!";',
  's:1:"é";',
  's:999999999:"x";',
  's:-1:"";',
  "a:2:{i:0;i:1;}",
  "a:1:{i:0;i:1;i:1;i:2;}",
  "a:999999999:{",
  "a:1:{b:1;i:1;}",
  "a:1:{a:0:{}i:1;}",
  'O:8:"stdClass":0:{}',
  'a:1:{s:1:"x";O:8:"stdClass":0:{}}',
  'C:11:"ArrayObject":0:{}',
  'E:4:"A:B";',
  "a:2:{i:0;i:1;i:1;R:2;}",
  `${"a:1:{i:0;".repeat(5_000)}N;${"}".repeat(5_000)}`,
])("%s is none", (text) => {
  expect(parsePhp(text)).toBeUndefined();
});

test("a key that names a prototype is a key", () => {
  const parsed = parsePhp('a:1:{s:9:"__proto__";b:1;}');
  expect(Object.keys(parsed as object)).toEqual(["__proto__"]);
  expect(({} as Record<string, unknown>)["__proto__"]).toBe(Object.prototype);
});
