import { ArrowDown, ArrowUp, ListFilter } from "lucide-react";
import { useRef, type KeyboardEvent, type PointerEvent } from "react";

import { cx } from "./cx";
import { Popover } from "./popover";
import { minWidth, type ColumnDef } from "./table-columns";
import { ColumnFilter } from "./table-filter";
import { filterKind, type Filters, type Sort } from "./table-rows";
import { nextSorting } from "./table-state";
import { cellWidth, type Widths } from "./table-widths";

interface HeadProps<T> {
  columns: readonly ColumnDef<T>[];
  rows: readonly T[];
  widths: Widths;
  sorting: readonly Sort[];
  filters: Filters;
  onSort: (sorting: Sort[]) => void;
  onFilter: (column: string, value: Filters[string] | undefined) => void;
  onWidth: (column: string, px: number) => void;
  selectable: boolean;
  some: boolean;
  every: boolean;
  onAll: (on: boolean) => void;
}

/** The head: names that sort (shift: by several), a filter each, and edges that can be moved. */
export function TableHead<T>(props: HeadProps<T>) {
  const { columns, widths, selectable, some, every, onAll } = props;
  return (
    <div role="rowgroup" className="sticky top-0 z-2" style={{ minWidth: widths.total }}>
      <div role="row" aria-rowindex={1} className="flex h-7.5 border-b border-line bg-raised text-caption font-medium text-fg-secondary">
        {columns.map((c, i) => (
          <div
            key={c.id}
            role="columnheader"
            aria-colindex={i + 1}
            aria-sort={ariaSort(props.sorting.find((s) => s.id === c.id))}
            style={cellWidth[i]}
            className={cx("group/head relative flex shrink-0 items-center gap-1 bg-raised px-2", i === 0 && "sticky left-0 z-1 gap-2 border-r border-line/50 pl-3")}
          >
            {i === 0 && selectable && (
              <input
                type="checkbox"
                className="check"
                aria-label="Select all rows"
                checked={every}
                ref={(box) => {
                  if (box) box.indeterminate = some && !every;
                }}
                onChange={() => onAll(!every)}
              />
            )}
            <Name column={c} {...props} />
            <Edge column={c} width={widths.of[i] ?? 0} onWidth={props.onWidth} />
          </div>
        ))}
      </div>
    </div>
  );
}

function ariaSort(sort: Sort | undefined): "ascending" | "descending" | undefined {
  if (!sort) return undefined;
  return sort.desc ? "descending" : "ascending";
}

function Name<T>({ column, rows, sorting, filters, onSort, onFilter }: { column: ColumnDef<T> } & HeadProps<T>) {
  const at = sorting.findIndex((s) => s.id === column.id);
  const sort = sorting[at];
  const Arrow = sort?.desc ? ArrowDown : ArrowUp;
  const filtered = filters[column.id] !== undefined;
  const end = column.align === "end";
  return (
    <span className={cx("flex min-w-0 flex-1 items-center gap-1", end && "flex-row-reverse")}>
      {column.value && column.sort !== false ? (
        <button
          type="button"
          title={`Sort by ${column.header.toLowerCase()}; with Shift by several`}
          onClick={(e) => onSort(nextSorting(sorting, column.id, e.shiftKey))}
          className={cx("flex min-w-0 items-center gap-0.5 rounded-sm hover:text-fg", sort && "text-fg")}
        >
          <span className="truncate">{column.header}</span>
          {sort && <Arrow size={12} aria-hidden className="shrink-0" />}
          {sort && sorting.length > 1 && <span className="text-[9px]">{at + 1}</span>}
        </button>
      ) : (
        <span className="truncate">{column.header}</span>
      )}
      {filterKind(column) && (
        <Popover
          label={`Filter by ${column.header.toLowerCase()}`}
          className="w-64"
          trigger={
            <button
              type="button"
              aria-label={`Filter by ${column.header.toLowerCase()}${filtered ? ", on" : ""}`}
              className={cx(
                "shrink-0 rounded-sm p-0.5 hover:text-fg focus-visible:opacity-100 data-[state=open]:opacity-100",
                filtered ? "bg-accent-soft text-accent-fg" : "opacity-0 group-hover/head:opacity-100",
              )}
            >
              <ListFilter size={12} aria-hidden />
            </button>
          }
        >
          <ColumnFilter column={column} rows={rows} value={filters[column.id]} onChange={(v) => onFilter(column.id, v)} />
        </Popover>
      )}
    </span>
  );
}

function Edge<T>({ column, width, onWidth }: { column: ColumnDef<T>; width: number; onWidth: (column: string, px: number) => void }) {
  const from = useRef<{ x: number; width: number }>(undefined);
  const to = (px: number) => onWidth(column.id, Math.max(minWidth, Math.min(1200, Math.round(px))));
  const end = () => (from.current = undefined);
  return (
    <div
      role="separator"
      tabIndex={0}
      aria-label={`Width of ${column.header}`}
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={minWidth}
      aria-valuemax={1200}
      onKeyDown={(e: KeyboardEvent) => {
        const by = { ArrowLeft: -16, ArrowRight: 16 }[e.key];
        if (by !== undefined) to(width + by);
      }}
      onDoubleClick={() => to(column.width ?? 140)}
      onPointerDown={(e: PointerEvent) => {
        e.currentTarget.setPointerCapture(e.pointerId);
        from.current = { x: e.clientX, width };
      }}
      onPointerMove={(e: PointerEvent) => from.current && to(from.current.width + e.clientX - from.current.x)}
      onPointerUp={end}
      onPointerCancel={end}
      className="absolute inset-y-1 -right-0.75 z-1 w-1.5 cursor-col-resize border-x-2 border-transparent bg-line bg-clip-content hover:bg-accent-line focus-visible:bg-accent-line"
    />
  );
}
