import { expect, test } from "vitest";

import { excerpt, parseNotes } from "./notes";

const text = (t: string) => ({ kind: "text" as const, text: t });

test("headings, lists, paragraphs, code", () => {
  expect(parseNotes("# Web\n\nOwner: **Ops**\nsecond line\n- one\n- two `x`\n1. first\n```\n<b>raw</b>\n```\nend")).toEqual([
    { kind: "heading", level: 1, spans: [text("Web")] },
    { kind: "paragraph", lines: [[text("Owner: "), { kind: "strong", text: "Ops" }], [text("second line")]] },
    { kind: "list", ordered: false, items: [[text("one")], [text("two "), { kind: "code", text: "x" }]] },
    { kind: "list", ordered: true, items: [[text("first")]] },
    { kind: "code", text: "<b>raw</b>" },
    { kind: "paragraph", lines: [[text("end")]] },
  ]);
});

test.each([
  ["see https://wiki.example.org/a?b=c.", "https://wiki.example.org/a?b=c"],
  ["(http://10.0.0.1:8080/)", "http://10.0.0.1:8080/"],
])("a link in %j is found without what follows it", (line, want) => {
  const [block] = parseNotes(line);
  expect(block?.kind === "paragraph" && block.lines[0]?.find((s) => s.kind === "link")?.text).toBe(want);
});

test.each(["javascript:alert(1)", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "data:text/html,x"])("%j is text", (line) => {
  expect(parseNotes(line)).toEqual([{ kind: "paragraph", lines: [[text(line)]] }]);
});

test("a code block that is not closed ends with the notes", () => expect(parseNotes("```\na\nb")).toEqual([{ kind: "code", text: "a\nb" }]));
test("nothing", () => expect(parseNotes("\n \n")).toEqual([]));
test("all text of a long hostile input is kept, soon", () => {
  const evil = "`**".repeat(30_000);
  const [block] = parseNotes(evil);
  expect(block?.kind === "paragraph" && block.lines[0]?.map((s) => s.text).join("").length).toBeGreaterThan(0);
});

test.each([
  ["# Web\n- one\n- two", 160, "Web one two"],
  ["abcdef", 4, "abc…"],
])("excerpt(%j, %s)", (t, n, want) => expect(excerpt(t, n)).toBe(want));
