import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState, type CSSProperties, type ReactNode, type RefObject } from "react";

import { useShortcuts, type Shortcut } from "@/lib/shortcut";
import { ErrorState } from "./feedback";
import type { MenuItem } from "./menu";
import { SelectionBar, TableBar } from "./table-bar";
import { SplitPane } from "./split-pane";
import { TableBody, rowHeights } from "./table-body";
import { shownColumns, type ColumnDef } from "./table-columns";
import { TableHead } from "./table-head";
import { filterRows, queryTest, sortRows, type Filters, type Sort } from "./table-rows";
import { noSelection, select, type SelectAct, type Selection } from "./table-selection";
import { useTableState } from "./table-state";
import { useWidths } from "./table-widths";
import { useDensity, type Density } from "./theme";

/** What can be shown: the rows, a first load that goes on, or what went wrong. Rows that are there stay in each. */
export type TableStatus = "ready" | "loading" | { message: string; hint?: string };

/*
 * DataTable: rows of one kind of thing, up to tens of thousands.
 *
 *   const columns: ColumnDef<VM>[] = [          // once: module level or useMemo
 *     { id: "name", header: "Name", value: (v) => v.name, width: 220 },
 *     { id: "state", header: "State", value: (v) => vmState(v).word, filter: "choice",
 *       cell: (v) => <StateBadge state={vmState(v).kind} word={vmState(v).word} /> },
 *     { id: "cpu", header: "CPU", value: cpuNow, live: true, align: "end", filter: "number",
 *       cell: (v) => <CpuCell id={v.uuid} /> },  // subscribes by itself: the row stays as it is
 *   ];
 *   <DataTable id="vms" label="VMs" noun="VM" columns={columns} rows={vms} getRowId={(v) => v.uuid}
 *     rowHref={(v) => `#/vms/${v.host}/${v.uuid}`} rowMenu={(vms) => menuOf(vms)}
 *     bulkActions={(vms) => <Button …/>} emptyState={<EmptyState …/>} status={…} />
 *
 * A row renders again only when its object is another one: keep objects that
 * did not change. The table fills its parent, which gives it a height.
 *
 * Keys, while it has the focus: arrows, j, k, Home, End, PageUp, PageDown move;
 * space or x selects (space shows the inspector, too; "i" shows or hides it); shift with a move takes a range; Ctrl+A all, Esc none;
 * Enter opens; "." the row's menu; / the filter; Ctrl+C copies as text.
 */
export interface DataTableProps<T> {
  /** Columns, sorting and widths are remembered under it. */
  id: string;
  /** The table's name for screen readers: "VMs of kvm1". */
  label: string;
  /** One of the rows: "VM"; plural with an s unless nouns says else. */
  noun: string;
  nouns?: string;
  columns: readonly ColumnDef<T>[];
  rows: readonly T[];
  /** Stable and unique. Call it the same thing across renders: module level or useCallback. */
  getRowId: (row: T) => string;
  /** Enter, double click. Default: goes to rowHref. */
  onOpen?: (row: T) => void;
  /** Makes the first column a link. */
  rowHref?: (row: T) => string;
  /** What it shows is not live: the row is muted. */
  rowDim?: (row: T) => boolean;
  /** Menu on right click: of all selected rows when the row is one of them, else of it alone. */
  rowMenu?: (rows: readonly T[]) => readonly MenuItem[];
  /** Buttons in the bar while rows are selected. With rowMenu or this, rows can be selected. */
  bulkActions?: (rows: readonly T[]) => ReactNode;
  /** Shown when there are no rows at all: an EmptyState. */
  emptyState: ReactNode;
  status?: TableStatus;
  onRetry?: () => void;
  /** Sorting before the user chose one. */
  sorting?: readonly Sort[];
  /** With onQuery: what is in the filter box, held by the caller (in the URL). */
  query?: string;
  onQuery?: (query: string) => void;
  /** Reads the query in the caller's own way; default: every word is somewhere in the row. */
  match?: (query: string) => (row: T) => boolean;
  /** Hint in the filter box. */
  placeholder?: string;
  /** In place of the filter box: a QueryBox. Needs query and onQuery. */
  filterBox?: ReactNode;
  /** Left in the bar, behind the filter box. */
  toolbar?: ReactNode;
  /** What the inspector at the right shows of the selected rows, or else of the one that has the keyboard; without, there is none. */
  inspect?: (rows: readonly T[]) => ReactNode;
}

