import { useQuery } from "@connectrpc/connect-query";
import { Cog, Play, RotateCw, ScrollText, Square } from "lucide-react";
import { useCallback, useMemo } from "react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import type { Unit } from "@/gen/limiquantix/v1/hostos_pb";
import { HostOSService, OperateUnitRequest_Action as Action } from "@/gen/limiquantix/v1/hostos_pb";
import { client } from "@/lib/api";
import { problemOf, sentence } from "@/lib/error";
import { hostHref } from "@/lib/links";
import { ended, operate } from "@/lib/operate";
import { unreachable } from "@/lib/vm-state";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data-table";
import { Alert, EmptyState } from "@/ui/feedback";
import type { MenuItem } from "@/ui/menu";
import { StateBadge } from "@/ui/state";
import type { ColumnDef } from "@/ui/table-columns";
import { unitState } from "./system";

const idOf = (u: Unit) => u.name;

const COLUMNS: ColumnDef<Unit>[] = [
  { id: "name", header: "Name", width: 300, value: (u) => u.name, cell: (u) => <bdi className="name">{u.name}</bdi> },
  { id: "state", header: "State", width: 130, filter: "choice", value: (u) => unitState(u).word, cell: (u) => <StateBadge state={unitState(u).kind} word={unitState(u).word} /> },
  { id: "enabled", header: "At boot", width: 110, filter: "choice", value: (u) => u.enabled },
  { id: "description", header: "Description", width: 420, value: (u) => u.description, cell: (u) => <bdi className="name">{u.description}</bdi> },
];

/** act does it by a plan, and reads the services again when that has ended: systemd tells nobody of it. */
function act(host: Host, unit: Unit, action: Action, verb: string, reread: () => void) {
  void operate({
    call: (ask) => client(HostOSService).operateUnit({ host: host.id, unit: unit.name, action, ...ask }),
    act: `${verb} ${unit.name}`,
    danger: action !== Action.START,
    begun: (task) => void ended(task).then(reread),
  });
}

/** HostServices is the services of a host's system, with what can be done to them. */
export function HostServices({ host }: { host: Host }) {
  const away = unreachable(host);
  const query = useQuery(HostOSService.method.listUnits, { host: host.id }, { enabled: !away, staleTime: 30_000, retry: false });
  const { refetch } = query;
  const reread = useCallback(() => void refetch(), [refetch]);
  const menu = useMemo(() => (units: readonly Unit[]): MenuItem[] => menuOf(host, units, away, reread), [host, away, reread]);
  if (away && !query.data) return <EmptyState icon={Cog} title="Not known now">{away}. Its services are read when it is live.</EmptyState>;
  return (
    <div className="flex h-full min-h-0 flex-col">
      {query.data?.problems.map((p, i) => <Alert key={i} banner tone="warning">{sentence(p)}</Alert>)}
      <div className="min-h-0 flex-1">
        <DataTable
          id="host-services"
          label={`Services of ${host.name}`}
          noun="service"
          columns={COLUMNS}
          rows={query.data?.units ?? []}
          getRowId={idOf}
          rowMenu={menu}
          rowDim={() => away !== undefined}
          placeholder="Filter services"
          status={query.error ? problemOf(query.error) : query.isPending ? "loading" : "ready"}
          onRetry={() => void query.refetch()}
          bulkActions={(units) => units.length === 1 && units[0] && <Acts host={host} unit={units[0]} away={away} reread={reread} />}
          toolbar={<Button size="sm" variant="ghost" busy={query.isFetching} disabledReason={away} onClick={() => void query.refetch()}>Read again</Button>}
          emptyState={<EmptyState icon={Cog} title={`${host.name} tells of no services`}>Services of its operating system would stand here.</EmptyState>}
        />
      </div>
    </div>
  );
}

function Acts({ host, unit, away, reread }: { host: Host; unit: Unit; away: string | undefined; reread: () => void }) {
  const why = away ?? (unit.held ? sentence(unit.held) : undefined);
  return (
    <>
      <Button size="sm" icon={Play} disabledReason={away} onClick={() => act(host, unit, Action.START, "Start", reread)}>Start</Button>
      <Button size="sm" icon={Square} disabledReason={why} onClick={() => act(host, unit, Action.STOP, "Stop", reread)}>Stop</Button>
      <Button size="sm" icon={RotateCw} disabledReason={away} onClick={() => act(host, unit, Action.RESTART, "Restart", reread)}>Restart</Button>
      <Button size="sm" icon={ScrollText} asChild><a href={journalHref(host, unit)}>Journal</a></Button>
    </>
  );
}

const journalHref = (host: Host, unit: Unit) => `${hostHref(host.name, "journal")}?unit=${encodeURIComponent(unit.name)}`;

function menuOf(host: Host, units: readonly Unit[], away: string | undefined, reread: () => void): MenuItem[] {
  const unit = units[0];
  if (!unit || units.length > 1) return [{ title: "One service at a time" }];
  return [
    { id: "start", label: "Start", icon: Play, disabledReason: away, onSelect: () => act(host, unit, Action.START, "Start", reread) },
    { id: "stop", label: "Stop", icon: Square, disabledReason: away ?? (unit.held ? sentence(unit.held) : undefined), onSelect: () => act(host, unit, Action.STOP, "Stop", reread) },
    { id: "restart", label: "Restart", icon: RotateCw, disabledReason: away, onSelect: () => act(host, unit, Action.RESTART, "Restart", reread) },
    "line",
    { id: "journal", label: "Show its journal", icon: ScrollText, onSelect: () => window.location.assign(journalHref(host, unit)) },
  ];
}
