/** Match is how well a text answers what was typed. */
export interface Match {
  /** Higher is better. */
  score: number;
  /** Indexes of the characters that matched, rising. */
  at: number[];
}

/**
 * fuzzy finds the letters of `typed` in `text` in their order, case aside:
 * undefined when they are not all there. Runs and beginnings of words count more,
 * so that "wb1" finds "web1" and "web-backend-1" before "wombat-211".
 */
export function fuzzy(typed: string, text: string): Match | undefined {
  const want = typed.toLowerCase().replace(/\s+/g, "");
  const have = text.toLowerCase();
  if (want === "") return { score: 0, at: [] };
  const whole = have.indexOf(want);
  if (whole >= 0) {
    const at = Array.from(want, (_, i) => whole + i);
    return { score: 1000 - whole - have.length / 10 + (startsWord(text, whole) ? 200 : 0) + (have === want ? 500 : 0), at };
  }
  const at: number[] = [];
  let score = 0;
  let from = 0;
  for (const letter of want) {
    const i = have.indexOf(letter, from);
    if (i < 0) return undefined;
    score += i === from && at.length > 0 ? 12 : startsWord(text, i) ? 10 : 1;
    score -= Math.min(5, i - from);
    at.push(i);
    from = i + 1;
  }
  return { score: score - have.length / 10, at };
}

function startsWord(text: string, i: number): boolean {
  if (i === 0) return true;
  const before = text.charAt(i - 1);
  return /[^\p{L}\p{N}]/u.test(before) || (/\p{Ll}/u.test(before) && /\p{Lu}/u.test(text.charAt(i)));
}

/** best returns the items that match, best first, at most `limit`. */
export function best<T>(typed: string, items: readonly T[], text: (item: T) => string, limit: number): { item: T; match: Match }[] {
  const found: { item: T; match: Match }[] = [];
  for (const item of items) {
    const match = fuzzy(typed, text(item));
    if (match) found.push({ item, match });
  }
  return found.sort((a, b) => b.match.score - a.match.score).slice(0, limit);
}
