// The query language is the server's (core/query): the page only shows where it
// understood nothing, and puts completions in. The server counts characters
// (code points), the page UTF-16 units.

/** Problem is a part of a query that was not understood: [from, to) of the text. */
export interface Problem {
  from: number;
  to: number;
  message: string;
  /** It may be only half typed: an error is shown once the box is left. */
  unfinished: boolean;
}

/** Completion replaces [from, to) of a query by `text`. */
export interface Completion {
  from: number;
  to: number;
  text: string;
  /** What it means, a few words, or how many objects have it; may be empty. */
  hint: string;
}

/** unitAt is where the nth character of a text begins. */
export function unitAt(text: string, n: number): number {
  let at = 0;
  for (const c of text) {
    if (n-- <= 0) break;
    at += c.length;
  }
  return at;
}

/** charsBefore is how many characters stand before a place in a text. */
export function charsBefore(text: string, at: number): number {
  return Array.from(text.slice(0, at)).length;
}

/** spanOf is the part of a text that the server means. */
export function spanOf(text: string, s: { offset: number; length: number }): { from: number; to: number } {
  return { from: unitAt(text, s.offset), to: unitAt(text, s.offset + s.length) };
}

/** problemsOf is what the server did not understand of a text. */
export function problemsOf(text: string, told: readonly { offset: number; length: number; message: string; hint: string; unfinished: boolean }[]): Problem[] {
  return told.map((p) => ({ ...spanOf(text, p), message: sentence(p.hint ? `${p.message}: ${p.hint}` : p.message), unfinished: p.unfinished }));
}

function sentence(s: string): string {
  return s.charAt(0).toUpperCase() + s.slice(1);
}

/** offersOf is what the server offers for a text. */
export function offersOf(text: string, told: readonly { offset: number; length: number; text: string; hint: string; count: number }[]): Completion[] {
  return told.map((o) => ({ ...spanOf(text, o), text: o.text, hint: o.hint || (o.count > 0 ? o.count.toLocaleString("en-US") : "") }));
}

/** structured tells whether a text asks by fields, not by words alone. */
export function structured(text: string): boolean {
  return /[a-z"](?:[:<>=]|!=)/i.test(text);
}

/** quoted is a value as it is written in a query: in quotes where it must be. */
export function quoted(value: string): string {
  return value === "" || /[\s,"\\()]/.test(value) ? `"${value.replace(/["\\]/g, "\\$&")}"` : value;
}
