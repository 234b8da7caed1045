import { useQuery } from "@connectrpc/connect-query";

import type { GetHostHardwareResponse as Hardware, Host } from "@/gen/limiquantix/v1/host_pb";
import { HostService } from "@/gen/limiquantix/v1/host_pb";
import { problemOf, sentence } from "@/lib/error";
import { bytes, date } from "@/lib/format";
import { unreachable } from "@/lib/vm-state";
import { Age } from "@/ui/age";
import { Button } from "@/ui/button";
import { Alert, EmptyState, ErrorState, Skeleton } from "@/ui/feedback";
import { MeterBar } from "@/ui/progress";
import { PropertyList, Section } from "@/ui/property-list";
import { StateBadge } from "@/ui/state";
import { Devices } from "./host-devices";
import { FactTable as Table } from "./fact-table";
import { cpuCount } from "./topology";

/** HostHardware is what a host consists of, read by its own tools when one looks. */
export function HostHardware({ host }: { host: Host }) {
  const away = unreachable(host);
  const query = useQuery(HostService.method.getHostHardware, { host: host.id }, { enabled: !away, staleTime: 60_000 });
  if (away && !query.data) return <EmptyState title="Not known now">{away}. Its hardware is read when it is live.</EmptyState>;
  if (query.error && !query.data) return <ErrorState error={problemOf(query.error)} onRetry={() => void query.refetch()} retrying={query.isFetching} />;
  const h = query.data;
  return (
    <div className="flex flex-col gap-3 p-4">
      {h?.problems.map((p, i) => <Alert key={i} tone="warning">{sentence(p)}</Alert>)}
      <div className="grid items-start gap-3 lg:grid-cols-2">
        <Section title="System" actions={<Button size="sm" variant="ghost" busy={query.isFetching} disabledReason={away} onClick={() => void query.refetch()}>Read again</Button>}>
          {h ? (
            <PropertyList
              label="System"
              items={[
                { label: "Machine", value: h.machine }, { label: "System", value: h.os }, { label: "Kernel", value: h.kernel, mono: true },
                { label: "Booted", value: date(h.booted) && <Age at={date(h.booted)} /> },
                { label: "Load", value: h.load.length === 0 ? undefined : <Load load={h.load} cpus={host.facts?.cpus ?? 0} /> },
              ]}
            />
          ) : (
            <Lines n={5} />
          )}
        </Section>
        <Section title="NUMA nodes">{h ? <NUMA nodes={h.numa} /> : <Lines n={2} />}</Section>
      </div>
      {h && <Parts h={h} />}
      {h && <Devices h={h} />}
    </div>
  );
}

function Load({ load, cpus }: { load: readonly number[]; cpus: number }) {
  const high = cpus > 0 && (load[0] ?? 0) > cpus;
  return (
    <span className={high ? "text-warning" : ""}>
      {load.map((l) => l.toFixed(2)).join(" · ")}
      <span className="text-fg-muted"> over 1, 5 and 15 min{high && `, more than its ${cpus} CPUs`}</span>
    </span>
  );
}

function NUMA({ nodes }: { nodes: Hardware["numa"] }) {
  if (nodes.length === 0) return <p className="text-fg-muted">It does not tell of any.</p>;
  return (
    <Table label="NUMA nodes" head={["Node", "CPUs", "", "Memory"]} ends={[3]}>
      {nodes.map((n) => [n.id, <span key="c" className="font-mono">{n.cpus}</span>, `${cpuCount(n.cpus)} CPUs`, bytes(n.memoryBytes)])}
    </Table>
  );
}

function Parts({ h }: { h: Hardware }) {
  return (
    <>
      <Section title="Network interfaces" flush>
        <Table label="Network interfaces" head={["Name", "State", "Kind", "Part of", "Driver", "Addresses", "MAC address", "Speed", "MTU"]} ends={[7, 8]}>
          {h.nics.map((n) => [
            <bdi key="n" className="font-medium">{n.name}</bdi>,
            <StateBadge key="s" state={n.state === "up" ? "running" : n.state === "down" ? "stopped" : "unknown"} word={n.state || "unknown"} />,
            kindOf(n), n.master || n.parent, n.driver, <span key="a" className="font-mono">{n.addresses.join(", ")}</span>, <span key="m" className="font-mono">{n.mac}</span>,
            n.speedMbps > 0n ? `${speed(n.speedMbps)}` : "", n.mtu || "",
          ])}
        </Table>
      </Section>
      <Section title="Disks" flush>
        <Table label="Disks" head={["Name", "Model", "Kind", "Used by", "Size"]} ends={[4]}>
          {h.disks.map((d) => [<bdi key="n" className="font-medium">{d.name}</bdi>, d.model, [d.transport, d.rotational ? "rotating" : "solid state"].filter(Boolean).join(", "), d.use, bytes(d.sizeBytes)])}
        </Table>
      </Section>
      <Section title="File systems" flush>
        <Table label="File systems" head={["Mounted at", "Type", "Source", "Taken", "Size"]} ends={[4]}>
          {h.filesystems.map((f) => [
            <bdi key="m" className="font-mono">{f.mount}</bdi>, f.type, <span key="s" className="font-mono">{f.source}</span>,
            f.sizeBytes > 0n && <MeterBar key="u" compact used={Number(f.usedBytes)} total={Number(f.sizeBytes)} label={`File system ${f.mount}`} />, bytes(f.sizeBytes),
          ])}
        </Table>
      </Section>
    </>
  );
}

/** kindOf is what an interface is: a VLAN's number, what a bridge or bond has in it. */
function kindOf(n: Hardware["nics"][number]): string {
  const more = [n.vlan > 0 && `${n.vlan}`, n.mode, n.ports.length > 0 && `of ${n.ports.slice(0, 8).join(", ")}${n.ports.length > 8 ? ` and ${n.ports.length - 8} more` : ""}`, n.activePort && `${n.activePort} carries`];
  return [n.kind, ...more.filter(Boolean)].join(", ");
}

function speed(mbps: bigint): string {
  return mbps >= 1000n ? `${Number(mbps) / 1000} Gbit/s` : `${mbps} Mbit/s`;
}

function Lines({ n }: { n: number }) {
  return (
    <div role="status" aria-label="Reading">
      {Array.from({ length: n }, (_, i) => (
        <div key={i} className="flex h-7 items-center gap-3">
          <Skeleton className="h-3 w-24" />
          <Skeleton className="h-3 w-48" />
        </div>
      ))}
    </div>
  );
}
