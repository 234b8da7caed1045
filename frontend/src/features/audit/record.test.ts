import { expect, test } from "vitest";

import { doorWord, eventOf, pretty } from "./record";

test.each([
  ["begin", "transient", "begun"],
  ["failed", "failed", "failed"],
  ["", "unknown", "unknown"],
  ["<b>", "unknown", "<b>"],
])("event %s", (event, kind, word) => expect(eventOf({ event })).toEqual({ kind, word }));

test.each([["cli", "command line"], ["resume", "by itself"], ["x", "x"]])("door %s", (door, want) => expect(doorWord(door)).toBe(want));

test.each([
  ['{"vm":"web1"}', '{\n  "vm": "web1"\n}'],
  ["{", "{"],
  ["", ""],
])("request %s", (request, want) => expect(pretty(request)).toBe(want));
