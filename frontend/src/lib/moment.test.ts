import { timestampDate } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";

import { localText, parseLocal, parseTyped, stampOf, typedText } from "./moment";

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

const now = new Date(2026, 2, 1, 14, 30, 5);
test.each([
  ["2026-02-28 23:59", "2026-02-28T23:59:00"],
  ["2026-02-28T23:59:01", "2026-02-28T23:59:01"],
  [" 2026-02-28 ", "2026-02-28T00:00:00"],
  ["9:05", "2026-03-01T09:05:00"],
  ["30 min", "2026-03-01T14:00:05"],
  ["3h", "2026-03-01T11:30:05"],
  ["2 d ago", "2026-02-27T14:30:05"],
])("typed as %s it is %s", (text, want) => {
  const d = parseTyped(text, now);
  expect(d && localText(d)).toBe(want);
});

test.each(["", "soon", "2:30 PM", "25:00", "02/28/2026", "2026-02-31 10:00", "3 weeks", "-1 h"])("typed as %j it is no time", (text) => expect(parseTyped(text, now)).toBeUndefined());

test.each([[now, "2026-03-01 14:30:05"], [new Date(2026, 2, 1, 0, 0), "2026-03-01 00:00"]])("%s stands in a field as %s", (d, want) => expect(typedText(d)).toBe(want));
