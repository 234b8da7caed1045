import { useLayoutEffect, useMemo, useState, type CSSProperties, type RefObject } from "react";

import { defaultWidth, type ColumnDef } from "./table-columns";

/** Widths of the columns that are shown, in pixels, and as CSS variables --w0, --w1 … that cells use. */
export interface Widths {
  of: readonly number[];
  total: number;
  style: CSSProperties;
}

/** What a cell of column `at` has as its style: a change of width then touches the grid alone, not its rows. */
export const cellWidth: readonly CSSProperties[] = Array.from({ length: 64 }, (_, at) => ({ width: `var(--w${at})` }));

/** How far columns that the user did not size grow into room that is left. */
const most = 1.6;

/** Widths as chosen or by default; where there is room, the others grow a little. */
export function useWidths<T>(columns: readonly ColumnDef<T>[], chosen: Readonly<Record<string, number>>, scroller: RefObject<HTMLElement | null>): Widths {
  const [room, setRoom] = useState(0);
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    setRoom(box.clientWidth);
    const watch = new ResizeObserver(() => setRoom(box.clientWidth));
    watch.observe(box);
    return () => watch.disconnect();
  }, [scroller]);
  return useMemo(() => {
    const own = columns.map((c) => c.width ?? defaultWidth);
    const fixed = columns.reduce((sum, c) => sum + (chosen[c.id] ?? 0), 0);
    const free = own.reduce((sum, w, i) => sum + (chosen[columns[i]?.id ?? ""] === undefined ? w : 0), 0);
    const grow = free > 0 ? Math.min(most, Math.max(1, (room - fixed) / free)) : 1;
    const of = columns.map((c, i) => chosen[c.id] ?? Math.floor((own[i] ?? defaultWidth) * grow));
    const total = of.reduce((a, b) => a + b, 0);
    return { of, total, style: Object.fromEntries(of.map((px, i) => [`--w${i}`, `${px}px`])) as CSSProperties };
  }, [columns, chosen, room]);
}
