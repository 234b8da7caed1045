import { expect, test } from "vitest";

import { best, fuzzy } from "./fuzzy";

const names = ["wombat-211", "web-backend-1", "web1", "db2", "WebProxy"];

test.each([
  ["web1", "web1"], ["wb1", "web1"], ["wbb", "web-backend-1"], ["wp", "WebProxy"], ["DB", "db2"], ["w 211", "wombat-211"],
])("%j finds %j first", (typed, want) => expect(best(typed, names, (n) => n, 9)[0]?.item).toBe(want));

test("what lacks a letter does not match", () => expect(fuzzy("xyz", "web1")).toBeUndefined());
test("nothing typed matches all", () => expect(best("", names, (n) => n, 9)).toHaveLength(5));
test("it tells where", () => expect(fuzzy("wb", "web1")?.at).toEqual([0, 2]));
