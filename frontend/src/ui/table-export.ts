import { cellText, type ColumnDef } from "./table-columns";

/** Rows as lines of tab-separated text with a head, for pasting into a chat or a sheet. */
export function toText<T>(columns: readonly ColumnDef<T>[], rows: readonly T[]): string {
  const line = (cells: string[]) => cells.map((c) => c.replace(/[\t\r\n]+/g, " ")).join("\t");
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

/** Names come from hosts: "=HYPERLINK(…)" must not act. Source: OWASP, "CSV Injection". Numbers stay as they are. */
function quote(cell: string): string {
  const safe = /^[=+\-@\t\r]/.test(cell) && Number.isNaN(Number(cell)) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
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
