/** A line of a unified diff. Numbers count from 1 in the old and the new text; undefined where the line is not there. */
export interface DiffLine {
  kind: "same" | "added" | "removed";
  text: string;
  old?: number;
  new?: number;
}

/** A stretch of a diff with its surroundings. */
export interface Hunk {
  /** As in the diff: "@@ -3,7 +3,8 @@". */
  header: string;
  lines: DiffLine[];
}

const header = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** Reads a unified diff, as Plan.Step.diff has it. File names are left out; lines before the first hunk are, too. */
export function parseDiff(text: string): Hunk[] {
  const hunks: Hunk[] = [];
  let before = 0;
  let after = 0;
  for (const raw of text.split("\n")) {
    const at = header.exec(raw);
    const hunk = hunks.at(-1);
    if (at) {
      before = Number(at[1]);
      after = Number(at[2]);
      hunks.push({ header: raw, lines: [] });
    } else if (!hunk || raw.startsWith("\\")) {
      continue;
    } else if (raw.startsWith("+")) {
      hunk.lines.push({ kind: "added", text: raw.slice(1), new: after++ });
    } else if (raw.startsWith("-")) {
      hunk.lines.push({ kind: "removed", text: raw.slice(1), old: before++ });
    } else if (raw.startsWith(" ")) {
      hunk.lines.push({ kind: "same", text: raw.slice(1), old: before++, new: after++ });
    }
  }
  return hunks;
}

/** How many lines a diff adds and removes. */
export function diffCounts(hunks: readonly Hunk[]): { added: number; removed: number } {
  const of = (kind: DiffLine["kind"]) => hunks.reduce((n, h) => n + h.lines.filter((l) => l.kind === kind).length, 0);
  return { added: of("added"), removed: of("removed") };
}
