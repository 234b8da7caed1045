/** Key is a key of a keyboard: its X11 keysym, and its place as in KeyboardEvent.code. */
export interface Key {
  sym: number;
  code: string;
}

/** Chord is keys that are pressed together. */
export interface Chord {
  /** "Ctrl+Alt+Del", as it is read on keys. */
  label: string;
  keys: Key[];
}

/** Keysyms. Source: X11/keysymdef.h. */
const CTRL: Key = { sym: 0xffe3, code: "ControlLeft" };
const ALT: Key = { sym: 0xffe9, code: "AltLeft" };
const SHIFT: Key = { sym: 0xffe1, code: "ShiftLeft" };
const WINDOWS: Key = { sym: 0xffeb, code: "MetaLeft" };
const TAB: Key = { sym: 0xff09, code: "Tab" };
const ESC: Key = { sym: 0xff1b, code: "Escape" };
const DEL: Key = { sym: 0xffff, code: "Delete" };
const BACKSPACE: Key = { sym: 0xff08, code: "Backspace" };
const PRINT: Key = { sym: 0xff61, code: "PrintScreen" };

const f = (n: number): Key => ({ sym: 0xffbe + n - 1, code: `F${n}` });
const letter = (c: string): Key => ({ sym: c.charCodeAt(0), code: `Key${c.toUpperCase()}` });

const chord = (label: string, ...keys: Key[]): Chord => ({ label, keys });

/** What this computer or the browser keeps for itself, and so has to be sent from a menu. */
export const CHORDS: Chord[] = [
  chord("Ctrl+Alt+Del", CTRL, ALT, DEL),
  chord("Ctrl+Alt+Backspace", CTRL, ALT, BACKSPACE),
  chord("Alt+Tab", ALT, TAB),
  chord("Alt+F4", ALT, f(4)),
  chord("Ctrl+Esc", CTRL, ESC),
  chord("Ctrl+Shift+Esc", CTRL, SHIFT, ESC),
  chord("Windows", WINDOWS),
  chord("Windows+L", WINDOWS, letter("l")),
  chord("Windows+R", WINDOWS, letter("r")),
  chord("Esc", ESC),
  chord("Tab", TAB),
  chord("Print Screen", PRINT),
  chord("Alt+Print Screen", ALT, PRINT),
];

/** Linux' other screens, and keys that browsers take. */
export const TERMINALS: Chord[] = Array.from({ length: 12 }, (_, i) => chord(`Ctrl+Alt+F${i + 1}`, CTRL, ALT, f(i + 1)));
export const FUNCTIONS: Chord[] = Array.from({ length: 12 }, (_, i) => chord(`F${i + 1}`, f(i + 1)));

/** press sends a chord: all keys down in order, then up in the reverse one. */
export function press(c: Chord, send: (key: Key, down: boolean) => void) {
  for (const k of c.keys) send(k, true);
  for (const k of c.keys.toReversed()) send(k, false);
}
