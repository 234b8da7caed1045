import { expect, test } from "vitest";

import { readStored } from "./stored";

const foreign = [null, "", "{", "null", "5", "-1e400", '"x"', "[1]", '[{"a":1}]', '{"length":-1}', "true"];

test.each(foreign)("%j is no list of names", (text) => expect(readStored(text, ["a"])).toEqual(["a"]));
test.each(foreign)("%j is no choice", (text) => expect(readStored(text, "us", (v) => v === "us" || v === "de")).toBe("us"));
test.each(foreign)("%j is no width", (text) => expect(readStored(text, 240, (v) => typeof v === "number" && v >= 100 && v <= 500)).toBe(240));
test("what fits is taken", () => {
  expect(readStored('["b"]', ["a"])).toEqual(["b"]);
  expect(readStored("true", false)).toBe(true);
  expect(readStored('"de"', "us", (v) => v === "us" || v === "de")).toBe("de");
});
