import type { Net } from "./ip";
import { inNet, parseIP, parseNet } from "./ip";
import { parseSize } from "./format";
import type { Part, Problem, Term } from "./query-parse";
import { parseTerms } from "./query-parse";

/**
 * The language of query boxes: words that all have to be there, and fields.
 *
 *   web state:running host:kvm*,db? cpu>2 mem>=4G ip:10.0.0.0/8 -title:"old one"
 *
 * Terms are joined by "and", the values of one field by "or", "-" turns a term
 * around. * and ? stand for any text and any character.
 */
export type Field<Row> = { name: string; /** What it asks, a few words. */ hint: string } & (
  | { /** The value is part of one of these. */ kind: "part"; of: (r: Row) => readonly string[] }
  | { /** The value is one of these, whole. */ kind: "whole"; of: (r: Row) => readonly string[] }
  | { /** The value is one of a fixed set. */ kind: "choice"; values: readonly string[]; of: (r: Row) => string }
  | { kind: "flag"; of: (r: Row) => boolean }
  | { kind: "number" | "size"; of: (r: Row) => number }
  | { /** An address or a network that holds one of these. */ kind: "ip"; of: (r: Row) => readonly string[] }
);

/** Language is what can be asked about rows of one kind. */
export interface Language<Row> {
  fields: readonly Field<Row>[];
  /** What a bare word is looked for in. */
  words: (r: Row) => readonly string[];
}

/** Query is what was typed, understood. */
export interface Query<Row> {
  /** True when nothing is asked: every row matches. */
  empty: boolean;
  /** What was not understood, in its order; those terms are left out of test. */
  problems: Problem[];
  test: (r: Row) => boolean;
}

type Test<Row> = (r: Row) => boolean;

/** parseQuery understands what can be understood, and says where the rest is wrong. */
export function parseQuery<Row>(text: string, language: Language<Row>): Query<Row> {
  const { terms, problems } = parseTerms(text, language.fields.map((f) => f.name));
  const tests: Test<Row>[] = [];
  for (const term of terms) {
    const test = term.field === undefined ? words(term, language) : fieldTest(term, language, problems);
    if (test) tests.push(term.not ? (r) => !test(r) : test);
  }
  problems.sort((a, b) => a.from - b.from);
  return { empty: tests.length === 0, problems, test: (r) => tests.every((t) => t(r)) };
}

function words<Row>(term: Term, language: Language<Row>): Test<Row> {
  const holds = textTest(term.values[0]?.text ?? "", false);
  return (r) => language.words(r).some(holds);
}

function fieldTest<Row>(term: Term, language: Language<Row>, problems: Problem[]): Test<Row> | undefined {
  const field = language.fields.find((f) => f.name === term.field);
  if (!field) return undefined;
  const before = problems.length;
  const tests = term.values.map((v) => valueTest(field, term, v, problems));
  return problems.length > before ? undefined : (r) => tests.some((t) => t(r));
}

const never = () => false;

function valueTest<Row>(field: Field<Row>, term: Term, value: Part, problems: Problem[]): Test<Row> {
  const wrong = (message: string) => {
    problems.push({ from: value.from, to: value.to, message });
    return never;
  };
  if (field.kind === "number" || field.kind === "size") {
    const n = field.kind === "size" ? Number(parseSize(value.text) ?? NaN) : /^\d+(\.\d+)?$/.test(value.text) ? Number(value.text) : NaN;
    if (Number.isNaN(n)) return wrong(field.kind === "size" ? `“${value.text}” is no size, such as 4G or 512M` : `“${value.text}” is no number`);
    return compare(field.of, term.op, n);
  }
  if (term.op !== ":" && term.op !== "=") {
    problems.push({ from: term.from, to: value.to, message: `${field.name} cannot be greater or less: write ${field.name}:${value.text}` });
    return never;
  }
  switch (field.kind) {
    case "part":
    case "whole": {
      const holds = textTest(value.text, field.kind === "whole");
      return (r) => field.of(r).some(holds);
    }
    case "choice":
      return choiceTest(field, value, wrong);
    case "flag": {
      const want = /^(yes|y|true|on|1)$/i.test(value.text) ? true : /^(no|n|false|off|0)$/i.test(value.text) ? false : undefined;
      return want === undefined ? wrong(`${field.name} is yes or no`) : (r) => field.of(r) === want;
    }
    case "ip":
      return ipTest(field.of, value.text) ?? wrong(`“${value.text}” is no address or network, such as 10.0.0.0/8 or 10.0.*`);
  }
}

function choiceTest<Row>(field: Field<Row> & { kind: "choice" }, value: Part, wrong: (message: string) => Test<Row>): Test<Row> {
  const holds = textTest(value.text.replaceAll("_", " "), true);
  if (!field.values.some(holds)) return wrong(`${field.name} is one of: ${field.values.join(", ")}`);
  return (r) => holds(field.of(r));
}

function compare<Row>(of: (r: Row) => number, op: Term["op"], n: number): Test<Row> {
  switch (op) {
    case ">":
      return (r) => of(r) > n;
    case ">=":
      return (r) => of(r) >= n;
    case "<":
      return (r) => of(r) < n;
    case "<=":
      return (r) => of(r) <= n;
    default:
      return (r) => of(r) === n;
  }
}

function ipTest<Row>(of: (r: Row) => readonly string[], text: string): Test<Row> | undefined {
  if (/[*?]/.test(text)) return (r) => of(r).some(textTest(text, true));
  const net: Net | undefined = parseNet(text);
  if (!net) return undefined;
  return (r) => of(r).some((a) => {
    const ip = parseIP(a);
    return ip !== undefined && inNet(ip, net);
  });
}

/** textTest tells whether a text is `pattern` (whole) or holds it; upper and lower case are the same. */
function textTest(pattern: string, whole: boolean): (text: string) => boolean {
  const p = pattern.toLowerCase();
  if (!/[*?]/.test(p)) return whole ? (t) => t.toLowerCase() === p : (t) => t.toLowerCase().includes(p);
  const glob = whole ? p : `*${p}*`;
  return (t) => globMatch(glob, t.toLowerCase());
}

/**
 * globMatch needs at most pattern times text steps. No regular expression is
 * made of what a link may bring: "a*a*a*a*b" would never end.
 */
export function globMatch(pattern: string, text: string): boolean {
  let p = 0, t = 0, star = -1, mark = 0;
  while (t < text.length) {
    if (pattern[p] === "*") {
      star = p++;
      mark = t;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
