import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { JournalEntrySchema } from "@/gen/limiquantix/v1/hostos_pb";
import { entryText, joined, MOST_KEPT, priorityOf, priorityState, unitState } from "./system";

test.each([
  ["active", "running", "loaded", "running", "running"], ["active", "exited", "loaded", "running", "done"], ["failed", "failed", "loaded", "failed", "failed"],
  ["inactive", "dead", "masked", "stopped", "masked"], ["inactive", "dead", "not-found", "stopped", "not installed"], ["activating", "start", "loaded", "transient", "starting"],
])("a service that is %s (%s, %s) is %s", (active, sub, load, kind, word) => {
  expect(unitState({ active, sub, load })).toEqual({ kind, word });
});

test.each([["3", 3], ["0", 0], [7, 7], ["8", undefined], ["-1", undefined], ["x", undefined], [undefined, undefined], [1.5, undefined]])("priority %s is %s", (text, want) => {
  expect(priorityOf(text)).toBe(want);
});

test("how grave", () => expect([-1, 0, 3, 4, 5].map(priorityState)).toEqual(["unknown", "failed", "failed", "warning", "unknown"]));

test("messages that are not there", () => {
  expect(entryText({ message: "", cut: true })).toContain("longer");
  expect(entryText({ message: "", cut: false })).toBe("(empty)");
  expect(entryText({ message: "a", cut: true })).toContain("longer");
});

test("each entry once, and not without end", () => {
  const entries = Array.from({ length: MOST_KEPT + 10 }, (_, i) => create(JournalEntrySchema, { cursor: `i=${i}` }));
  const all = joined([{ entries: entries.slice(0, 100) }, { entries: entries.slice(90) }]);
  expect(all).toHaveLength(MOST_KEPT);
  expect(all.at(-1)?.cursor).toBe(`i=${MOST_KEPT + 9}`);
});
