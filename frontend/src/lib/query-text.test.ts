import { expect, test } from "vitest";

import { charsBefore, offersOf, problemsOf, quoted, spanOf, structured } from "./query-text";
import { queryOfVMs } from "./query-vm";

test.each([
  ["web sate:x", 4, 4, "sate"],
  ["𝒳𝒳 sate:x", 3, 4, "sate"],
  ["é sate", 2, 40, "sate"],
  ["", 3, 4, ""],
])("in %j, %i and %i characters are %j", (text, offset, length, want) => {
  const { from, to } = spanOf(text, { offset, length });
  expect(text.slice(from, to)).toBe(want);
});

test("a caret behind two characters of two units each", () => expect(charsBefore("𝒳𝒳a", 4)).toBe(2));

test("a problem is a sentence with what to write instead", () =>
  expect(problemsOf("sate:x", [{ offset: 0, length: 4, message: "there is no field sate", hint: "did you mean state?", unfinished: false }])).toEqual([
    { from: 0, to: 4, message: "There is no field sate: did you mean state?", unfinished: false },
  ]));

test("an offer says what it means, or how many have it", () =>
  expect(offersOf("ho", [{ offset: 0, length: 2, text: "host:", hint: "name of its host", count: 0 }, { offset: 0, length: 2, text: "kvm1", hint: "", count: 1200 }]).map((o) => o.hint)).toEqual(["name of its host", "1,200"]));

test.each([["a b", '"a b"'], ['a"b', '"a\\"b"'], ["a,b", '"a,b"'], ["a)b", '"a)b"'], ["", '""'], ["kvm1/6f1c", "kvm1/6f1c"]])("%j is written %s", (value, want) => expect(quoted(value)).toBe(want));

test("exactly these VMs", () => expect([queryOfVMs([]), queryOfVMs(["kvm1/a", "k 2/b"])]).toEqual(["", 'id:kvm1/a,"k 2/b"']));

test.each([["web", false], ["web1 db", false], ["state:running", true], ["mem>4G", true], ["tag!=x", true], ["192.168", false]])("%j asks by fields: %s", (text, want) => expect(structured(text)).toBe(want));
