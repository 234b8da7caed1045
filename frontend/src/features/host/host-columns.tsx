import type { ReactNode } from "react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import { Host_Connect, Host_State } from "@/gen/limiquantix/v1/host_pb";
import { date } from "@/lib/format";
import { hostState } from "@/lib/vm-state";
import { Age } from "@/ui/age";
import { StateBadge } from "@/ui/state";
import type { ColumnDef } from "@/ui/table-columns";
import { HostCPU, HostMemory, cpuOf, memoryOf } from "./host-figures";

const live = (h: Host) => h.state === Host_State.LIVE;

/** What is of another time than now is dimmed. */
function Known({ host, children }: { host: Host; children: ReactNode }) {
  return <span className={live(host) ? "name" : "name text-fg-muted"}>{children}</span>;
}

function State({ host: h }: { host: Host }) {
  const { kind, word } = hostState(h);
  return (
    <span className="flex min-w-0 items-center gap-2" title={[h.reason, h.hint].filter(Boolean).join(". ")}>
      <StateBadge state={kind} word={word} className="shrink-0" />
      {h.reason && !live(h) && <span className="name text-fg-muted">{h.reason}</span>}
    </span>
  );
}

/** fact is a column of what a host said about itself. */
function fact(id: string, header: string, width: number, of: (h: Host) => string | undefined, more: Partial<ColumnDef<Host>> = {}): ColumnDef<Host> {
  return { id, header, width, value: of, cell: (h) => <Known host={h}>{of(h) || "–"}</Known>, ...more };
}

/** HOST_COLUMNS are the columns of the list of hosts. */
export const HOST_COLUMNS: ColumnDef<Host>[] = [
  { id: "name", header: "Name", width: 150, value: (h) => h.name },
  { id: "state", header: "State", width: 210, value: (h) => hostState(h).word, filter: "choice", cell: (h) => <State host={h} /> },
  { id: "cluster", header: "Cluster", width: 100, value: (h) => h.cluster, filter: "choice" },
  { id: "site", header: "Site", width: 110, hidden: true, value: (h) => h.site, filter: "choice" },
  { id: "connect", header: "Connect", width: 96, hidden: true, filter: "choice", value: (h) => (h.connect === Host_Connect.DEMAND ? "on demand" : "always") },
  { id: "address", header: "Address", width: 190, value: (h) => h.address, mono: true },
  {
    id: "vms", header: "VMs", width: 90, align: "end", filter: "number", value: (h) => h.vms, text: (h) => `${h.running} of ${h.vms}`,
    cell: (h) => <span title={`${h.running} of ${h.vms} running`} className={live(h) ? "" : "text-fg-muted"}>{h.running} / {h.vms}</span>,
  },
  { id: "cpu", header: "CPU", width: 130, align: "end", filter: "number", live: true, value: cpuOf, cell: (h) => <HostCPU host={h} /> },
  { id: "memory", header: "Memory", width: 180, filter: "number", live: true, value: memoryOf, cell: (h) => <HostMemory host={h} /> },
  { id: "cpus", header: "CPUs", width: 64, align: "end", filter: "number", value: (h) => h.facts?.cpus, cell: (h) => <Known host={h}>{h.facts?.cpus || "–"}</Known> },
  fact("libvirt", "libvirt", 80, (h) => h.facts?.libvirtVersion, { filter: "choice" }),
  fact("qemu", "QEMU", 80, (h) => h.facts?.qemuVersion, { filter: "choice" }),
  {
    id: "kvm", header: "KVM", width: 96, filter: "choice", value: (h) => (h.facts ? (h.facts.kvm ? "yes" : "emulated") : ""),
    cell: (h) => <span className={!h.facts || h.facts.kvm ? "text-fg-muted" : "text-warning"}>{h.facts ? (h.facts.kvm ? "yes" : "emulated") : "–"}</span>,
  },
  {
    id: "seen", header: "Seen", width: 92, value: (h) => date(h.seen), filter: false,
    cell: (h) => (live(h) ? <span className="text-fg-muted">live</span> : <Age at={date(h.seen)} stale />),
  },
  fact("model", "CPU model", 150, (h) => h.facts?.cpuModel, { hidden: true }),
  fact("hostname", "Hostname", 150, (h) => h.facts?.hostname, { hidden: true }),
  { id: "jumps", header: "Jump hosts", width: 150, hidden: true, mono: true, value: (h) => h.jumps.join(", ") },
];
