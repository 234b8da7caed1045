import { expect, test } from "vitest";

import { CHORDS, FUNCTIONS, TERMINALS, press } from "./keys";

test.each([
  ["Ctrl+Alt+Del", "+ffe3 +ffe9 +ffff -ffff -ffe9 -ffe3"],
  ["Windows", "+ffeb -ffeb"],
  ["Ctrl+Alt+F1", "+ffe3 +ffe9 +ffbe -ffbe -ffe9 -ffe3"],
  ["Ctrl+Alt+F12", "+ffe3 +ffe9 +ffc9 -ffc9 -ffe9 -ffe3"],
  ["F4", "+ffc1 -ffc1"],
])("%s", (label, want) => {
  const chord = [...CHORDS, ...TERMINALS, ...FUNCTIONS].find((c) => c.label === label);
  const got: string[] = [];
  if (chord) press(chord, (key, down) => got.push(`${down ? "+" : "-"}${key.sym.toString(16)}`));
  expect(got.join(" ")).toBe(want);
});

test("every chord has a name of its own", () => {
  const labels = [...CHORDS, ...TERMINALS, ...FUNCTIONS].map((c) => c.label);
  expect(new Set(labels).size).toBe(labels.length);
});
