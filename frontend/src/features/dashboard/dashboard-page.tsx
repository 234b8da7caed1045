import { useQuery } from "@connectrpc/connect-query";
import { Plus, Server } from "lucide-react";
import { useMemo } from "react";

import { Host_State } from "@/gen/limiquantix/v1/host_pb";
import { StorageService } from "@/gen/limiquantix/v1/storage_pb";
import { VM_State } from "@/gen/limiquantix/v1/vm_pb";
import { problemOf } from "@/lib/error";
import { count } from "@/lib/format";
import { useHosts, useTasks, useVMs } from "@/lib/inventory";
import { createHref } from "@/lib/links";
import { useAnyStats } from "@/lib/stats";
import { Button } from "@/ui/button";
import { EmptyState, ErrorState, Skeleton } from "@/ui/feedback";
import { MeterBar } from "@/ui/progress";
import { concerns, storageOf, type Capacity } from "./health";
import { Attention, RecentEvents, RecentTasks, TopConsumers } from "./panels";

/** DashboardPage is the whole fleet at a glance: capacity, what needs attention, who uses most, what happened. */
export function DashboardPage() {
  const hosts = useHosts();
  const { vms } = useVMs();
  const { tasks } = useTasks();
  const pools = useQuery(StorageService.method.listPools, {}).data?.pools;
  const list = useMemo(() => concerns({ hosts: hosts.hosts, vms, tasks, pools: pools ?? [] }), [hosts.hosts, vms, tasks, pools]);
  if (hosts.error) return <div className="p-4"><ErrorState error={problemOf(hosts.error)} onRetry={() => void hosts.refetch()} /></div>;
  if (hosts.data && hosts.hosts.length === 0)
    return (
      <div className="grid h-full place-items-center">
        <EmptyState icon={Server} title="No hosts yet" action={<Button variant="primary" asChild><a href="#/hosts?add=true"><Plus size={14} aria-hidden />Add a host</a></Button>}>
          A host is a Linux machine with libvirt that you reach by SSH. Nothing is installed on it. To look around first, run limiquantix demo.
        </EmptyState>
      </div>
    );
  return (
    <div className="h-full overflow-y-auto">
      <header className="flex h-12 items-center gap-3 border-b border-line px-4">
        <h1 className="flex-1 text-heading font-semibold">Dashboard</h1>
        <Button variant="primary" asChild><a href={createHref()}><Plus size={14} aria-hidden />Create a VM</a></Button>
      </header>
      <Capacities storage={pools && storageOf(pools)} />
      <div className="grid grid-cols-1 gap-3 p-3 lg:grid-cols-2">
        <Attention concerns={list} loading={hosts.isPending} />
        <TopConsumers />
        <RecentTasks tasks={tasks} />
        <RecentEvents />
      </div>
    </div>
  );
}

/** Capacities is one strip: hosts, VMs, and what they have and use. */
function Capacities({ storage }: { storage?: Capacity }) {
  const { hosts, isPending } = useHosts();
  const { vms } = useVMs();
  const figures = useAnyStats();
  const live = hosts.filter((h) => h.state === Host_State.LIVE);
  const running = vms.filter((v) => v.state === VM_State.RUNNING).length;
  const known = live.flatMap((h) => figures.host(h.name) ?? []);
  const cpus = new Map(live.map((h) => [h.name, h.facts?.cpus ?? 0]));
  const cpuTotal = known.reduce((n, s) => n + (cpus.get(s.host) ?? 0), 0);
  const cpuUsed = known.reduce((n, s) => n + (Math.max(0, s.cpuPercent) / 100) * (cpus.get(s.host) ?? 0), 0);
  const memory: Capacity = { used: sum(known.map((s) => s.memoryUsedBytes)), total: sum(known.map((s) => s.memoryBytes)) };
  return (
    <section aria-label="Capacity" className="grid grid-cols-2 gap-px border-b border-line bg-line sm:grid-cols-3 xl:grid-cols-[repeat(2,minmax(110px,auto))_repeat(3,minmax(0,1fr))]">
      <Cell title="Hosts"><Figure value={`${count(live.length)}`} of={`of ${count(hosts.length)} live`} loading={isPending} /></Cell>
      <Cell title="VMs"><Figure value={count(running)} of={`of ${count(vms.length)} running`} loading={isPending} /></Cell>
      <Cell title="CPU">{cpuTotal > 0 ? <MeterBar label={`${count(cpuTotal)} CPUs`} unit="percent" used={(100 * cpuUsed) / cpuTotal} total={100} /> : <Skeleton className="h-9 w-full" />}</Cell>
      <Cell title="Memory">{memory.total > 0 ? <MeterBar label="Live hosts" used={memory.used} total={memory.total} /> : <Skeleton className="h-9 w-full" />}</Cell>
      <Cell title="Storage">{storage ? <MeterBar label="Pools" used={storage.used} total={storage.total} /> : <Skeleton className="h-9 w-full" />}</Cell>
    </section>
  );
}

function sum(values: bigint[]): number {
  return values.reduce((n, v) => n + Number(v), 0);
}

function Cell({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className="min-w-0 grow bg-canvas px-4 py-2.5">
      <h2 className="pb-1 text-table text-fg-muted">{title}</h2>
      {children}
    </div>
  );
}

function Figure({ value, of, loading }: { value: string; of: string; loading: boolean }) {
  if (loading) return <Skeleton className="h-9 w-20" />;
  return (
    <p className="flex items-baseline gap-1.5 whitespace-nowrap">
      <span className="text-figure font-semibold">{value}</span>
      <span className="text-table text-fg-secondary">{of}</span>
    </p>
  );
}
