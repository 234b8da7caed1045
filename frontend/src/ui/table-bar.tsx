import { Columns3, Ellipsis, PanelRight, Search, X } from "lucide-react";
import type { KeyboardEvent, ReactNode } from "react";

import { count } from "@/lib/format";
import { Button, IconButton } from "./button";
import { copyText } from "./copy-button";
import type { DataTableProps } from "./data-table";
import { Input } from "./input";
import { DropdownMenu } from "./menu";
import { Popover } from "./popover";
import { ColumnChooser } from "./table-chooser";
import type { ColumnDef } from "./table-columns";
import { saveFile, toCSV, toText } from "./table-export";
import { filterWords } from "./table-filter";
import type { Filters } from "./table-rows";
import type { TableState } from "./table-state";

type BarProps<T> = DataTableProps<T> & {
  all: readonly ColumnDef<T>[];
  shown: readonly ColumnDef<T>[];
  view: readonly T[];
  selected: readonly T[];
  query: string;
  onQuery: (query: string) => void;
  filters: Filters;
  onClearFilters: () => void;
  state: TableState;
  onState: (part: Partial<TableState>) => void;
  onReset: () => void;
  inspector: boolean;
  /** Arrow down in the filter box: to the rows. */
  onDown: () => void;
};

/** Above the rows: filter, counts, columns, copying. */
export function TableBar<T>(props: BarProps<T>) {
  return (
    <div className="@container flex h-10 shrink-0 items-center gap-2 border-b border-line px-2">
      <div className="flex min-w-0 flex-1 items-center gap-2">
        {props.filterBox ?? <FilterBox {...props} />}
        {props.toolbar}
        <FilterChips {...props} />
      </div>
      <Counts {...props} />
      {props.inspect && <IconButton size="sm" icon={PanelRight} label="Inspector" shortcut="I" pressed={props.inspector} onClick={() => props.onState({ inspector: !props.inspector })} />}
      <Popover label="Columns" align="end" className="w-64 px-2" trigger={<IconButton size="sm" icon={Columns3} label="Columns" />}>
        <ColumnChooser columns={props.all} state={props.state} onState={props.onState} onReset={props.onReset} />
      </Popover>
      <CopyMenu {...props} />
    </div>
  );
}

/** Below the rows while some are selected: what can be done with them. Above, the filter stays, and no row moves. */
export function SelectionBar<T>({ selected, away, bulkActions, onClear }: {
  /** Those that are shown: acts are for them alone. */
  selected: readonly T[];
  /** How many more are selected and do not match the filter any more. */
  away: number;
  bulkActions: (rows: readonly T[]) => ReactNode;
  onClear: () => void;
}) {
  return (
    <div role="toolbar" aria-label="Selected rows" className="flex min-h-10 shrink-0 flex-wrap items-center gap-2 border-t border-line bg-canvas px-2 py-1">
      <IconButton size="sm" icon={X} label="Clear selection" shortcut="Esc" onClick={onClear} />
      <span className="mr-1 font-medium whitespace-nowrap">{count(selected.length || away)} selected</span>
      {selected.length > 0 && bulkActions(selected)}
      {away > 0 && <span role="status" className="text-table text-warning">{hiddenWords(selected.length, away)}</span>}
    </div>
  );
}

function hiddenWords(shown: number, away: number): string {
  if (shown === 0) return away === 1 ? "The filter hides it" : "The filter hides them all";
  return `${count(away)} more ${away === 1 ? "is" : "are"} selected, hidden by the filter and left out`;
}

function FilterBox<T>({ query, onQuery, onDown, placeholder, label, noun, nouns }: BarProps<T>) {
  const keys = (e: KeyboardEvent) => {
    if (e.key === "ArrowDown") {
      e.preventDefault();
      onDown();
    } else if (e.key === "Escape" && query !== "") {
      e.stopPropagation();
      onQuery("");
    }
  };
  return (
    <Input
      icon={Search}
      type="search"
      data-table-filter
      aria-label={`Filter ${label}`}
      aria-keyshortcuts="/"
      placeholder={placeholder ?? `Filter ${nouns ?? `${noun}s`}`}
      value={query}
      onChange={(e) => onQuery(e.target.value)}
      onKeyDown={keys}
      boxClassName="h-(--control-sm)! max-w-72 text-table!"
      unit={<span className="text-caption">/</span>}
    />
  );
}

function FilterChips<T>({ all, filters, onClearFilters }: BarProps<T>) {
  const on = all.filter((c) => filters[c.id] !== undefined);
  if (on.length === 0) return null;
  return (
    <>
      <span className="name text-table text-fg-secondary">{on.map((c) => filterWords(c, filters[c.id] as Filters[string])).join(" · ")}</span>
      <Button size="sm" variant="ghost" onClick={onClearFilters}>
        Clear filters
      </Button>
    </>
  );
}

function Counts<T>({ view, rows, noun, nouns, status }: BarProps<T>) {
  if (rows.length === 0 && status !== undefined && status !== "ready") return null;
  const many = nouns ?? `${noun}s`;
  const all = `${count(rows.length)} ${rows.length === 1 ? noun : many}`;
  return (
    <span role="status" className="sr-only shrink-0 text-table text-fg-muted @[28rem]:not-sr-only">
      {view.length === rows.length ? all : `${count(view.length)} of ${all}`}
    </span>
  );
}

function CopyMenu<T>({ id, shown, view, selected }: BarProps<T>) {
  const rows = selected.length > 0 ? selected : view;
  const what = selected.length > 0 ? "selected rows" : "rows";
  return (
    <DropdownMenu
      items={[
        { id: "text", label: `Copy ${what} as text`, shortcut: selected.length > 0 ? "Ctrl+C" : undefined, onSelect: () => void copyText(toText(shown, rows)) },
        { id: "csv", label: `Copy ${what} as CSV`, onSelect: () => void copyText(toCSV(shown, rows)) },
        { id: "save", label: `Save ${what} as CSV`, onSelect: () => saveFile(`${id}.csv`, toCSV(shown, rows)) },
      ]}
    >
      <IconButton size="sm" icon={Ellipsis} label="Copy or save rows" />
    </DropdownMenu>
  );
}
