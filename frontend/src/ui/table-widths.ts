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

/** Widths as chosen or by default; room that is left goes to the first column. */
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
    const of = columns.map((c) => chosen[c.id] ?? c.width ?? defaultWidth);
    const left = room - of.reduce((a, b) => a + b, 0);
    if (left > 0 && of[0] !== undefined) of[0] += left;
    const total = of.reduce((a, b) => a + b, 0);
    return { of, total, style: Object.fromEntries(of.map((px, i) => [`--w${i}`, `${px}px`])) as CSSProperties };
  }, [columns, chosen, room]);
}
