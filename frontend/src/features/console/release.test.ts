import { expect, test } from "vitest";

import { ReleaseChord } from "./release";

test.each([
  ["Ctrl, Alt, let go", "+ControlLeft +AltLeft -AltLeft", true],
  ["Alt first, right Ctrl", "+AltLeft +ControlRight -ControlRight", true],
  ["keys that repeat", "+ControlLeft +ControlLeft +AltLeft +AltLeft -ControlLeft", true],
  ["Ctrl+Alt+Delete", "+ControlLeft +AltLeft +Delete -Delete -AltLeft -ControlLeft", false],
  ["Ctrl+Alt+F2, let go in another order", "+ControlLeft +AltLeft +F2 -AltLeft -ControlLeft -F2", false],
  ["AltGr of a German keyboard", "+ControlLeft +AltRight -ControlLeft -AltRight", false],
  ["Ctrl alone", "+ControlLeft -ControlLeft", false],
  ["with Shift", "+ShiftLeft +ControlLeft +AltLeft -AltLeft -ControlLeft -ShiftLeft", false],
  ["Esc", "+Escape -Escape", false],
  ["after another chord", "+ControlLeft +KeyC -KeyC -ControlLeft +ControlLeft +AltLeft -AltLeft", true],
])("%s", (_, keys, want) => {
  const chord = new ReleaseChord();
  const got = keys.split(" ").map((k) => chord.take({ type: k.startsWith("+") ? "keydown" : "keyup", code: k.slice(1) }));
  expect(got.includes(true)).toBe(want);
});

test("keys that were held when the keyboard went elsewhere are forgotten", () => {
  const chord = new ReleaseChord();
  chord.take({ type: "keydown", code: "KeyA" });
  chord.reset();
  chord.take({ type: "keydown", code: "ControlLeft" });
  chord.take({ type: "keydown", code: "AltLeft" });
  expect(chord.take({ type: "keyup", code: "AltLeft" })).toBe(true);
});
