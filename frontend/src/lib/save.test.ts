import { expect, test } from "vitest";

import { fileName } from "./save";

const at = new Date(2026, 0, 2, 3, 4, 5);

test.each([
  ["web1", "web1"],
  ["../../etc/passwd", "etc-passwd"],
  ["<img src=x onerror=alert(1)>", "img-src-x-onerror-alert-1"],
  ["..", "vm"],
  ["a\u0000b\u202ec", "a-b-c"],
  ["خادم", "خادم"],
  ["x".repeat(200), "x".repeat(80)],
])("%s", (name, want) => {
  expect(fileName(name, "screen", "png", at)).toBe(`${want}-screen-20260102-030405.png`);
});
