import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Bookmark, ChevronRight, Folder, Layers, Monitor, Server, Tag } from "lucide-react";
import { useDeferredValue, useMemo, useRef, useState, type KeyboardEvent } from "react";

import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { useHosts, useVMs, vmKey } from "@/lib/inventory";
import { useFound, useViews, type Kind } from "@/lib/search";
import { useStored } from "@/lib/stored";
import { cx } from "@/ui/cx";
import { Input } from "@/ui/input";
import { StateShape } from "@/ui/state";
import { TagDot } from "@/ui/tag-chips";
import { Segmented } from "@/ui/toggle";
import { objectOf } from "./address";
import { folderRows, tagRows, viewRows, type Order } from "./tree-labels";
import { treeRows, type Row } from "./tree-model";

const ROW_PX = 26;
const KINDS: Kind[] = ["host", "vm"];
const ICONS = { cluster: Layers, host: Server, vm: Monitor, folder: Folder, tag: Tag, view: Bookmark };
const ORDERS: readonly { value: Order; label: string }[] = [
  { value: "hosts", label: "Hosts" },
  { value: "folders", label: "Folders" },
  { value: "tags", label: "Tags" },
  { value: "views", label: "Views" },
];
const isOrder = (v: unknown) => ORDERS.some((o) => o.value === v);
const EMPTY: Record<Order, string> = { hosts: "No hosts yet", folders: "No VMs yet", tags: "No VMs yet", views: "No saved views yet: save one above the list of VMs" };

/** Tree is the inventory: VMs by host, by folder, by tag, each with its state; and the saved views. */
export function Tree() {
  const { hosts } = useHosts();
  const { vms } = useVMs();
  const [filter, setFilter] = useState("");
  const wanted = useDeferredValue(filter);
  const { keys } = useFound(wanted, KINDS);
  const [closed, setClosed] = useStored<string[]>("tree.closed", []);
  const [open, setOpen] = useStored<string[]>("tree.open", []);
  const [order, setOrder] = useStored<Order>("tree.order", "hosts", isOrder);
  const views = useViews("vm");
  const rows = useMemo(() => {
    const want = wanted.trim().toLowerCase();
    const shown = want === "" ? undefined : (v: VM) => (keys ? keys.has(vmKey(v)) : v.name.toLowerCase().includes(want));
    switch (order) {
      case "folders":
        return folderRows(vms, new Set(open), shown);
      case "tags":
        return tagRows(vms, new Set(open), shown);
      case "views":
        return viewRows(views, wanted);
      default:
        return treeRows(hosts, vms, new Set(closed), new Set(open), wanted, keys);
    }
  }, [order, hosts, vms, views, closed, open, wanted, keys]);
  const toggle = (row: Row, to = !row.open) => {
    if (row.kind === "cluster") setClosed((ids) => (to ? ids.filter((i) => i !== row.id) : [...ids, row.id]));
    else if (row.open !== undefined) setOpen((ids) => (to ? [...ids, row.id] : ids.filter((i) => i !== row.id)));
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-col gap-1.5 px-2 pt-1 pb-1.5">
        <Segmented label="Order of the inventory" value={order} options={ORDERS} onChange={setOrder} />
        <Input aria-label="Filter the inventory" placeholder="Filter" value={filter} onChange={(e) => setFilter(e.target.value)}
          onKeyDown={(e) => e.key === "Escape" && setFilter("")} />
      </div>
      {rows.length === 0 ? (
        <p className="px-3 py-2 text-table text-fg-muted">{wanted.trim() === "" ? EMPTY[order] : "Nothing matches"}</p>
      ) : (
        <Lines key={order} rows={rows} toggle={toggle} />
      )}
    </div>
  );
}

