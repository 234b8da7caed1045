import { memo, type JSX } from "react";

import { cellText, type ColumnDef } from "./table-columns";
import { cx } from "./cx";
import { cellWidth } from "./table-widths";

export interface RowProps<T> {
  row: T;
  columns: readonly ColumnDef<T>[];
  /** Place among the rows that are shown. */
  index: number;
  /** Pixels from the top. */
  top: number;
  selected: boolean;
  /** Has the keyboard. */
  active: boolean;
  /** Takes part in the tab order: one row does. */
  stop: boolean;
  selectable: boolean;
  href?: (row: T) => string;
  /** Not live: muted. */
  dim?: boolean;
}

function PlainRow<T>({ row, columns, index, top, selected, active, stop, selectable, href, dim }: RowProps<T>) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selectable ? selected : undefined}
      data-index={index}
      data-active={active || undefined}
      tabIndex={stop ? 0 : -1}
      style={{ transform: `translateY(${top}px)` }}
      className={cx(
        "group/row absolute top-0 left-0 flex h-(--row) min-w-full items-stretch border-b border-line/50 bg-(--bg) -outline-offset-2!",
        dim && "text-fg-muted [--name:var(--fg-muted)]",
        selected ? "[--bg:var(--accent-soft)]" : "[--bg:var(--panel)] hover:[--bg:var(--raised)] data-active:[--bg:var(--raised)]",
      )}
    >
      {columns.map((c, i) => (
        <div
          key={c.id}
          role="gridcell"
          aria-colindex={i + 1}
          style={cellWidth[i]}
          className={cx(
            "flex shrink-0 items-center overflow-hidden px-2",
            c.align === "end" && "justify-end text-right",
            c.mono && "font-mono",
            i === 0 && "sticky left-0 z-1 gap-2 border-r border-line/50 bg-(--bg) pl-3",
          )}
        >
          {i === 0 && selectable && <input type="checkbox" className="check" tabIndex={-1} aria-label="Select row" checked={selected} readOnly data-check />}
          <Cell column={c} row={row} href={i === 0 ? href : undefined} />
        </div>
      ))}
    </div>
  );
}

function Cell<T>({ column, row, href }: { column: ColumnDef<T>; row: T; href?: (row: T) => string }) {
  const content = column.cell ? column.cell(row) : <span className="name">{cellText(column, row)}</span>;
  if (!href) return content;
  return (
    <a href={href(row)} tabIndex={-1} className="name min-w-0 font-medium text-(--name,var(--fg)) hover:text-accent-fg hover:underline">
      {column.cell ? content : cellText(column, row)}
    </a>
  );
}

/** One row; renders again only when something of its own changed. Events are handled by the body. */
export const TableRow = memo(PlainRow) as <T>(props: RowProps<T>) => JSX.Element;
