import type { Host } from "@/gen/limiquantix/v1/host_pb";
import { Host_State } from "@/gen/limiquantix/v1/host_pb";
import { bytes, percent } from "@/lib/format";
import { stats, useHostStats } from "@/lib/stats";
import { MeterBar } from "@/ui/progress";
import { Sparkline } from "@/ui/sparkline";

/** cpuOf is a host's CPU in percent now; undefined while unknown. For sorting: cells subscribe by themselves. */
export function cpuOf(h: Host): number | undefined {
  const cpu = h.state === Host_State.LIVE ? stats().host(h.name)?.cpuPercent : undefined;
  return cpu === undefined || cpu < 0 ? undefined : cpu;
}

/** memoryOf is the part of a host's memory that is used, in percent. */
export function memoryOf(h: Host): number | undefined {
  const s = h.state === Host_State.LIVE ? stats().host(h.name) : undefined;
  return s && s.memoryBytes > 0n ? (Number(s.memoryUsedBytes) / Number(s.memoryBytes)) * 100 : undefined;
}

/** HostCPU is a host's CPU now, with how it was. */
export function HostCPU({ host }: { host: Host }) {
  const now = useHostStats(host.name);
  if (!now || now.cpuPercent < 0 || host.state !== Host_State.LIVE) return <span className="text-fg-muted">–</span>;
  return (
    <span className="flex w-full items-center justify-end gap-2">
      <Sparkline values={stats().hostTrail(host.name)} max={100} label={`CPU of ${host.name}`} />
      <span className="w-11 shrink-0 text-right">{percent(now.cpuPercent)}</span>
    </span>
  );
}

/** HostMemory is how full a host's memory is; its size alone where that is not known. */
export function HostMemory({ host }: { host: Host }) {
  const now = useHostStats(host.name);
  const total = host.facts?.memoryBytes ?? 0n;
  if (!now || now.memoryBytes <= 0n || host.state !== Host_State.LIVE) return <span className="text-fg-muted">{total > 0n ? `${bytes(total)} in all` : "–"}</span>;
  return (
    <span className="flex w-full items-center gap-2" title={`${bytes(now.memoryUsedBytes)} of ${bytes(now.memoryBytes)} used`}>
      <MeterBar compact used={Number(now.memoryUsedBytes)} total={Number(now.memoryBytes)} label={`Memory of ${host.name}`} />
      <span className="w-16 shrink-0 text-right text-fg-muted">{bytes(now.memoryBytes)}</span>
    </span>
  );
}
