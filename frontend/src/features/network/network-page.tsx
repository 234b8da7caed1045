import { useQuery } from "@connectrpc/connect-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Network as NetworkIcon } from "lucide-react";
import { useMemo } from "react";

import type { Lease, Network } from "@/gen/limiquantix/v1/network_pb";
import { NetworkService } from "@/gen/limiquantix/v1/network_pb";
import { problemOf } from "@/lib/error";
import { absolute, date } from "@/lib/format";
import { useHost } from "@/lib/inventory";
import { hostHref, networkHref } from "@/lib/links";
import { useNetworks } from "@/lib/stock";
import { unreachable } from "@/lib/vm-state";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data-table";
import { EmptyList } from "@/ui/empty-list";
import { Alert, EmptyState } from "@/ui/feedback";
import { HostGaps } from "@/ui/host-gaps";
import { NETWORK_COLUMNS, forwardWord, networkState } from "@/ui/network-columns";
import { PageHeader } from "@/ui/page-header";
import { PropertyList } from "@/ui/property-list";
import type { ColumnDef } from "@/ui/table-columns";

const idOf = (n: Network) => `${n.host}/${n.uuid}`;
const leaseId = (l: Lease) => `${l.mac} ${l.ip}`;
const sorting = [{ id: "name", desc: false }, { id: "host", desc: false }];

/** NetworkPage is the networks of all hosts, or of one; or one network with its leases. */
export function NetworkPage() {
  const { host, network } = useParams({ strict: false });
  return host && network ? <OneNetwork key={`${host}\n${network}`} host={host} name={network} /> : <NetworkList host={host} />;
}

function NetworkList({ host }: { host: string | undefined }) {
  const stock = useNetworks();
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const networks = host ? stock.all.filter((n) => n.host === host) : stock.all;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader icon={NetworkIcon} name="Networks" path={host ? [{ label: "Networks", href: "#/networks" }, { label: host }] : []} />
      <HostGaps away={host ? stock.away.filter((h) => h.name === host) : stock.away} problems={stock.problems} old={stock.old} what="networks" />
      <div className="min-h-0 flex-1">
        <DataTable
          id="networks"
          label="Networks"
          noun="network"
          columns={NETWORK_COLUMNS}
          rows={networks}
          getRowId={idOf}
          rowHref={networkHref}
          rowDim={(n) => stock.old.has(n.host)}
          sorting={sorting}
          query={search.q ?? ""}
          onQuery={(q) => void navigate({ to: "/networks/{-$host}/{-$network}", params: { host }, search: q ? { q } : {}, replace: true })}
          placeholder="Filter networks"
          status={stock.error ? problemOf(stock.error) : stock.isPending ? "loading" : "ready"}
          onRetry={stock.refetch}
          emptyState={
            <EmptyList icon={NetworkIcon} what="networks">
              The networks of libvirt that VMs are plugged into stand here. A host usually has one called default.
            </EmptyList>
          }
        />
      </div>
    </div>
  );
}

const LEASES: ColumnDef<Lease>[] = [
  { id: "ip", header: "Address", width: 220, mono: true, value: (l) => l.ip },
  { id: "mac", header: "MAC address", width: 170, mono: true, value: (l) => l.mac },
  { id: "hostname", header: "Host name", width: 240, value: (l) => l.hostname, cell: (l) => <span className="name">{l.hostname || "–"}</span> },
  { id: "expires", header: "Until", width: 200, value: (l) => date(l.expires), cell: (l) => <span className="text-fg-secondary">{expiry(l)}</span> },
];

function expiry(l: Lease): string {
  const at = date(l.expires);
  return at ? absolute(at) : "for ever";
}

function OneNetwork({ host, name }: { host: string; name: string }) {
  const h = useHost(host);
  const stock = useNetworks();
  const network = stock.all.find((n) => n.host === host && n.name === name);
  const away = unreachable(h);
  const active = network?.active === true;
  const leases = useQuery(NetworkService.method.listLeases, { host, network: name }, { enabled: active && !away, staleTime: 10_000 });
  const rows = useMemo(() => leases.data?.leases ?? [], [leases.data]);
  const gone = !network && !stock.isPending && !away;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader icon={NetworkIcon} name={name} state={network && networkState(network)} path={[{ label: "Networks", href: "#/networks" }, { label: host, href: hostHref(host, "networks") }]} />
      {away && <Alert banner tone="warning">{away}. Its leases cannot be read now.</Alert>}
      {gone ? (
        <EmptyState icon={NetworkIcon} title={`There is no network ${name} on ${host}`} action={<Button asChild><a href="#/networks">All networks</a></Button>}>
          It may have been removed.
        </EmptyState>
      ) : (
        <>
          <div className="shrink-0 border-b border-line px-4 py-2">
            <PropertyList
              columns={2}
              label="Network"
              items={[
                { label: "Way out", value: network && forwardWord(network) },
                { label: "Subnet", value: network?.cidr, mono: true, copy: network?.cidr },
                { label: "Bridge", value: network?.bridge, mono: true },
                { label: "Starts with host", value: network && (network.autostart ? "yes" : "no") },
              ]}
            />
          </div>
          <div className="min-h-0 flex-1">
            <DataTable
              id="leases"
              label={`Leases of ${name}`}
              noun="lease"
              columns={LEASES}
              rows={rows}
              getRowId={leaseId}
              sorting={[{ id: "ip", desc: false }]}
              placeholder="Filter leases"
              toolbar={<Button size="sm" busy={leases.isFetching} disabledReason={away} onClick={() => void leases.refetch()}>Read again</Button>}
              status={leases.error ? problemOf(leases.error) : (stock.isPending || (active && leases.isPending)) && !away ? "loading" : "ready"}
              onRetry={() => void leases.refetch()}
              emptyState={
                <EmptyState title={away ? "Not known now" : active ? "No leases" : `Network ${name} is not active`}>
                  {away ?? (active ? "Addresses that this network's DHCP server gives to guests stand here." : "It gives no addresses while it is off.")}
                </EmptyState>
              }
            />
          </div>
        </>
      )}
    </div>
  );
}
