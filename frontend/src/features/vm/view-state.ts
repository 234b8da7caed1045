import type { View } from "@/gen/limiquantix/v1/search_pb";
import type { TableState } from "@/ui/table-state";

/** viewOf is how a table looks now, as a view keeps it. */
export function viewOf(columns: readonly { id: string; hidden?: boolean }[], s: TableState): Pick<View, "columns" | "sort"> {
  const rank = (id: string) => (s.order.includes(id) ? s.order.indexOf(id) : s.order.length);
  const shown = columns.filter((c) => !s.hidden.includes(c.id)).sort((a, b) => rank(a.id) - rank(b.id));
  return { columns: shown.map((c) => c.id), sort: s.sorting.map((x) => (x.desc ? "-" : "") + x.id).join(",") };
}

/** stateOf makes a table look as a view says; columns that there are no more are left out. Widths stay. */
export function stateOf(columns: readonly { id: string; hidden?: boolean }[], v: Pick<View, "columns" | "sort">, now: TableState): TableState {
  const known = (id: string) => columns.some((c) => c.id === id);
  const shown = v.columns.filter(known);
  const sorting = v.sort.split(",").flatMap((s) => {
    const id = s.replace(/^-/, "");
    return known(id) ? [{ id, desc: s.startsWith("-") }] : [];
  });
  return {
    hidden: columns.filter((c) => (shown.length > 0 ? !shown.includes(c.id) : c.hidden)).map((c) => c.id),
    order: shown,
    widths: now.widths,
    sorting: sorting.length > 0 ? sorting : now.sorting,
  };
}
