import { Database, Monitor, Network as NetworkIcon, Plus } from "lucide-react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { problemOf } from "@/lib/error";
import { bytes, percent } from "@/lib/format";
import { createHref, networkHref, poolHref, poolsHref, vmHref } from "@/lib/links";
import { stats, useVMStats } from "@/lib/stats";
import { useNetworks, usePools } from "@/lib/stock";
import { unreachable, vmState } from "@/lib/vm-state";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/feedback";
import { NETWORK_COLUMNS } from "@/ui/network-columns";
import { POOL_COLUMNS } from "@/ui/pool-columns";
import { MeterBar } from "@/ui/progress";
import { StateBadge } from "@/ui/state";
import type { ColumnDef } from "@/ui/table-columns";
import { vmMenu } from "@/ui/vm-menu";

const keyOf = (v: VM) => `${v.host}/${v.uuid}`;
const byName = [{ id: "name", desc: false }];

function CPU({ vm }: { vm: VM }) {
  const s = useVMStats(keyOf(vm));
  return s && !vm.stale ? percent(s.cpuPercent) : "–";
}

function Memory({ vm }: { vm: VM }) {
  const s = useVMStats(keyOf(vm));
  return s && !vm.stale && s.memoryBytes > 0n ? <MeterBar compact used={Number(s.memoryUsedBytes)} total={Number(s.memoryBytes)} label={`Memory of ${vm.name}`} /> : "–";
}

const VM_COLUMNS: ColumnDef<VM>[] = [
  { id: "name", header: "Name", width: 220, value: (v) => v.name },
  { id: "state", header: "State", width: 120, filter: "choice", value: (v) => vmState(v).word, cell: (v) => <StateBadge state={vmState(v).kind} word={vmState(v).word} stale={v.stale} /> },
  { id: "vcpus", header: "vCPUs", width: 70, align: "end", filter: "number", value: (v) => v.vcpus },
  { id: "cpu", header: "CPU", width: 80, align: "end", filter: "number", live: true, value: (v) => stats().vm(keyOf(v))?.cpuPercent, cell: (v) => <CPU vm={v} /> },
  { id: "memory", header: "Memory", width: 90, align: "end", filter: "bytes", value: (v) => v.memoryBytes, text: (v) => bytes(v.memoryBytes) },
  { id: "used", header: "Memory used", width: 140, live: true, filter: false, value: (v) => Number(stats().vm(keyOf(v))?.memoryUsedBytes ?? 0n), cell: (v) => <Memory vm={v} /> },
  { id: "address", header: "Address", width: 150, mono: true, value: (v) => v.addresses[0]?.ip },
  { id: "title", header: "Title", width: 220, value: (v) => v.title },
];

/** HostVMs is the VMs of one host. */
export function HostVMs({ host, vms, pending }: { host: Host; vms: readonly VM[]; pending: boolean }) {
  return (
    <DataTable
      id="host-vms"
      label={`VMs of ${host.name}`}
      noun="VM"
      columns={VM_COLUMNS}
      rows={vms}
      getRowId={keyOf}
      rowHref={vmHref}
      rowMenu={(chosen) => (chosen.length === 1 && chosen[0] ? vmMenu(chosen[0], host) : [{ title: "One VM at a time here; the page VMs acts on many" }])}
      sorting={byName}
      placeholder={`Filter VMs of ${host.name}`}
      status={pending ? "loading" : "ready"}
      emptyState={
        <EmptyState
          icon={Monitor}
          title={`No VMs on ${host.name}`}
          action={
            unreachable(host) ? undefined : (
              <Button variant="primary" icon={Plus} asChild>
                <a href={createHref({ host: host.name })}>Create a VM here</a>
              </Button>
            )
          }
        >
          {unreachable(host) ? "None was known when it was last seen." : "VMs that are made here, by whomever, show up by themselves."}
        </EmptyState>
      }
    />
  );
}

// On the page of one host, its name stands above.
const POOLS = POOL_COLUMNS.filter((c) => c.id !== "host");
const NETWORKS = NETWORK_COLUMNS.filter((c) => c.id !== "host");

const uuidOf = (x: { uuid: string }) => x.uuid;

/** HostPools is the pools of one host. */
export function HostPools({ host }: { host: Host }) {
  const stock = usePools();
  const away = unreachable(host);
  return (
    <DataTable
      id="host-pools"
      label={`Pools of ${host.name}`}
      noun="pool"
      columns={POOLS}
      rows={stock.all.filter((p) => p.host === host.name)}
      rowDim={() => away !== undefined}
      getRowId={uuidOf}
      rowHref={poolHref}
      sorting={byName}
      status={stock.error ? problemOf(stock.error) : stock.isPending && !away ? "loading" : "ready"}
      onRetry={stock.refetch}
      emptyState={
        <EmptyState icon={Database} title={away ? "Not known now" : `No pools on ${host.name}`} action={away ? undefined : <NewPool host={host.name} />}>
          {away ?? "A pool is a place for disks and images, such as a folder."}
        </EmptyState>
      }
    />
  );
}

function NewPool({ host }: { host: string }) {
  return (
    <Button variant="primary" asChild>
      <a href={`${poolsHref(host)}?add=true`}>
        <Plus size={14} aria-hidden />
        Create pool
      </a>
    </Button>
  );
}

/** HostNetworks is the networks of one host. */
export function HostNetworks({ host }: { host: Host }) {
  const stock = useNetworks();
  const away = unreachable(host);
  return (
    <DataTable
      id="host-networks"
      label={`Networks of ${host.name}`}
      noun="network"
      columns={NETWORKS}
      rows={stock.all.filter((n) => n.host === host.name)}
      rowDim={() => away !== undefined}
      getRowId={uuidOf}
      rowHref={networkHref}
      sorting={byName}
      status={stock.error ? problemOf(stock.error) : stock.isPending && !away ? "loading" : "ready"}
      onRetry={stock.refetch}
      emptyState={<EmptyState icon={NetworkIcon} title={away ? "Not known now" : `No networks on ${host.name}`}>{away ?? "Networks of libvirt that VMs are plugged into stand here."}</EmptyState>}
    />
  );
}
