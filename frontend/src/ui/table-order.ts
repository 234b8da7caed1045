/*
 * The order of words in a table: Intl.Collator's, by keys where they tell the
 * same. A comparison by the collator takes some 100 ns, of two keys a few; and
 * 10,000 rows need a hundred thousand of them before anything is on the screen.
 */

/** A collator and the languages whose order of ASCII has no rule for more than one character at once. */
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const plain = /^(en|de|fr|it|es|pt|nl)\b/.test(collator.resolvedOptions().locale);

/** Orders words as people count: "vm9" before "vm10"; "a" and "A" are one. */
export const compareWords = collator.compare;

/** rank is a printable ASCII character's place in the collator's order, from its code; those that it takes for one share a place. */
const rank = ranks();

function ranks(): readonly number[] {
  const all = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).sort(compareWords);
  const places: number[] = [];
  let place = 1;
  all.forEach((c, i) => {
    if (i > 0 && compareWords(all[i - 1] as string, c) !== 0) place++;
    places[c.charCodeAt(0)] = place;
  });
  return places;
}

const ZERO = 48;
const NINE = 57;
/** The collator counts longer numbers in parts. */
const MOST_DIGITS = 200;

/**
 * wordKey is a text whose order among such keys, by code units, is the
 * collator's order of the words; undefined where only the collator knows: other
 * letters than ASCII's, other languages. A number is its length, then its digits.
 */
export function wordKey(word: string): string | undefined {
  if (!plain) return undefined;
  let key = "";
  for (let i = 0; i < word.length; i++) {
    const code = word.charCodeAt(i);
    if (code < ZERO || code > NINE) {
      const place = rank[code];
      if (place === undefined) return undefined;
      key += String.fromCharCode(place);
      continue;
    }
    let from = i;
    while (i + 1 < word.length && isDigit(word.charCodeAt(i + 1))) i++;
    while (from < i && word.charCodeAt(from) === ZERO) from++;
    if (i - from >= MOST_DIGITS) return undefined;
    key += String.fromCharCode(rank[ZERO] as number, i - from + 1) + word.slice(from, i + 1);
  }
  return key;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

/** wordKeys are the keys of all words; undefined when one has none. What is no word stays as it is. */
export function wordKeys<V>(values: readonly V[]): (V | string)[] | undefined {
  const keys: (V | string)[] = [];
  for (const v of values) {
    const key = typeof v === "string" ? wordKey(v) : v;
    if (key === undefined && v !== undefined) return undefined;
    keys.push(key as V | string);
  }
  return keys;
}
