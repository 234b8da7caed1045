import { useQuery } from "@connectrpc/connect-query";
import { Database, HardDrive, Trash2 } from "lucide-react";
import { useMemo } from "react";

import type { Volume } from "@/gen/limiquantix/v1/storage_pb";
import { StorageService } from "@/gen/limiquantix/v1/storage_pb";
import { client } from "@/lib/api";
import { problemOf } from "@/lib/error";
import { bytes } from "@/lib/format";
import { useHost } from "@/lib/inventory";
import { hostHref } from "@/lib/links";
import { operate } from "@/lib/operate";
import { usePools } from "@/lib/stock";
import { unreachable } from "@/lib/vm-state";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data-table";
import { Alert, EmptyState } from "@/ui/feedback";
import { PageHeader } from "@/ui/page-header";
import { PoolMeter, poolState } from "@/ui/pool-columns";
import { PropertyList } from "@/ui/property-list";
import type { ColumnDef } from "@/ui/table-columns";

const idOf = (v: Volume) => v.name;
const sorting = [{ id: "name", desc: false }];

const COLUMNS: ColumnDef<Volume>[] = [
  { id: "name", header: "Name", width: 280, value: (v) => v.name },
  { id: "format", header: "Format", width: 90, value: (v) => v.format, filter: "choice" },
  { id: "capacity", header: "Size", width: 100, align: "end", filter: "bytes", value: (v) => v.capacityBytes, text: (v) => bytes(v.capacityBytes) },
  { id: "allocation", header: "Used on disk", width: 110, align: "end", filter: "bytes", value: (v) => v.allocationBytes, text: (v) => bytes(v.allocationBytes) },
  { id: "backing", header: "Based on", width: 240, mono: true, value: (v) => v.backingPath, cell: (v) => <span className="name" title={v.backingPath}>{v.backingPath || "–"}</span> },
  { id: "path", header: "Path", width: 340, mono: true, value: (v) => v.path },
];

/** deleteVolume asks to delete a volume: its plan says what uses it, and its name has to be typed. */
function deleteVolume(v: Volume): void {
  void operate({
    call: (ask) => client(StorageService).deleteVolume({ host: v.host, pool: v.pool, name: v.name, ...ask }),
    act: `Delete volume ${v.name}`,
    typed: v.name,
  });
}

/** PoolPage is one pool with its volumes. */
export function PoolPage({ host, name }: { host: string; name: string }) {
  const h = useHost(host);
  const stock = usePools();
  const pool = stock.all.find((p) => p.host === host && p.name === name);
  const away = unreachable(h);
  const active = pool?.state === "active";
  const volumes = useQuery(StorageService.method.listVolumes, { host, pool: name }, { enabled: away === undefined && active, staleTime: 30_000 });
  const rows = useMemo(() => volumes.data?.volumes ?? [], [volumes.data]);
  const gone = !pool && !stock.isPending && !away;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader icon={Database} name={name} state={pool && poolState(pool)} path={[{ label: "Storage", href: "#/storage" }, { label: host, href: hostHref(host, "storage") }]} />
      {away && <Alert banner tone="warning">{away}. Its volumes cannot be read now.</Alert>}
      {gone ? (
        <EmptyState icon={Database} title={`There is no pool ${name} on ${host}`} action={<Button asChild><a href="#/storage">All pools</a></Button>}>
          It may have been removed.
        </EmptyState>
      ) : (
        <>
          <div className="grid shrink-0 grid-cols-1 gap-x-8 border-b border-line px-4 py-2 lg:grid-cols-3">
            <PropertyList label="Pool" items={[{ label: "Type", value: pool?.type }, { label: "Path", value: pool?.path, mono: true, copy: pool?.path }]} />
            <PropertyList label="Behaviour" items={[{ label: "Starts with host", value: pool && (pool.autostart ? "yes" : "no") }, { label: "Volumes take", value: pool && bytes(pool.allocationBytes) }]} />
            <div className="py-1.5">{pool && <PoolMeter pool={pool} compact={false} />}</div>
          </div>
          <div className="min-h-0 flex-1">
            <DataTable
              id="volumes"
              label={`Volumes of ${name}`}
              noun="volume"
              columns={COLUMNS}
              rows={rows}
              getRowId={idOf}
              sorting={sorting}
              placeholder="Filter volumes"
              rowMenu={(chosen) => {
                const [only] = chosen;
                const many = chosen.length > 1 ? "One volume at a time" : undefined;
                return [{ id: "delete", label: "Delete …", icon: Trash2, danger: true, disabledReason: away ?? many, onSelect: () => only && deleteVolume(only) }];
              }}
              bulkActions={(chosen) => {
                const [only] = chosen;
                return (
                  <Button size="sm" icon={Trash2} disabledReason={chosen.length > 1 ? "One volume at a time: what uses it is looked at for each" : away} onClick={() => only && deleteVolume(only)}>
                    Delete …
                  </Button>
                );
              }}
              status={volumes.error ? problemOf(volumes.error) : (stock.isPending || (active && volumes.isPending)) && !away ? "loading" : "ready"}
              onRetry={() => void volumes.refetch()}
              emptyState={
                <EmptyState icon={HardDrive} title={away ? "Not known now" : active ? `No volumes in ${name}` : `Pool ${name} is ${pool?.state ?? "not there"}`}>
                  {away ?? (active ? "Disks of VMs and images that are added to this pool stand here." : "Its volumes are seen when it is active.")}
                </EmptyState>
              }
            />
          </div>
        </>
      )}
    </div>
  );
}