/** See above. */
export function DataTable<T>(props: DataTableProps<T>) {
  const { id, label, noun, columns, rows, getRowId, status = "ready", bulkActions, rowMenu, rowHref } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [filters, setFilters] = useState<Filters>({});
  const [ownQuery, setOwnQuery] = useState("");
  const [query, setQuery] = props.onQuery ? [props.query ?? "", props.onQuery] : [ownQuery, setOwnQuery];
  const defaults = { hidden: columns.filter((c) => c.hidden).map((c) => c.id), order: [], widths: {}, sorting: props.sorting ?? [] };
  const { state, change, reset } = useTableState(id, defaults);

  const shown = useMemo(() => shownColumns(columns, state.order, state.hidden), [columns, state.order, state.hidden]);
  const view = useView({ ...props, filters, query, sorting: state.sorting, scroller });
  const ids = useMemo(() => view.map(getRowId), [view, getRowId]);
  const [selection, setSelection] = useState<Selection>(noSelection);
  const act = (a: SelectAct) => setSelection((s) => select(s, a));
  const selected = useMemo(() => view.filter((_, i) => selection.selected.has(ids[i] as string)), [view, ids, selection.selected]);
  const away = useMemo(() => (selection.selected.size === selected.length ? 0 : rows.filter((r) => selection.selected.has(getRowId(r))).length - selected.length), [rows, getRowId, selection.selected, selected]);
  const activeIndex = selection.active === undefined ? -1 : ids.indexOf(selection.active);
  const rowHeight = rowHeights[useDensityOf(state.density)];

  const inspector = props.inspect !== undefined && state.inspector === true;
  const widths = useWidths(shown, state.widths, scroller);
  const clear = () => {
    setFilters({});
    setQuery("");
  };
  const toRows = useCallback(() => scroller.current?.querySelector<HTMLElement>('[role="row"][tabindex="0"]')?.focus(), []);
  useShortcuts(useMemo((): Shortcut[] => [{ keys: "j", label: "To the rows of the table", group: "This page", run: toRows }], [toRows]));
  const selectable = bulkActions !== undefined || rowMenu !== undefined;
  const failed = typeof status === "object" ? status : undefined;
  return (
    <div className="flex h-full min-h-0 min-w-0 flex-col bg-panel" data-table={id}>
      <TableBar
        {...props}
        all={columns} shown={shown} view={view} selected={selected}
        query={query} onQuery={setQuery} filters={filters} onClearFilters={clear}
        state={state} onState={change} onReset={reset} inspector={inspector}
        onDown={toRows}
      />
      {failed && rows.length > 0 && (
        <div className="border-b border-line bg-failed-soft">
          <ErrorState compact error={failed} onRetry={props.onRetry} />
        </div>
      )}
      <div className="min-h-0 flex-1">
      <Inspected id={id} noun={noun} open={inspector} inspect={props.inspect} chosen={selected.length > 0 ? selected : view.slice(Math.max(0, activeIndex), activeIndex + 1)}>
      <div
        ref={scroller} role="grid" aria-label={label}
        aria-rowcount={view.length + 1} aria-colcount={shown.length}
        aria-multiselectable={selectable || undefined} aria-busy={status === "loading" || undefined}
        className="relative h-full min-h-0 overflow-auto text-table"
        style={{ ...widths.style, "--row": `${rowHeight}px` } as CSSProperties}
      >
        <TableHead
          columns={shown} rows={rows} widths={widths} sorting={state.sorting} filters={filters}
          onSort={(sorting) => change({ sorting })}
          onFilter={(column, value) => setFilters((f) => without(f, column, value))}
          onWidth={(column, px) => change({ widths: { ...state.widths, [column]: px } })}
          selectable={selectable}
          some={selected.length > 0} every={selected.length > 0 && selected.length === view.length}
          onAll={(on) => act(on ? { do: "all", ids } : { do: "clear" })}
        />
        <TableBody
          {...props}
          shown={shown} view={view} ids={ids} selection={selection} act={act} selected={selected}
          activeIndex={activeIndex} selectable={selectable} href={rowHref} scroller={scroller} width={widths.total}
          rowHeight={rowHeight} onInspect={props.inspect && ((toggle) => change({ inspector: toggle ? !inspector : true }))}
          failed={rows.length === 0 ? failed : undefined} onClear={clear}
        />
      </div>
      </Inspected>
      </div>
      {bulkActions && selected.length + away > 0 && <SelectionBar selected={selected} away={away} bulkActions={bulkActions} onClear={() => act({ do: "clear" })} />}
    </div>
  );
}

