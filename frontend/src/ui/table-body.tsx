import { defaultRangeExtractor, useVirtualizer, type Range } from "@tanstack/react-virtual";
import { SearchX } from "lucide-react";
import { useLayoutEffect, useRef, type KeyboardEvent, type MouseEvent, type ReactNode, type RefObject } from "react";

import { Button } from "./button";
import { copyText } from "./copy-button";
import type { DataTableProps } from "./data-table";
import { EmptyState, ErrorState, Skeleton } from "./feedback";
import { ContextMenu } from "./menu";
import type { ColumnDef } from "./table-columns";
import { toText } from "./table-export";
import { TableRow } from "./table-row";
import type { SelectAct, Selection } from "./table-selection";
import { cellWidth } from "./table-widths";

/** Height of a row in pixels: --row of theme.css. */
export const rowHeights = { normal: 32, compact: 28 };
const headHeight = 30;

type BodyProps<T> = DataTableProps<T> & {
  shown: readonly ColumnDef<T>[];
  view: readonly T[];
  ids: readonly string[];
  selection: Selection;
  selected: readonly T[];
  act: (act: SelectAct) => void;
  activeIndex: number;
  selectable: boolean;
  href?: (row: T) => string;
  scroller: RefObject<HTMLDivElement | null>;
  width: number;
  failed?: { message: string; hint?: string };
  /** Pixels of a row. */
  rowHeight: number;
  /** Space: shows the inspector; "i": shows or hides it. */
  onInspect?: (toggle: boolean) => void;
  onClear: () => void;
};

/** The rows that are in sight, or why there are none. */
export function TableBody<T>(props: BodyProps<T>) {
  const { view, rows, status, failed, emptyState, onClear, onRetry, nouns, noun } = props;
  if (view.length > 0) return <Rows {...props} />;
  if (failed) return <Beside><ErrorState error={failed} onRetry={onRetry} /></Beside>;
  if (status === "loading") return <Loading {...props} />;
  if (rows.length === 0) return <Beside>{emptyState}</Beside>;
  return (
    <Beside>
      <EmptyState icon={SearchX} title={`No ${noun} matches`} action={<Button onClick={onClear}>Clear filters</Button>}>
        {`The filters hide all ${rows.length.toLocaleString("en-US")} ${nouns ?? `${noun}s`}.`}
      </EmptyState>
    </Beside>
  );
}

function Beside({ children }: { children: ReactNode }) {
  return (
    <div role="row" className="sticky left-0">
      <div role="gridcell">{children}</div>
    </div>
  );
}

function Loading<T>({ shown, noun, nouns }: BodyProps<T>) {
  return (
    <div role="row" aria-label={`Loading ${nouns ?? `${noun}s`}`}>
      <div role="gridcell" className="sr-only">{`Loading ${nouns ?? `${noun}s`}`}</div>
      {Array.from({ length: 12 }, (_, r) => (
        <div key={r} aria-hidden className="flex h-(--row) items-center border-b border-line/50">
          {shown.map((c, i) => (
            <span key={c.id} style={cellWidth[i]} className="shrink-0 px-3">
              <Skeleton className={["h-3 w-3/5", "h-3 w-2/5", "h-3 w-1/2"][(r + i) % 3]} />
            </span>
          ))}
        </div>
      ))}
    </div>
  );
}

function Rows<T>(props: BodyProps<T>) {
  const { shown, view, ids, selection, selected, activeIndex, selectable, href, scroller, width, rowMenu, getRowId } = props;
  const height = props.rowHeight;
  const body = useRef<HTMLDivElement>(null);
  const menuAt = useRef<T>(undefined);
  // The keyboard moved: the focus goes along, though the row that had it may be gone from the page by then.
  const moved = useRef(false);
  const stop = Math.max(0, activeIndex);
  const virtual = useVirtualizer({
    count: view.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 4,
    scrollPaddingStart: headHeight,
    // The row that has the keyboard stays in the page, so that it keeps it.
    rangeExtractor: (range: Range) => withStop(defaultRangeExtractor(range), stop),
  });
  useLayoutEffect(() => virtual.measure(), [virtual, height]);
  useLayoutEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    body.current?.querySelector<HTMLElement>(`[data-index="${activeIndex}"]`)?.focus({ preventScroll: true });
  }, [activeIndex]);

  const on = useHandlers(props, (index) => {
    moved.current = true;
    virtual.scrollToIndex(index);
  });
  const menuRows = () => {
    const row = menuAt.current;
    if (row === undefined) return [];
    return rowMenu?.(selection.selected.has(getRowId(row)) ? selected : [row]) ?? [];
  };
  const list = (
    <div
      ref={body}
      role="rowgroup"
      className="relative"
      style={{ height: virtual.getTotalSize(), minWidth: width }}
      {...on}
      onContextMenu={(e) => {
        const index = indexOf(e);
        menuAt.current = view[index];
        if (index >= 0) props.act({ do: "move", id: ids[index] as string });
        else e.preventDefault();
      }}
    >
      {virtual.getVirtualItems().map(({ index, start }) => (
        <TableRow
          key={ids[index]}
          row={view[index] as T}
          columns={shown}
          index={index}
          top={start}
          selected={selection.selected.has(ids[index] as string)}
          active={index === activeIndex}
          stop={index === stop}
          selectable={selectable}
          href={href}
          dim={props.rowDim?.(view[index] as T)}
        />
      ))}
    </div>
  );
  return rowMenu ? <ContextMenu items={menuRows}>{list}</ContextMenu> : list;
}

