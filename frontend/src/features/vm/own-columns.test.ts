import { expect, test } from "vitest";

import { isChecked, valueOf } from "./own-columns";

test.each([
  ["number", "12", 12], ["number", "many", undefined], ["number", "", undefined], ["checkbox", "yes", true], ["checkbox", "nope", false], ["text", "a", "a"], ["date", "2026-01-02", "2026-01-02"],
] as const)("a %s of %s", (kind, text, want) => expect(valueOf(kind, text)).toBe(want));

test.each([["YES", true], [" true ", true], ["1", true], ["", false], ["no", false]])("checked: %s", (text, want) => expect(isChecked(text)).toBe(want));
