import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Database, Plus } from "lucide-react";

import type { Pool } from "@/gen/limiquantix/v1/storage_pb";
import { problemOf } from "@/lib/error";
import { poolHref } from "@/lib/links";
import { usePools } from "@/lib/stock";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data-table";
import { EmptyList, useNoHost } from "@/ui/empty-list";
import { HostGaps } from "@/ui/host-gaps";
import { PageHeader } from "@/ui/page-header";
import { POOL_COLUMNS } from "@/ui/pool-columns";
import { CreatePoolDialog } from "./create-pool-dialog";
import { PoolPage } from "./pool-page";

const idOf = (p: Pool) => `${p.host}/${p.uuid}`;
const sorting = [{ id: "name", desc: false }, { id: "host", desc: false }];

/** StoragePage is the pools of all hosts, or of one; or one pool with its volumes. */
export function StoragePage() {
  const { host, pool } = useParams({ strict: false });
  return host && pool ? <PoolPage key={`${host}\n${pool}`} host={host} name={pool} /> : <PoolListPage host={host} />;
}

function PoolListPage({ host }: { host: string | undefined }) {
  const stock = usePools();
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const to = { to: "/storage/{-$host}/{-$pool}", params: { host }, replace: true } as const;
  const show = (add: boolean) => void navigate({ ...to, search: (s) => ({ q: s.q, ...(add ? { add } : {}) }) });
  const pools = host ? stock.all.filter((p) => p.host === host) : stock.all;
  const button = (
    <Button variant="primary" icon={Plus} disabledReason={useNoHost()} onClick={() => show(true)}>
      Create pool
    </Button>
  );
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader icon={Database} name="Storage" path={host ? [{ label: "Storage", href: "#/storage" }, { label: host }] : []} primary={button} />
      <HostGaps away={host ? stock.away.filter((h) => h.name === host) : stock.away} problems={stock.problems} old={stock.old} what="pools" />
      <div className="min-h-0 flex-1">
        <DataTable
          id="pools"
          label="Pools"
          noun="pool"
          columns={POOL_COLUMNS}
          rows={pools}
          getRowId={idOf}
          rowHref={poolHref}
          rowDim={(p) => stock.old.has(p.host)}
          sorting={sorting}
          query={search.q ?? ""}
          onQuery={(q) => void navigate({ ...to, search: q ? { q } : {} })}
          placeholder="Filter pools"
          status={stock.error ? problemOf(stock.error) : stock.isPending ? "loading" : "ready"}
          onRetry={stock.refetch}
          emptyState={
            <EmptyList icon={Database} what="pools" action={button}>
              A pool is a place on a host for disks and images, such as a folder.
            </EmptyList>
          }
        />
      </div>
      {search.add && <CreatePoolDialog host={host} pools={stock.pools} onClose={() => show(false)} />}
    </div>
  );
}
