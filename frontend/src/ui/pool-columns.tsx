import type { Pool } from "@/gen/limiquantix/v1/storage_pb";
import { bytes } from "@/lib/format";
import { hostHref } from "@/lib/links";
import { HostName, RowState } from "./host-name";
import { MeterBar } from "./progress";
import type { StateKind } from "./state";
import type { ColumnDef } from "./table-columns";

const STATES: Record<string, StateKind> = { active: "running", inactive: "stopped", building: "transient", degraded: "warning" };

/** poolState is how a pool's state is drawn and called. */
export function poolState(p: Pick<Pool, "state">): { kind: StateKind; word: string } {
  return { kind: STATES[p.state] ?? "unknown", word: p.state || "unknown" };
}

/** fullness is the part of a pool that is taken, in percent; undefined when it does not say. */
export function fullness(p: Pick<Pool, "capacityBytes" | "availableBytes">): number | undefined {
  return p.capacityBytes > 0n ? (Number(p.capacityBytes - p.availableBytes) / Number(p.capacityBytes)) * 100 : undefined;
}

/** PoolMeter is how full a pool is: what is not available, by whomever it is taken. */
export function PoolMeter({ pool: p, compact = true }: { pool: Pool; compact?: boolean }) {
  if (p.capacityBytes <= 0n) return <span className="text-fg-muted">–</span>;
  return <MeterBar compact={compact} used={Number(p.capacityBytes - p.availableBytes)} total={Number(p.capacityBytes)} label={compact ? `Pool ${p.name}` : "Taken"} />;
}

/** POOL_COLUMNS are the columns of lists of pools. */
export const POOL_COLUMNS: ColumnDef<Pool>[] = [
  { id: "name", header: "Name", width: 200, value: (p) => p.name },
  { id: "host", header: "Host", width: 140, value: (p) => p.host, filter: "choice", cell: (p) => <HostName name={p.host} href={hostHref(p.host, "storage")} /> },
  { id: "state", header: "State", width: 110, value: (p) => p.state, filter: "choice", cell: (p) => <RowState host={p.host} state={poolState(p)} /> },
  { id: "type", header: "Type", width: 90, value: (p) => p.type, filter: "choice" },
  { id: "used", header: "Taken", width: 150, filter: "number", value: fullness, cell: (p) => <PoolMeter pool={p} /> },
  { id: "free", header: "Free", width: 100, align: "end", filter: "bytes", value: (p) => p.availableBytes, text: (p) => bytes(p.availableBytes) },
  { id: "capacity", header: "Capacity", width: 100, align: "end", filter: "bytes", value: (p) => p.capacityBytes, text: (p) => bytes(p.capacityBytes) },
  { id: "allocation", header: "Of its volumes", width: 110, align: "end", filter: "bytes", hidden: true, value: (p) => p.allocationBytes, text: (p) => bytes(p.allocationBytes) },
  { id: "path", header: "Path", width: 240, mono: true, value: (p) => p.path },
  { id: "autostart", header: "Autostart", width: 90, hidden: true, filter: "choice", value: (p) => p.autostart },
];
