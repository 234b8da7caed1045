import { timestampDate } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";

import { localText, parseLocal, stampOf } from "./moment";

test.each([
  ["2026-03-01T14:30", "2026-03-01T14:30:00"],
  ["2026-03-01T14:30:59", "2026-03-01T14:30:59"],
  ["2024-02-29T00:00", "2024-02-29T00:00:00"],
])("%s is a time", (text, want) => {
  const d = parseLocal(text);
  expect(d && localText(d)).toBe(want);
});

test.each([undefined, "", "yesterday", "2026-02-31T10:00", "2026-13-01T10:00", "2026-03-01", "2026-03-01T25:00", "2026-03-01T14:30Z", "<img>"])("%s is none", (text) => {
  expect(parseLocal(text)).toBeUndefined();
  expect(stampOf(text)).toBeUndefined();
});

test("a time means to the end of its second", () => {
  const stamp = stampOf("2026-03-01T14:30:10");
  expect(stamp && timestampDate(stamp).getMilliseconds()).toBe(999);
});
