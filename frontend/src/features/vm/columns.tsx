import { date, bytes, rate } from "@/lib/format";
import type { VMRow } from "@/lib/query-vm";
import { stats } from "@/lib/stats";
import { vmState } from "@/lib/vm-state";
import { Age } from "@/ui/age";
import { StateBadge } from "@/ui/state";
import { TagChips } from "@/ui/tag-chips";
import type { ColumnDef } from "@/ui/table-columns";
import { CPUCell, DiskCell, MemoryCell, NetCell } from "./figures";

/** What the newest sample says of a row; undefined: it does not run, or nothing is known. */
function now<V>(of: (s: NonNullable<ReturnType<ReturnType<typeof stats>["vm"]>>) => V) {
  return (r: VMRow): V | undefined => {
    const s = r.vm.stale ? undefined : stats().vm(r.key);
    return s && of(s);
  };
}

const diskRate = now((s) => Number(s.diskReadBytes + s.diskWrittenBytes));
const netRate = now((s) => Number(s.netReceivedBytes + s.netSentBytes));
const memoryUsed = now((s) => Number(s.memoryUsedBytes));
const cpu = now((s) => Math.round(s.cpuPercent * 10) / 10);
const known = (n: number | undefined) => (n === undefined || n < 0 ? undefined : n);

/** Whether the window has room for what is nice to see; else it is in the chooser and in the inspector. */
const ROOMY = window.innerWidth >= 1600;

/** columns of the list of VMs. Figures are cells of their own: a row stays as it is when they move. */
export const columns: ColumnDef<VMRow>[] = [
  { id: "name", header: "Name", value: (r) => r.vm.name, text: (r) => (r.vm.name.trim() ? r.vm.name : r.vm.uuid), width: 180 },
  {
    id: "state", header: "State", value: (r) => vmState(r.vm).word, filter: "choice", width: 136,
    cell: (r) => (
      <>
        <StateBadge state={vmState(r.vm).kind} word={vmState(r.vm).word} stale={r.vm.stale} />
        {r.vm.stale && <Age at={date(r.vm.seen)} stale className="ml-2 truncate text-caption" />}
      </>
    ),
  },
  { id: "host", header: "Host", value: (r) => r.vm.host, filter: "choice", width: 104 },
  { id: "tags", header: "Tags", value: (r) => r.vm.tags.join(", "), cell: (r) => <TagChips tags={r.vm.tags} />, width: ROOMY ? 160 : 120 },
  { id: "cluster", header: "Cluster", value: (r) => r.cluster, filter: "choice", width: 110, hidden: true },
  { id: "ip", header: "IP addresses", value: (r) => r.vm.addresses[0]?.ip ?? "", text: (r) => r.vm.addresses.map((a) => a.ip).join(" "), mono: true, width: 124 },
  { id: "cpu", header: "CPU %", value: (r) => known(cpu(r)), live: true, filter: "number", align: "end", width: 120, cell: (r) => <CPUCell id={r.key} stale={r.vm.stale} /> },
  {
    id: "used", header: "Memory used", value: (r) => known(memoryUsed(r)), text: (r) => sizeOr(memoryUsed(r), bytes), live: true, filter: "bytes", align: "end", width: 116,
    cell: (r) => <MemoryCell id={r.key} stale={r.vm.stale} />,
  },
  { id: "memory", header: "Memory", value: (r) => r.vm.memoryBytes, text: (r) => bytes(r.vm.memoryBytes), cell: (r) => bytes(r.vm.memoryBytes), filter: "bytes", align: "end", width: 88 },
  { id: "vcpus", header: "vCPUs", value: (r) => r.vm.vcpus, cell: (r) => r.vm.vcpus, filter: "number", align: "end", width: 80, hidden: !ROOMY },
  {
    id: "disk", header: "Disk", value: (r) => known(diskRate(r)), text: (r) => sizeOr(diskRate(r), rate), live: true, filter: "bytes", align: "end", width: 96, hidden: !ROOMY,
    cell: (r) => <DiskCell id={r.key} stale={r.vm.stale} />,
  },
  {
    id: "net", header: "Network", value: (r) => known(netRate(r)), text: (r) => sizeOr(netRate(r), rate), live: true, filter: "bytes", align: "end", width: 96, hidden: !ROOMY,
    cell: (r) => <NetCell id={r.key} stale={r.vm.stale} />,
  },
  { id: "folder", header: "Folder", value: (r) => r.vm.folder, width: 140, hidden: true },
  { id: "title", header: "Title", value: (r) => r.vm.title, width: 180, hidden: true },
  { id: "autostart", header: "Autostart", value: (r) => r.vm.autostart, filter: "choice", width: 96, hidden: true },
  { id: "persistent", header: "Persistent", value: (r) => r.vm.persistent, filter: "choice", width: 100, hidden: true },
  { id: "uuid", header: "UUID", value: (r) => r.vm.uuid, mono: true, width: 270, hidden: true },
  {
    id: "seen", header: "Last seen", value: (r) => date(r.vm.seen), filter: false, width: 104, hidden: true,
    cell: (r) => (r.vm.stale ? <Age at={date(r.vm.seen)} stale /> : <span className="text-fg-muted">live</span>),
  },
];

function sizeOr(n: number | undefined, unit: (n: number) => string): string {
  return known(n) === undefined ? "" : unit(n ?? 0);
}
