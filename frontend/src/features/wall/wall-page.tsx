import { useNavigate, useSearch } from "@tanstack/react-router";
import { LayoutGrid, Search, ZoomIn, ZoomOut } from "lucide-react";
import { useMemo } from "react";

import { VM_State, type VM } from "@/gen/limiquantix/v1/vm_pb";
import { detachConsole } from "@/lib/desktop";
import { problemOf } from "@/lib/error";
import { plural } from "@/lib/format";
import { useHosts, useVMs, vmKey } from "@/lib/inventory";
import { createHref } from "@/lib/links";
import { notify } from "@/lib/notify";
import { useFound, type Kind } from "@/lib/search";
import { useStored } from "@/lib/stored";
import { Button } from "@/ui/button";
import { EmptyList } from "@/ui/empty-list";
import { EmptyState, ErrorState, Skeleton } from "@/ui/feedback";
import { Input } from "@/ui/input";
import { Toolbar } from "@/ui/page-header";
import { SIZES } from "./grid";
import { WallGrid } from "./wall-grid";

const KINDS: Kind[] = ["vm"];

/** WallPage is the screens of all VMs that a query chooses. */
export function WallPage() {
  const { q = "" } = useSearch({ from: "/frame/wall" });
  const navigate = useNavigate();
  const setQ = (next: string) => void navigate({ to: "/wall", search: next ? { q: next } : {}, replace: true });
  const [size, setSize] = useStored("wall.size", SIZES.usual, isSize);
  const all = useVMs();
  const { hosts } = useHosts();
  const byName = useMemo(() => new Map(hosts.map((h) => [h.name, h])), [hosts]);
  const { keys, problems } = useFound(q, KINDS);
  const vms = useMemo(
    () => (keys === undefined ? all.vms : all.vms.filter((vm) => keys.has(vmKey(vm)))),
    [all.vms, keys],
  );
  const fault = problems.find((p) => !p.unfinished)?.message;
  const open = (vm: VM) => void navigate({ to: "/vms/$host/$uuid/{-$tab}", params: { host: vm.host, uuid: vm.uuid, tab: "console" } });
  return (
    <div className="flex h-full flex-col">
      <Toolbar label="Console wall">
        <LayoutGrid size={16} aria-hidden className="shrink-0 text-fg-muted" />
        <h1 className="shrink-0 text-title font-semibold">Console wall</h1>
        <Input
          data-table-filter
          icon={Search}
          aria-label="Filter VMs"
          aria-invalid={fault !== undefined}
          title={fault}
          placeholder="state:running host:kvm1 web"
          value={q}
          onChange={(e) => setQ(e.target.value)}
          boxClassName="ml-2 max-w-100"
        />
        <span role="status" className="min-w-0 flex-1 truncate text-table text-fg-muted">
          {fault ?? summary(vms, all.data !== undefined)}
        </span>
        <Size value={size} onChange={setSize} />
      </Toolbar>
      {all.error && !all.data ? (
        <ErrorState error={problemOf(all.error)} onRetry={() => void all.refetch()} retrying={all.isFetching} />
      ) : !all.data ? (
        <Loading />
      ) : vms.length === 0 ? (
        <Nothing any={all.vms.length > 0} onClear={() => setQ("")} />
      ) : (
        <WallGrid vms={vms} hosts={byName} size={size} onOpen={open} onDetach={detach} />
      )}
    </div>
  );
}

function isSize(v: unknown): boolean {
  return typeof v === "number" && v >= SIZES.least && v <= SIZES.most;
}

function summary(vms: readonly VM[], known: boolean): string {
  if (!known) return "";
  const up = vms.filter((v) => v.state === VM_State.RUNNING).length;
  return `${plural(vms.length, "VM")}, ${up.toLocaleString("en-US")} running`;
}

function detach(vm: VM) {
  if (!detachConsole(vm, false)) notify({ kind: "warning", title: "The browser did not open a window", text: "Allow this page to open windows, and try again." });
}

function Size({ value, onChange }: { value: number; onChange: (n: number) => void }) {
  return (
    <label className="flex shrink-0 items-center gap-1.5 text-fg-muted">
      <ZoomOut size={14} aria-hidden />
      <span className="sr-only">Size of the screens</span>
      <input type="range" min={SIZES.least} max={SIZES.most} step={20} value={value} onChange={(e) => onChange(Number(e.target.value))} className="h-1 w-28 appearance-none rounded-full bg-line-strong accent-accent [&::-moz-range-thumb]:size-3 [&::-moz-range-thumb]:border-0 [&::-webkit-slider-thumb]:size-3 [&::-webkit-slider-thumb]:appearance-none [&::-webkit-slider-thumb]:rounded-full [&::-webkit-slider-thumb]:bg-accent-fg" />
      <ZoomIn size={14} aria-hidden />
    </label>
  );
}

function Loading() {
  return (
    <div aria-busy="true" aria-label="Loading" className="flex min-h-0 flex-1 flex-wrap content-start gap-2 overflow-hidden bg-canvas p-3">
      {Array.from({ length: 12 }, (_, i) => (
        <Skeleton key={i} className="h-48 w-60 rounded-md" />
      ))}
    </div>
  );
}

function Nothing({ any, onClear }: { any: boolean; onClear: () => void }) {
  if (any)
    return (
      <EmptyState icon={LayoutGrid} title="No VM matches the filter" action={<Button onClick={onClear}>Clear the filter</Button>}>
        The screens of the VMs that match would be here.
      </EmptyState>
    );
  return (
    <EmptyList
      icon={LayoutGrid}
      what="VMs"
      action={
        <Button variant="primary" asChild>
          <a href={createHref()}>Create a VM</a>
        </Button>
      }
    >
      The screens of all VMs would be here, live.
    </EmptyList>
  );
}
