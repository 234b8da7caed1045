import { expect, test } from "vitest";

import { diffCounts, parseDiff } from "./diff";

const text = `--- domain
+++ domain
@@ -3,4 +3,5 @@
   <memory>1</memory>
-  <vcpu>1</vcpu>
+  <vcpu>2</vcpu>
+  <title>--- x</title>
 </domain>
@@ -20 +21 @@
-a
+b
\\ No newline at end of file
`;

test("a unified diff is read with its line numbers", () => {
  const hunks = parseDiff(text);
  expect(hunks.map((h) => h.header)).toEqual(["@@ -3,4 +3,5 @@", "@@ -20 +21 @@"]);
  expect(hunks[0]?.lines.map((l) => [l.kind, l.old, l.new])).toEqual([
    ["same", 3, 3],
    ["removed", 4, undefined],
    ["added", undefined, 4],
    ["added", undefined, 5],
    ["same", 5, 6],
  ]);
  expect(hunks[1]?.lines.map((l) => l.text)).toEqual(["a", "b"]);
  expect(diffCounts(hunks)).toEqual({ added: 3, removed: 2 });
});

test.each(["", "no diff at all", "--- a\n+++ b\n"])("%j has no hunks", (t) => expect(parseDiff(t)).toEqual([]));
