import { Monitor, Play, Square, Trash2 } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";

import { bytes } from "@/lib/format";
import { Button } from "@/ui/button";
import { DataTable, type TableStatus } from "@/ui/data-table";
import { EmptyState } from "@/ui/feedback";
import { MeterBar } from "@/ui/progress";
import { Sparkline } from "@/ui/sparkline";
import { StateBadge, type StateKind } from "@/ui/state";
import type { ColumnDef } from "@/ui/table-columns";
import { Segmented } from "@/ui/toggle";

interface Row {
  id: string;
  name: string;
  state: StateKind;
  host: string;
  cpus: number;
  memory: number;
  address: string;
  disk: number;
}

const kinds: StateKind[] = ["running", "running", "running", "stopped", "running", "paused", "failed", "running", "transient", "unknown"];
const odd = ["<img src=x onerror=alert(1)>", "שרת־בדיקות־ארוך", "a-name-of-200-characters-".repeat(8), "=HYPERLINK(1)"];

function makeRows(n: number): Row[] {
  return Array.from({ length: n }, (_, i) => ({
    id: `vm-${i}`,
    name: odd[i - 3] ?? `${["web", "db", "build", "mail", "ldap"][i % 5]}${i + 1}`,
    state: kinds[(i * 7) % kinds.length] ?? "running",
    host: `kvm${(i % 100) + 1}`,
    cpus: 1 << (i % 4),
    memory: (1 << (i % 6)) * 2 ** 30,
    address: `10.${(i >> 8) % 256}.${i % 256}.${(i * 7) % 254}`,
    disk: (i * 37) % 100,
  }));
}

/** Figures that move: what lib/stats.ts is in the program. */
class Figures {
  private trails = new Map<string, number[]>();
  private listeners = new Map<string, Set<() => void>>();

  constructor(ids: readonly string[]) {
    for (const [i, id] of ids.entries()) this.trails.set(id, Array.from({ length: 60 }, (_, t) => 30 + 25 * Math.sin((t + i * 3) / 6) + ((i * t) % 17)));
  }
  read = (id: string) => this.trails.get(id) ?? [];
  subscribe(id: string, f: () => void) {
    const set = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, set.add(f));
    return () => void set.delete(f);
  }
  move() {
    for (const [id, trail] of this.trails) {
      const last = trail.at(-1) ?? 0;
      this.trails.set(id, [...trail.slice(1), Math.max(0, Math.min(100, last + Math.random() * 16 - 8))]);
    }
    for (const set of this.listeners.values()) for (const f of set) f();
  }
}

function Cpu({ figures, id }: { figures: Figures; id: string }) {
  const trail = useSyncExternalStore((f) => figures.subscribe(id, f), () => figures.read(id));
  return (
    <span className="flex items-center gap-2">
      <Sparkline values={trail} max={100} />
      <span className="w-9 text-right">{Math.round(trail.at(-1) ?? 0)} %</span>
    </span>
  );
}

function makeColumns(figures: Figures): ColumnDef<Row>[] {
  return [
    { id: "name", header: "Name", value: (r) => r.name, width: 220 },
    { id: "state", header: "State", value: (r) => r.state, filter: "choice", width: 120, cell: (r) => <StateBadge state={r.state} /> },
    { id: "host", header: "Host", value: (r) => r.host, filter: "choice", width: 100 },
    { id: "cpu", header: "CPU", value: (r) => figures.read(r.id).at(-1), live: true, filter: "number", align: "end", width: 136, cell: (r) => <Cpu figures={figures} id={r.id} /> },
    { id: "cpus", header: "vCPUs", value: (r) => r.cpus, filter: "number", align: "end", width: 80 },
    { id: "memory", header: "Memory", value: (r) => r.memory, text: (r) => bytes(r.memory), filter: "bytes", align: "end", width: 100 },
    { id: "disk", header: "Disk used", value: (r) => r.disk, filter: "number", width: 140, cell: (r) => <MeterBar compact label="Disk" unit="percent" used={r.disk} total={100} /> },
    { id: "address", header: "Address", value: (r) => r.address, mono: true, width: 130 },
    { id: "id", header: "Id", value: (r) => r.id, hidden: true, mono: true },
  ];
}

const idOf = (r: Row) => r.id;
const nothing = () => undefined;
const all = makeRows(10_000);
type Show = "rows" | "few" | "empty" | "loading" | "failed" | "stale";
const error = { message: "Host kvm3 is not reachable: connection refused", hint: "Is sshd running there?" };
const statuses: Record<Show, TableStatus> = { rows: "ready", few: "ready", empty: "ready", loading: "loading", failed: error, stale: error };

/** The table with 10,000 rows whose figures move, and in its other states. */
export function KitTable() {
  const [show, setShow] = useState<Show>("rows");
  const [{ figures, columns }] = useState(() => {
    const f = new Figures(all.map(idOf));
    return { figures: f, columns: makeColumns(f) };
  });
  useEffect(() => {
    const timer = setInterval(() => figures.move(), 2000);
    return () => clearInterval(timer);
  }, [figures]);
  const rows = show === "rows" || show === "stale" ? all : show === "few" ? all.slice(0, 9) : [];
  return (
    <DataTable
      id="kit"
      label="VMs of the kit"
      noun="VM"
      columns={columns}
      rows={rows}
      getRowId={idOf}
      rowHref={(r) => `#/kit?row=${r.id}`}
      status={statuses[show]}
      onRetry={nothing}
      emptyState={
        <EmptyState icon={Monitor} title="No VMs on kvm1" action={<Button variant="primary">Create a VM</Button>}>
          VMs of this host would be here, those made elsewhere too.
        </EmptyState>
      }
      toolbar={
        <Segmented<Show>
          label="Show"
          value={show}
          onChange={setShow}
          options={(["rows", "few", "empty", "loading", "failed", "stale"] as const).map((value) => ({ value, label: value }))}
        />
      }
      bulkActions={() => (
        <>
          <Button size="sm" icon={Play}>
            Start
          </Button>
          <Button size="sm" icon={Square}>
            Shut down
          </Button>
          <Button size="sm" variant="ghost" icon={Trash2}>
            Delete
          </Button>
        </>
      )}
      rowMenu={(list) => [
        { title: list.length === 1 ? (list[0]?.name ?? "").slice(0, 40) : `${list.length} VMs` },
        { id: "start", label: "Start", icon: Play, onSelect: nothing },
        { id: "delete", label: "Delete", icon: Trash2, danger: true, onSelect: nothing },
      ]}
    />
  );
}
