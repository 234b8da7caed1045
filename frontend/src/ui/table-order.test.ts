import { expect, test } from "vitest";

import { compareWords, wordKey, wordKeys } from "./table-order";

const byKey = (a: string, b: string) => Math.sign(Number(a > b) - Number(a < b));

test.each([
  ["vm9", "vm10"],
  ["VM9", "vm9"],
  ["web-2", "web-10"],
  ["web_1", "web-1"],
  ["a", "a1"],
  ["a1", "ab"],
  ["v1.10", "v1.9"],
  ["007", "7"],
  ["", " "],
  ["0", "00"],
  ["x00012y", "x12z"],
])("%j and %j stand as the collator says", (a, b) => {
  expect(byKey(wordKey(a) as string, wordKey(b) as string)).toBe(Math.sign(compareWords(a, b)));
});

test("any ASCII stands as the collator says", () => {
  let seed = 7;
  const next = (n: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
  const word = () => Array.from({ length: next(9) }, () => (next(3) === 0 ? String(next(10)) : String.fromCharCode(32 + next(95)))).join("");
  for (let i = 0; i < 20_000; i++) {
    const [a, b] = [word(), word()];
    const got = byKey(wordKey(a) as string, wordKey(b) as string);
    if (got !== Math.sign(compareWords(a, b))) throw new Error(`${JSON.stringify([a, b])}: ${got}`);
  }
});

test.each(["é", "日本", "a\tb", "\u202e", "1".repeat(300)])("%j is left to the collator", (word) => expect(wordKey(word)).toBeUndefined());

test("one word without a key leaves all to the collator; what is no word stays", () => {
  expect(wordKeys(["a", "é"])).toBeUndefined();
  expect(wordKeys([1, undefined, null])).toEqual([1, undefined, null]);
});
