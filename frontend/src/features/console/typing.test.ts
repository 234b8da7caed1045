import { expect, test } from "vitest";

import { MAX_TEXT, enters, typingFault, typingTime } from "./typing";

test.each([
  ["", true],
  ["echo 'grüß' | tee /tmp/x\n\tdone\r\n", true],
  ["x".repeat(MAX_TEXT), true],
  ["x".repeat(MAX_TEXT + 1), false],
  ["ü".repeat(MAX_TEXT / 2 + 1), false],
  ["a\u0000b", false],
  ["a\u001b[2Jb", false],
  ["\u007f", false],
])("%j can be typed: %s", (text, want) => {
  expect(typingFault(text) === undefined).toBe(want);
});

test.each([
  ["", 0],
  ["a", 0],
  ["a\n", 1],
  ["a\r\nb\nc", 2],
])("%j presses Enter %i times", (text, want) => {
  expect(enters(text)).toBe(want);
});

test("capitals take two keys", () => {
  expect(typingTime("aA")).toBe(60);
});
