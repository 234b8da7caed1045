import { ChevronDown, ChevronUp } from "lucide-react";

import { Button, IconButton } from "./button";
import { shownColumns, type ColumnDef } from "./table-columns";
import type { TableState } from "./table-state";
import { Segmented } from "./toggle";

const heights = [
  { value: "page", label: "As set" },
  { value: "normal", label: "Normal" },
  { value: "compact", label: "Compact" },
] as const;

/** Which columns are shown, in which order, and how high rows are. The first column always is shown. */
export function ColumnChooser<T>({ columns, state, onState, onReset }: {
  columns: readonly ColumnDef<T>[];
  state: TableState;
  onState: (part: Partial<TableState>) => void;
  onReset: () => void;
}) {
  const [, ...list] = shownColumns(columns, state.order, []);
  const ids = list.map((c) => c.id);
  const toggle = (id: string) => onState({ hidden: state.hidden.includes(id) ? state.hidden.filter((h) => h !== id) : [...state.hidden, id] });
  const move = (at: number, by: 1 | -1) => {
    const order = [...ids];
    const [id] = order.splice(at, 1);
    if (id === undefined) return;
    order.splice(at + by, 0, id);
    onState({ order });
  };
  return (
    <div className="flex flex-col gap-1">
      <div className="max-h-80 overflow-y-auto">
        {list.map((c, i) => (
          <div key={c.id} className="group flex h-7 items-center gap-2 rounded-md px-1 hover:bg-raised">
            <label className="flex min-w-0 flex-1 items-center gap-2 text-table select-none">
              <input type="checkbox" className="check" checked={!state.hidden.includes(c.id)} onChange={() => toggle(c.id)} />
              <span className="name">{c.header}</span>
            </label>
            <span className="flex opacity-0 group-focus-within:opacity-100 group-hover:opacity-100">
              <IconButton size="sm" icon={ChevronUp} label={`Move ${c.header} up`} disabledReason={i === 0 ? "It is the first" : undefined} onClick={() => move(i, -1)} />
              <IconButton size="sm" icon={ChevronDown} label={`Move ${c.header} down`} disabledReason={i === list.length - 1 ? "It is the last" : undefined} onClick={() => move(i, 1)} />
            </span>
          </div>
        ))}
      </div>
      <div className="flex items-center justify-between gap-2 border-t border-line px-1 pt-2 text-table text-fg-secondary">
        Rows
        <Segmented label="Height of rows" value={state.density ?? "page"} options={heights} onChange={(v) => onState({ density: v === "page" ? undefined : v })} />
      </div>
      <Button size="sm" className="self-end" onClick={onReset}>
        Reset columns
      </Button>
    </div>
  );
}
