import { bytes, count, date } from "@/lib/format";
import { hostHref, vmHref } from "@/lib/links";
import type { VMRow } from "@/lib/query-vm";
import { vmState } from "@/lib/vm-state";
import { Age } from "@/ui/age";
import { Button } from "@/ui/button";
import { PropertyList } from "@/ui/property-list";
import { StateBadge } from "@/ui/state";
import { TagChips } from "@/ui/tag-chips";
import { Addresses } from "./addresses";
import { CPUCell, DiskCell, MemoryCell, NetCell } from "./figures";

/** Inspector is what the list shows of chosen VMs beside its rows: one in short, several in sums. */
export function Inspector({ rows }: { rows: readonly VMRow[] }) {
  const [only] = rows;
  if (!only) return null;
  return rows.length === 1 ? <One key={only.key} row={only} /> : <Several rows={rows} />;
}

function One({ row: { key, vm, cluster } }: { row: VMRow }) {
  const state = vmState(vm);
  const figures = { id: key, stale: vm.stale };
  return (
    <div className="flex flex-col gap-3 p-3">
      <div>
        <h2 className="text-title font-semibold [overflow-wrap:anywhere]"><bdi>{vm.name.trim() ? vm.name : vm.uuid}</bdi></h2>
        <p className="flex items-center gap-2 text-table">
          <StateBadge state={state.kind} word={state.word} stale={vm.stale} />
          {vm.stale && <Age at={date(vm.seen)} stale />}
        </p>
        {vm.title && <p className="text-table text-fg-secondary [overflow-wrap:anywhere]" dir="auto">{vm.title}</p>}
      </div>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" asChild><a href={vmHref(vm)}>Open</a></Button>
        <Button size="sm" asChild><a href={vmHref(vm, "console")}>Console</a></Button>
        <Button size="sm" asChild><a href={vmHref(vm, "hardware")}>Hardware</a></Button>
      </div>
      <PropertyList
        label={`Summary of ${vm.name}`}
        items={[
          { label: "Host", value: <a className="name text-accent-fg hover:underline" href={hostHref(vm.host)}>{vm.host}</a> },
          { label: "Cluster", value: cluster },
          { label: "Addresses", value: <Addresses vm={vm} /> },
          { label: "Tags", value: vm.tags.length > 0 ? <TagChips tags={vm.tags} wrap /> : "" },
          { label: "Folder", value: vm.folder },
          { label: "CPU", value: <span className="inline-flex items-center gap-2 align-middle"><CPUCell {...figures} /></span> },
          { label: "Memory used", value: <MemoryCell {...figures} /> },
          { label: "Memory", value: bytes(vm.memoryBytes) },
          { label: "vCPUs", value: String(vm.vcpus) },
          { label: "Disk", value: <DiskCell {...figures} /> },
          { label: "Network", value: <NetCell {...figures} /> },
          { label: "Autostart", value: vm.autostart ? "starts with its host" : "off" },
          { label: "UUID", value: vm.uuid, mono: true, copy: vm.uuid },
        ]}
      />
    </div>
  );
}

function Several({ rows }: { rows: readonly VMRow[] }) {
  const states = new Map<string, number>();
  for (const { vm } of rows) states.set(vmState(vm).word, (states.get(vmState(vm).word) ?? 0) + 1);
  return (
    <div className="flex flex-col gap-3 p-3">
      <h2 className="text-title font-semibold">{count(rows.length)} VMs</h2>
      <PropertyList
        label="Together"
        items={[
          { label: "States", value: [...states].map(([word, n]) => `${count(n)} ${word}`).join(", ") },
          { label: "Hosts", value: count(new Set(rows.map((r) => r.vm.host)).size) },
          { label: "vCPUs", value: count(rows.reduce((sum, r) => sum + r.vm.vcpus, 0)) },
          { label: "Memory", value: bytes(rows.reduce((sum, r) => sum + r.vm.memoryBytes, 0n)) },
        ]}
      />
    </div>
  );
}
