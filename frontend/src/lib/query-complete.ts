import type { Field, Language } from "./query";
import { parseTerms, quoted } from "./query-parse";

/** Completion replaces [from, to) of a query by `text`. */
export interface Completion {
  from: number;
  to: number;
  text: string;
  /** What it means, a few words; may be empty. */
  hint: string;
}

/** How many are offered. */
const MOST = 8;

/** complete offers what could stand at the caret: names of fields, or values that rows have. */
export function complete<Row>(text: string, caret: number, language: Language<Row>, rows: readonly Row[]): Completion[] {
  const before = text.slice(0, caret);
  const value = /(?:^|\s)-?([a-z]+)(>=|<=|[:=<>])((?:"[^"]*"|[^\s"])*"?[^\s"]*)$/i.exec(before);
  if (value) return values(value[1]?.toLowerCase() ?? "", value[3] ?? "", caret, language, rows);
  const word = /(?:^|\s)-?([a-z]*)$/i.exec(before);
  if (!word || insideQuotes(before)) return [];
  const start = word[1]?.toLowerCase() ?? "";
  return language.fields
    .filter((f) => f.name.startsWith(start) && (start !== "" || caret === text.length))
    .slice(0, start === "" ? language.fields.length : MOST)
    .map((f) => ({ from: caret - start.length, to: caret, text: f.name + operator(f), hint: f.hint }));
}

function operator<Row>(f: Field<Row>): string {
  return f.kind === "number" || f.kind === "size" ? ">" : ":";
}

function insideQuotes(before: string): boolean {
  return parseTerms(before, []).problems.some((p) => p.message === "The quote is not closed");
}

function values<Row>(name: string, typed: string, caret: number, language: Language<Row>, rows: readonly Row[]): Completion[] {
  const field = language.fields.find((f) => f.name === name);
  if (!field) return [];
  const last = typed.slice(typed.lastIndexOf(",") + 1);
  const start = last.replace(/^"/, "").toLowerCase();
  return known(field, rows)
    .filter((v) => v.toLowerCase().startsWith(start) && v.toLowerCase() !== start)
    .slice(0, MOST)
    .map((v) => ({ from: caret - last.length, to: caret, text: quoted(field.kind === "choice" ? v.replaceAll(" ", "_") : v), hint: "" }));
}

function known<Row>(field: Field<Row>, rows: readonly Row[]): string[] {
  switch (field.kind) {
    case "choice":
      return [...field.values];
    case "flag":
      return ["yes", "no"];
    case "number":
    case "size":
    case "ip":
      return [];
    default: {
      const seen = new Set<string>();
      for (const r of rows) for (const v of field.of(r)) if (v) seen.add(v);
      return [...seen].sort();
    }
  }
}