function Lines({ rows, toggle }: { rows: Row[]; toggle: (row: Row, to?: boolean) => void }) {
  const scroll = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<string>();
  const navigate = useNavigate();
  const shown = useRouterState({ select: (s) => objectOf(s.location.pathname) });
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => ROW_PX, overscan: 4 });
  const current = Math.max(0, rows.findIndex((r) => r.id === (focused ?? shown)));

  const go = (row: Row) => {
    if (row.vm) void navigate({ to: "/vms/$host/$uuid/{-$tab}", params: { host: row.vm.host, uuid: row.vm.uuid } });
    else if (row.host) void navigate({ to: "/hosts/$host/{-$tab}", params: { host: row.host.name } });
    else if (row.query !== undefined) void navigate({ to: "/vms", search: { q: row.query } });
    else toggle(row);
  };
  const focus = (i: number) => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, i))];
    if (!row) return;
    setFocused(row.id);
    virtual.scrollToIndex(rows.indexOf(row));
    requestAnimationFrame(() => scroll.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(row.id)}"]`)?.focus());
  };
  const keys = (e: KeyboardEvent) => {
    const row = rows[current];
    if (!row || e.ctrlKey || e.altKey || e.metaKey) return;
    const act: Record<string, () => void> = {
      ArrowDown: () => focus(current + 1),
      ArrowUp: () => focus(current - 1),
      Home: () => focus(0),
      End: () => focus(rows.length - 1),
      ArrowRight: () => (row.open === false ? toggle(row, true) : row.open && focus(current + 1)),
      ArrowLeft: () => (row.open ? toggle(row, false) : focus(rows.findLastIndex((r, i) => i < current && r.depth < row.depth))),
      Enter: () => go(row),
      " ": () => go(row),
    };
    const f = act[e.key];
    if (!f) return;
    e.preventDefault();
    e.stopPropagation();
    f();
  };
  return (
    <div ref={scroll} role="tree" aria-label="Inventory" className="min-h-0 flex-1 overflow-y-auto pb-2" onKeyDown={keys}>
      <div className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return row && <Line key={row.id} row={row} top={item.start} index={item.index} of={rows.length} selected={row.id === shown} tabbable={item.index === current}
            onGo={() => go(row)} onToggle={() => toggle(row)} onFocus={() => setFocused(row.id)} />;
        })}
      </div>
    </div>
  );
}

interface LineProps {
  row: Row;
  top: number;
  index: number;
  of: number;
  selected: boolean;
  tabbable: boolean;
  onGo: () => void;
  onToggle: () => void;
  onFocus: () => void;
}

function Line({ row, top, index, of, selected, tabbable, onGo, onToggle, onFocus }: LineProps) {
  const Icon = ICONS[row.kind];
  return (
    <div role="treeitem" data-row={row.id} aria-level={row.depth + 1} aria-expanded={row.open} aria-selected={selected} aria-posinset={index + 1} aria-setsize={of}
      title={row.label} tabIndex={tabbable ? 0 : -1} onClick={onGo} onFocus={onFocus}
      className={cx("absolute inset-x-1 flex cursor-default items-center gap-1.5 rounded-md pr-2 text-table select-none -outline-offset-2",
        selected ? "bg-accent-soft text-fg" : "text-fg-secondary hover:bg-raised hover:text-fg", row.stale && "opacity-70")}
      style={{ height: ROW_PX, top, paddingLeft: 4 + row.depth * 14 }}>
      {row.open === undefined ? (
        <span className="w-3.5 shrink-0" />
      ) : (
        <span aria-hidden className="flex size-3.5 shrink-0 items-center justify-center text-fg-muted hover:text-fg"
          onClick={(e) => {
            e.stopPropagation();
            onToggle();
          }}>
          <ChevronRight size={12} className={cx(row.open && "rotate-90")} />
        </span>
      )}
      {row.kind === "tag" ? <TagDot name={row.label} className="mx-0.5" /> : <Icon size={14} aria-hidden className="shrink-0 text-fg-muted" />}
      <span className="min-w-0 flex-1 truncate">{row.label}</span>
      <span className="sr-only">, {row.word},</span>
      {row.kind !== "vm" && row.state !== "running" && <StateShape state={row.state} />}
      {row.kind === "vm" && <StateShape state={row.state} />}
      {row.count !== undefined && <span aria-hidden className="text-caption text-fg-muted">{row.count}</span>}
    </div>
  );
}
