import { useCallback, useState } from "react";

import { local } from "@/lib/storage";
import type { Sort } from "./table-rows";
import type { Density } from "./theme";

/** What is remembered of a table under its id. */
export interface TableState {
  /** Ids of columns that are not shown. */
  hidden: readonly string[];
  /** Ids in the order that the user chose; those not named follow. */
  order: readonly string[];
  /** Pixels by column id. */
  widths: Readonly<Record<string, number>>;
  sorting: readonly Sort[];
  /** Height of its rows; absent: as everywhere, by the settings. */
  density?: Density;
  /** The inspector stands beside the rows. */
  inspector?: boolean;
}

/** Reads what was stored; anything that is not of the right shape gives way to the defaults. */
export function parseState(json: string | null, defaults: TableState): TableState {
  let raw: unknown;
  try {
    raw = JSON.parse(json ?? "null");
  } catch {
    return defaults;
  }
  if (typeof raw !== "object" || raw === null) return defaults;
  const { hidden, order, widths, sorting, density, inspector } = raw as Record<string, unknown>;
  return {
    hidden: strings(hidden) ?? defaults.hidden,
    order: strings(order) ?? defaults.order,
    widths: numbers(widths) ?? defaults.widths,
    sorting: sorts(sorting) ?? defaults.sorting,
    ...(density === "normal" || density === "compact" ? { density } : {}),
    ...(inspector === true ? { inspector } : {}),
  };
}

function strings(v: unknown): string[] | undefined {
  return Array.isArray(v) && v.every((s) => typeof s === "string") ? v : undefined;
}

function numbers(v: unknown): Record<string, number> | undefined {
  if (typeof v !== "object" || v === null) return undefined;
  const all = Object.entries(v).filter((e): e is [string, number] => typeof e[1] === "number" && e[1] > 0 && e[1] < 4000);
  return Object.fromEntries(all);
}

function sorts(v: unknown): Sort[] | undefined {
  if (!Array.isArray(v)) return undefined;
  return v.flatMap((s: unknown) => {
    if (typeof s !== "object" || s === null) return [];
    const { id, desc } = s as Record<string, unknown>;
    return typeof id === "string" && typeof desc === "boolean" ? [{ id, desc }] : [];
  });
}

const keyOf = (id: string) => `limiquantix.table.${id}`;

/** storedState is how table `id` looks. */
export function storedState(id: string, defaults: TableState): TableState {
  return parseState(local.getItem(keyOf(id)), defaults);
}

/** storeState makes table `id` look otherwise the next time that it is made. */
export function storeState(id: string, state: TableState): void {
  local.setItem(keyOf(id), JSON.stringify(state));
}

/** The state of table `id`, kept by the browser; `change` merges, `reset` returns to the defaults. */
export function useTableState(id: string, defaults: TableState) {
  const key = keyOf(id);
  const [state, setState] = useState(() => storedState(id, defaults));
  const change = useCallback(
    (part: Partial<TableState>) =>
      setState((s) => {
        const next = { ...s, ...part };
        local.setItem(key, JSON.stringify(next));
        return next;
      }),
    [key],
  );
  const reset = () => {
    local.removeItem(key);
    setState(defaults);
  };
  return { state, change, reset };
}

/** Sorting after a press on a head: down, up, off; with `add` beside what sorts already. */
export function nextSorting(sorting: readonly Sort[], id: string, add: boolean): Sort[] {
  const now = sorting.find((s) => s.id === id);
  const next = now === undefined ? { id, desc: false } : now.desc ? undefined : { id, desc: true };
  if (!add) return next ? [next] : [];
  if (!now) return next ? [...sorting, next] : [...sorting];
  return sorting.flatMap((s) => (s.id !== id ? [s] : next ? [next] : []));
}
