/** Problem is a part of a query that was not understood: [from, to) of the text. */
export interface Problem {
  from: number;
  to: number;
  message: string;
  /** It may be only half typed: an error is shown once the box is left. */
  unfinished?: boolean;
}

/** Part is a piece of the text without its quotes. */
export interface Part {
  text: string;
  from: number;
  to: number;
}

/** How a field is compared. */
export type Op = ":" | "=" | ">" | "<" | ">=" | "<=";

/** Term is one word, or one field with its values. */
export interface Term {
  from: number;
  to: number;
  not: boolean;
  /** Absent: a bare word, in values[0]. */
  field?: string;
  op: Op;
  /** At least one. */
  values: Part[];
}

/** Longest query that is read: it also comes from links. */
const MAX = 20_000;
const FIELD = /^([a-z]+)(>=|<=|[:=<>])/i;
/** "52:54:00:12:34:56", "fe80::1": words with colons, not fields. */
const COLONS = /^(?=[0-9a-f:.*%]*:[0-9a-f.*%]*:)[0-9a-f:.*%]+(?=\s|$)/i;

/** parseTerms splits a query into terms; what is wrong is left out and told. */
export function parseTerms(text: string, fields: readonly string[]): { terms: Term[]; problems: Problem[] } {
  const terms: Term[] = [];
  const problems: Problem[] = [];
  const end = Math.min(text.length, MAX);
  if (text.length > MAX) problems.push({ from: MAX, to: text.length, message: `A query has at most ${MAX} characters` });
  for (let at = skipSpace(text, 0); at < end; at = skipSpace(text, at)) {
    const from = at;
    const not = text[at] === "-" && at + 1 < text.length && text[at + 1] !== " ";
    if (not) at++;
    const rest = text.slice(at);
    const head = COLONS.test(rest) ? null : FIELD.exec(rest);
    const field = head?.[1]?.toLowerCase();
    if (head) at += head[0].length;
    const read = field === undefined ? readWord(text, at, problems) : readValues(text, at, problems);
    at = Math.max(read.to, from + 1);
    const term: Term = { from, to: at, not, op: (head?.[2] ?? ":") as Op, values: read.values, ...(field === undefined ? {} : { field }) };
    if (field !== undefined && !fields.includes(field)) problems.push(unknownField(term, field, fields));
    else if (read.values.length === 0) problems.push({ from, to: at, message: `What should ${field} be?`, unfinished: true });
    else terms.push(term);
  }
  return { terms, problems };
}

function unknownField(term: Term, field: string, fields: readonly string[]): Problem {
  const near = fields.find((f) => f.startsWith(field)) ?? fields.find((f) => distance(f, field) <= 2);
  const message = near ? `There is no field “${field}”: did you mean ${near}?` : `There is no field “${field}”. There are ${fields.join(", ")}; put words with a colon in quotes`;
  return { from: term.from, to: term.from + (term.not ? 1 : 0) + field.length, message };
}

function skipSpace(text: string, at: number): number {
  while (at < text.length && /\s/.test(text[at] ?? "")) at++;
  return at;
}

function readWord(text: string, at: number, problems: Problem[]): { values: Part[]; to: number } {
  const part = text[at] === '"' ? readQuoted(text, at, problems) : readBare(text, at, /\s/);
  return { values: [part], to: part.to };
}

/** readValues reads "a,b,"c d"" up to the next space. */
function readValues(text: string, at: number, problems: Problem[]): { values: Part[]; to: number } {
  const values: Part[] = [];
  for (;;) {
    const part = text[at] === '"' ? readQuoted(text, at, problems) : readBare(text, at, /[\s,]/);
    if (part.to > part.from) values.push(part);
    at = part.to;
    if (text[at] !== ",") return { values, to: at };
    at++;
  }
}

function readBare(text: string, from: number, stop: RegExp): Part {
  let to = from;
  while (to < text.length && !stop.test(text[to] ?? "")) to++;
  return { text: text.slice(from, to), from, to };
}

function readQuoted(text: string, from: number, problems: Problem[]): Part {
  let out = "";
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '"') return { text: out, from, to: at + 1 };
    if (text[at] === "\\" && (text[at + 1] === '"' || text[at + 1] === "\\")) at++;
    out += text[at];
  }
  problems.push({ from, to: text.length, message: "The quote is not closed", unfinished: true });
  return { text: out, from, to: text.length };
}

/** quoted is a value as it is written in a query: in quotes where it must be. */
export function quoted(value: string): string {
  return value === "" || /[\s,"\\]/.test(value) ? `"${value.replace(/["\\]/g, "\\$&")}"` : value;
}

/** distance is how many letters differ (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length] ?? 0;
}