/** The rows in sight and the one that Tab reaches: the active one, or the first. */
function withStop(range: number[], stop: number): number[] {
  return range.includes(stop) ? range : [...range, stop].sort((a, b) => a - b);
}

/** The row that an event happened in; -1 when in none. */
function indexOf(e: { target: EventTarget }): number {
  const row = e.target instanceof Element ? e.target.closest<HTMLElement>("[data-index]") : null;
  return row ? Number(row.dataset.index) : -1;
}

function useHandlers<T>(props: BodyProps<T>, scrollTo: (index: number) => void) {
  const { shown, view, ids, selection, selected, act, activeIndex, selectable, href, scroller } = props;
  const open = (row: T | undefined) => {
    if (row === undefined) return;
    if (props.onOpen) props.onOpen(row);
    else if (href) window.location.hash = href(row);
  };
  const go = (index: number, range: boolean) => {
    const to = Math.min(view.length - 1, Math.max(0, index));
    const id = ids[to];
    if (id === undefined) return;
    act(range && selectable ? { do: "range", id, ids } : { do: "move", id });
    scrollTo(to);
  };
  const page = () => Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - headHeight) / props.rowHeight) - 1);
  const moves: Record<string, () => number> = {
    ArrowDown: () => activeIndex + 1, j: () => activeIndex + 1, J: () => activeIndex + 1,
    ArrowUp: () => activeIndex - 1, k: () => activeIndex - 1, K: () => activeIndex - 1,
    Home: () => 0, End: () => view.length - 1,
    PageDown: () => activeIndex + page(), PageUp: () => activeIndex - page(),
  };
  const id = selection.active;
  const acts: Record<string, (e: KeyboardEvent) => void> = {
    " ": () => {
      if (id && selectable) act({ do: "toggle", id });
      props.onInspect?.(false);
    },
    i: () => props.onInspect?.(true),
    x: () => id && selectable && act({ do: "toggle", id }),
    Enter: () => open(view[activeIndex]),
    "Ctrl+a": () => selectable && act({ do: "all", ids }),
    "Ctrl+c": () => void copyText(toText(shown, selected.length > 0 ? selected : view.slice(activeIndex, activeIndex + 1))),
    Escape: () => act({ do: "clear" }),
    ".": () => openMenu(scroller.current, activeIndex),
    "/": () => scroller.current?.parentElement?.querySelector<HTMLElement>("[data-table-filter]")?.focus(),
  };
  return {
    onKeyDown: (e: KeyboardEvent) => {
      if (e.altKey || (e.target instanceof HTMLElement && e.target.matches("input:not([type=checkbox]), select, textarea"))) return;
      const ctrl = e.ctrlKey || e.metaKey;
      const move = ctrl ? undefined : moves[e.key];
      const todo = acts[ctrl ? `Ctrl+${e.key.toLowerCase()}` : e.key];
      if (e.key === "Escape" && selection.selected.size === 0) return;
      if (e.key === "Enter" && e.target instanceof HTMLElement && !e.target.matches('[role="row"]')) return;
      if (!move && !todo) return;
      e.preventDefault();
      e.stopPropagation();
      if (move) go(move(), e.shiftKey);
      else todo?.(e);
    },
    onClick: (e: MouseEvent) => {
      const row = ids[indexOf(e)];
      if (row === undefined) return;
      const check = e.target instanceof Element && e.target.matches("[data-check]");
      if (e.shiftKey && selectable) act({ do: "range", id: row, ids });
      else if (selectable && (check || e.ctrlKey || e.metaKey)) act({ do: "toggle", id: row });
      else act({ do: "move", id: row });
    },
    onDoubleClick: (e: MouseEvent) => !(e.target instanceof Element && e.target.closest("a, button, input")) && open(view[indexOf(e)]),
    onFocus: (e: { target: EventTarget }) => {
      const row = ids[indexOf(e)];
      if (row !== undefined && row !== id) act({ do: "move", id: row });
    },
  };
}

/** Opens the row's menu where the row stands, as the menu key does. */
function openMenu(scroller: HTMLElement | null, index: number): void {
  const row = scroller?.querySelector(`[data-index="${index}"]`);
  const box = row?.getBoundingClientRect();
  if (row && box) row.dispatchEvent(new globalThis.MouseEvent("contextmenu", { bubbles: true, cancelable: true, clientX: box.left + 32, clientY: box.bottom }));
}