function without(filters: Filters, column: string, value: Filters[string] | undefined): Filters {
  const rest = Object.fromEntries(Object.entries(filters).filter(([id]) => id !== column));
  return value === undefined || value === "" ? rest : { ...rest, [column]: value };
}

/** The rows as they are shown: filtered, then sorted; anew every few seconds where a column moves by itself. */
function useView<T>({ rows, columns, filters, query, sorting, match, scroller }: DataTableProps<T> & {
  filters: Filters;
  query: string;
  sorting: readonly Sort[];
  scroller: RefObject<HTMLDivElement | null>;
}): readonly T[] {
  const late = useDeferredValue(query);
  const moves = columns.some((c) => c.live && (sorting.some((s) => s.id === c.id) || filters[c.id] !== undefined));
  const tick = useTick(moves, scroller);
  const kept = useMemo(() => {
    void tick; // a column that moves by itself gives other values now
    const test = late.trim() === "" ? undefined : (match?.(late) ?? queryTest(columns, late));
    return filterRows(rows, columns, filters, test);
  }, [rows, columns, filters, late, match, tick]);
  return useMemo(() => {
    void tick;
    return moves ? sortRows(kept, columns, sorting) : sortedOf(kept, columns, sorting);
  }, [kept, columns, sorting, moves, tick]);
}

/** Rows in their last order, as long as someone has the rows: a page that is opened again does not sort again. */
const orders = new WeakMap<object, { columns: unknown; sorting: string; sorted: readonly unknown[] }>();

function sortedOf<T>(rows: readonly T[], columns: readonly ColumnDef<T>[], by: readonly Sort[]): readonly T[] {
  const sorting = JSON.stringify(by);
  const old = orders.get(rows);
  if (old?.columns === columns && old.sorting === sorting) return old.sorted as readonly T[];
  const sorted = sortRows(rows, columns, by);
  orders.set(rows, { columns, sorting, sorted });
  return sorted;
}

const resortMs = 4000;

/** Counts up every few seconds while `on`, but never while the pointer is over the rows: nothing moves under it. */
function useTick(on: boolean, scroller: RefObject<HTMLDivElement | null>): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    if (!on) return;
    const timer = setInterval(() => {
      if (!scroller.current?.matches(":hover, :focus-within")) setTick((t) => t + 1);
    }, resortMs);
    return () => clearInterval(timer);
  }, [on, scroller]);
  return tick;
}

function useDensityOf(own: Density | undefined): Density {
  const everywhere = useDensity();
  return own ?? everywhere;
}

/** The inspector beside the rows: what is shown of what is chosen, without leaving the list. */
function Inspected<T>({ id, noun, open, chosen, inspect, children }: {
  id: string;
  noun: string;
  open: boolean;
  chosen: readonly T[];
  inspect: ((rows: readonly T[]) => ReactNode) | undefined;
  children: ReactNode;
}) {
  if (!inspect) return children;
  const pane = open && (
    <div role="region" aria-label={`Inspector of ${noun}s`} tabIndex={0} className="h-full overflow-y-auto bg-panel -outline-offset-2!">
      {chosen.length > 0 ? inspect(chosen) : <p className="p-4 text-fg-muted">{`Choose a ${noun} to see it here.`}</p>}
    </div>
  );
  return (
    <SplitPane id={`inspector.${id}`} side="right" label="Inspector" size={320} min={240} max={640} collapsed={!open} pane={pane}>
      {children}
    </SplitPane>
  );
}
