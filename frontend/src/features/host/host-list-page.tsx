import { useNavigate, useSearch } from "@tanstack/react-router";
import { Plus, Server } from "lucide-react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import { Host_State } from "@/gen/limiquantix/v1/host_pb";
import { problemOf } from "@/lib/error";
import { plural } from "@/lib/format";
import { useHosts } from "@/lib/inventory";
import { hostHref } from "@/lib/links";
import { Button } from "@/ui/button";
import { Code } from "@/ui/code-block";
import { DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/feedback";
import { PageHeader } from "@/ui/page-header";
import { AddHostDialog } from "./add-host-dialog";
import { useHostActions } from "./host-actions";
import { HOST_COLUMNS } from "./host-columns";

const idOf = (h: Host) => h.id;
const hrefOf = (h: Host) => hostHref(h.name);
const byName = [{ id: "name", desc: false }];

/** HostListPage is the list of hosts. */
export function HostListPage() {
  const { hosts, isPending, error, refetch } = useHosts();
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const actions = useHostActions();
  const show = (add: boolean) => void navigate({ to: "/hosts", search: (s) => ({ q: s.q, ...(add ? { add } : {}) }), replace: true });
  const find = (q: string) => void navigate({ to: "/hosts", search: q ? { q } : {}, replace: true });
  const addButton = (
    <Button variant="primary" icon={Plus} onClick={() => show(true)}>
      Add host
    </Button>
  );
  const away = hosts.filter((h) => h.state !== Host_State.LIVE).length;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader icon={Server} name="Hosts" primary={addButton}>
        {hosts.length > 0 && <span className="text-table text-fg-muted">{plural(hosts.length, "host")}{away > 0 && `, ${away} not live`}</span>}
      </PageHeader>
      <div className="min-h-0 flex-1">
        <DataTable
          id="hosts"
          label="Hosts"
          noun="host"
          columns={HOST_COLUMNS}
          rows={hosts}
          getRowId={idOf}
          rowHref={hrefOf}
          rowMenu={actions.menu}
          bulkActions={(chosen) => (
            <>
              <Button size="sm" onClick={() => actions.reconnect(chosen)}>Reconnect</Button>
              <Button size="sm" onClick={() => actions.remove(chosen)}>Forget …</Button>
            </>
          )}
          sorting={byName}
          query={search.q ?? ""}
          onQuery={find}
          placeholder="Filter hosts"
          status={error ? problemOf(error) : isPending ? "loading" : "ready"}
          onRetry={() => void refetch()}
          emptyState={
            <EmptyState icon={Server} title="No hosts yet" action={addButton}>
              A host is a computer with libvirt that is reached by SSH; nothing is installed on it. To look around first, run{" "}
              <Code>limiquantix demo</Code>: a data centre of simulated hosts.
            </EmptyState>
          }
        />
      </div>
      <AddHostDialog open={search.add === true} onClose={() => show(false)} />
      {actions.dialogs}
    </div>
  );
}
