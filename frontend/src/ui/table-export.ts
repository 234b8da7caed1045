import { cellText, type ColumnDef } from "./table-columns";

/** Rows as lines of tab-separated text with a head, for pasting into a chat or a sheet; no formulas, as in CSV. */
export function toText<T>(columns: readonly ColumnDef<T>[], rows: readonly T[]): string {
  const line = (cells: string[]) => cells.map((c) => inert(c).replace(/[\t\r\n]+/g, " ")).join("\t");
  const shown = copied(columns);
  return [line(shown.map((c) => c.header)), ...rows.map((r) => line(shown.map((c) => cellText(c, r))))].join("\n") + "\n";
}

/** Rows as CSV (RFC 4180: CRLF, quotes doubled). A text that a spreadsheet would run as a formula gets a ' before it. */
export function toCSV<T>(columns: readonly ColumnDef<T>[], rows: readonly T[]): string {
  const shown = copied(columns);
  const line = (cells: string[]) => cells.map(quote).join(",");
  return [line(shown.map((c) => c.header)), ...rows.map((r) => line(shown.map((c) => cellText(c, r))))].join("\r\n") + "\r\n";
}

function copied<T>(columns: readonly ColumnDef<T>[]): ColumnDef<T>[] {
  return columns.filter((c) => c.value || c.text);
}

/**
 * inert puts a ' before what a spreadsheet would run: names come from hosts, and
 * "=HYPERLINK(…)" must not act. Numbers stay as they are. Source: OWASP, "CSV
 * Injection"; the wide signs count where Japanese is written.
 */
function inert(cell: string): string {
  return /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20\t\r]/.test(cell) && Number.isNaN(Number(cell)) ? `'${cell}` : cell;
}

/** A semicolon separates where the comma is the decimal sign: a field that holds one is quoted, too. */
function quote(cell: string): string {
  const safe = inert(cell);
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Offers text as a file to save; the browser asks where. */
export function saveFile(name: string, text: string, type = "text/csv"): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
