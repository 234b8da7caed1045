import { ArrowDown, ArrowUp, ListFilter } from "lucide-react";
import { useRef, useState, type KeyboardEvent, type PointerEvent } from "react";

import { cx } from "./cx";
import { Popover } from "./popover";
import { maxWidth, minWidth, type ColumnDef } from "./table-columns";
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

/**
 * The head: names that sort (shift: by several), a filter each, and edges that
 * can be moved. To the keyboard it is one stop: arrows go from column to column,
 * Enter sorts, Alt+Down filters, Shift with an arrow changes the width.
 */
export function TableHead<T>(props: HeadProps<T>) {
  const { columns, widths, selectable, some, every, onAll } = props;
  const [at, setAt] = useState<string>();
  const [filtering, setFiltering] = useState<string>();
  const stop = columns.some((c) => c.id === at) ? at : columns[0]?.id;
  return (
    <div role="rowgroup" className="sticky top-0 z-2" style={{ minWidth: widths.total }}>
      <div role="row" aria-rowindex={1} className="flex h-7.5 border-b border-line bg-raised text-caption font-medium text-fg-secondary">
        {columns.map((c, i) => (
          <div
            key={c.id}
            role="columnheader"
            aria-colindex={i + 1}
            aria-label={c.header}
            aria-sort={ariaSort(props.sorting.find((s) => s.id === c.id))}
            aria-keyshortcuts="Enter Alt+ArrowDown Shift+ArrowLeft Shift+ArrowRight"
            tabIndex={c.id === stop ? 0 : -1}
            onFocus={() => setAt(c.id)}
            onKeyDown={(e) => press(e, c, widths.of[i] ?? 0, () => setFiltering(c.id), props)}
            style={i === 0 ? cellWidth[i] : { ...cellWidth[i], scrollMarginLeft: "var(--w0)" }}
            className={cx("group/head relative flex shrink-0 items-center gap-1 bg-raised px-2 -outline-offset-2!", i === 0 && "sticky left-0 z-1 gap-2 border-r border-line/50 pl-3")}
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
            <Name column={c} {...props} filtering={filtering === c.id} onFiltering={(on) => setFiltering(on ? c.id : undefined)} />
            <Edge column={c} width={widths.of[i] ?? 0} onWidth={props.onWidth} />
          </div>
        ))}
      </div>
    </div>
  );
}

/** What a key does on a column's head; keys of the filter that opens above it are its own. */
function press<T>(e: KeyboardEvent<HTMLElement>, column: ColumnDef<T>, width: number, filter: () => void, props: Pick<HeadProps<T>, "sorting" | "onSort" | "onWidth">) {
  const head = e.currentTarget;
  if (!head.contains(e.target as Node) || e.ctrlKey || e.metaKey) return;
  const by = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
  const heads = [...(head.parentElement?.querySelectorAll<HTMLElement>("[role=columnheader]") ?? [])];
  const to = by !== undefined ? heads[heads.indexOf(head) + by] : { Home: heads[0], End: heads.at(-1) }[e.key];
  if (by !== undefined && e.shiftKey) props.onWidth(column.id, within(width + 16 * by));
  else if (e.key === "ArrowDown" && e.altKey && filterKind(column)) filter();
  else if (e.altKey) return; // Alt with an arrow is the browser's: back, forward
  else if (e.key === "ArrowDown") head.closest("[role=grid]")?.querySelector<HTMLElement>('[role="row"][tabindex="0"]')?.focus();
  else if ((e.key === "Enter" || e.key === " ") && e.target === head && sortable(column)) props.onSort(nextSorting(props.sorting, column.id, e.shiftKey));
  else if (to) {
    to.focus();
    to.scrollIntoView({ block: "nearest", inline: "nearest" }); // focus leaves what is seen in part as it is
  }
  else return;
  e.preventDefault();
}

function sortable<T>(column: ColumnDef<T>): boolean {
  return column.value !== undefined && column.sort !== false;
}

function within(px: number): number {
  return Math.max(minWidth, Math.min(maxWidth, Math.round(px)));
}

function ariaSort(sort: Sort | undefined): "ascending" | "descending" | undefined {
  if (!sort) return undefined;
  return sort.desc ? "descending" : "ascending";
}

function Name<T>({ column, rows, sorting, filters, onSort, onFilter, filtering, onFiltering }: { column: ColumnDef<T>; filtering: boolean; onFiltering: (on: boolean) => void } & HeadProps<T>) {
  const at = sorting.findIndex((s) => s.id === column.id);
  const sort = sorting[at];
  const Arrow = sort?.desc ? ArrowDown : ArrowUp;
  const filtered = filters[column.id] !== undefined;
  const end = column.align === "end";
  return (
    <span className={cx("flex min-w-0 flex-1 items-center gap-1", end && "flex-row-reverse")}>
      {sortable(column) ? (
        <button
          type="button"
          tabIndex={-1}
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
          open={filtering}
          onOpenChange={onFiltering}
          trigger={
            <button
              type="button"
              tabIndex={-1}
              aria-label={`Filter by ${column.header.toLowerCase()}${filtered ? ", on" : ""}`}
              className={cx(
                "shrink-0 rounded-sm p-0.5 hover:text-fg focus-visible:opacity-100 data-[state=open]:opacity-100",
                filtered ? "bg-accent-soft text-accent-fg" : "opacity-0 group-hover/head:opacity-100 group-focus-visible/head:opacity-100",
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
  const to = (px: number) => onWidth(column.id, within(px));
  const end = () => (from.current = undefined);
  return (
    <div
      role="separator"
      aria-label={`Width of ${column.header}`}
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={minWidth}
      aria-valuemax={maxWidth}
      onDoubleClick={() => to(column.width ?? 140)}
      onPointerDown={(e: PointerEvent) => {
        e.currentTarget.setPointerCapture(e.pointerId);
        from.current = { x: e.clientX, width };
      }}
      onPointerMove={(e: PointerEvent) => from.current && to(from.current.width + e.clientX - from.current.x)}
      onPointerUp={end}
      onPointerCancel={end}
      className="absolute inset-y-1 -right-0.75 z-1 w-1.5 cursor-col-resize border-x-2 border-transparent bg-line bg-clip-content hover:bg-accent-line"
    />
  );
}
