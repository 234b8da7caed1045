import type { ReactNode } from "react";

/** What a column knows of a row, for sorting, filtering and copying. */
export type CellValue = string | number | bigint | boolean | Date | null | undefined;

/** How a column is filtered: words in it, some of its values, or a range such as ">4", "1..8", "<2G". */
export type FilterKind = "text" | "choice" | "number" | "bytes";

/** One column of a DataTable. Make the array once (module level or useMemo): rows render again when it changes. */
export interface ColumnDef<T> {
  /** Stable: what is remembered of the column is under it. */
  id: string;
  /** In the head, the chooser and the CSV; the unit in it where values are bare numbers. */
  header: string;
  /** For sorting, filtering and copying. Without it the column can do none of these. */
  value?: (row: T) => CellValue;
  /** What is copied and searched; default: the value as text. */
  text?: (row: T) => string;
  /**
   * What is shown; default: text. One node is best. A cell that moves
   * (figures) is a component that subscribes by itself; the row then does not
   * render again.
   */
  cell?: (row: T) => ReactNode;
  /** Pixels at first; default 140. */
  width?: number;
  /** Numbers stand at the end. */
  align?: "start" | "end";
  mono?: boolean;
  /** Default: by value, words with numbers in them as people count. false: not sortable. */
  sort?: false | ((a: T, b: T) => number);
  /** Default "text" where there is a value; false: none. */
  filter?: FilterKind | false;
  /** Not shown until it is chosen. */
  hidden?: boolean;
  /** value() moves by itself: sorted anew every few seconds, never under the pointer. */
  live?: boolean;
}

/** Smallest, greatest and default width of a column in pixels. */
export const minWidth = 56;
export const maxWidth = 1200;
export const defaultWidth = 140;

/** The text of a cell, as it is shown by default, searched and copied. */
export function cellText<T>(column: ColumnDef<T>, row: T): string {
  if (column.text) return column.text(row);
  const v = column.value?.(row);
  if (v === null || v === undefined) return "";
  if (v instanceof Date) return v.toISOString();
  if (typeof v === "boolean") return v ? "yes" : "no";
  return String(v);
}

/** Columns in the order that the user chose, hidden ones left out; the first always stays the first and shown. */
export function shownColumns<T>(columns: readonly ColumnDef<T>[], order: readonly string[], hidden: readonly string[]): ColumnDef<T>[] {
  const [first, ...rest] = columns;
  if (!first) return [];
  const place = (c: ColumnDef<T>) => {
    const at = order.indexOf(c.id);
    return at < 0 ? order.length + columns.indexOf(c) : at;
  };
  return [first, ...rest.filter((c) => !hidden.includes(c.id)).sort((a, b) => place(a) - place(b))];
}
