import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Monitor, Plus, Server } from "lucide-react";
import { useCallback, useMemo, useState } from "react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import type { View } from "@/gen/limiquantix/v1/search_pb";
import { problemOf } from "@/lib/error";
import { useHosts, useVMs } from "@/lib/inventory";
import { useFieldKinds } from "@/lib/label-looks";
import { fieldsOf } from "@/lib/labels";
import { vmHref } from "@/lib/links";
import type { VMRow } from "@/lib/query-vm";
import { useFound, type Kind } from "@/lib/search";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/feedback";
import { PageHeader } from "@/ui/page-header";
import { QueryBox } from "@/ui/query-box";
import { storeState, storedState } from "@/ui/table-state";
import { BulkActions, menuOf } from "./bulk-actions";
import { columns as fixed } from "./columns";
import { Inspector } from "./inspector";
import { ownColumns } from "./own-columns";
import { Rows } from "./rows";
import { stateOf, viewOf } from "./view-state";
import { ViewsMenu } from "./views-menu";
import { useFirstPaint } from "./use-first-paint";

const idOf = (r: VMRow) => r.key;
const hrefOf = (r: VMRow) => vmHref(r.vm);
const isStale = (r: VMRow) => r.vm.stale;
const inspect = (rows: readonly VMRow[]) => <Inspector rows={rows} />;
const KINDS: Kind[] = ["vm"];
/** Rows outlive the page: who comes back finds them, and their order, as they were. */
const kept = new Rows();
const byName = [{ id: "name", desc: false }];
const usualOf = (columns: typeof fixed) => ({ hidden: columns.filter((c) => c.hidden).map((c) => c.id), order: [], widths: {}, sorting: byName });

/** VMListPage is all VMs of all hosts. What it shows is asked for in the address: #/vms?q=state:running. */
export function VMListPage() {
  const list = useVMs();
  const { hosts } = useHosts();
  const rows = kept.of(list.vms, hosts);
  const [kinds] = useFieldKinds();
  const names = useMemo(() => fieldsOf(list.vms).map((f) => f.name).join("\n"), [list.vms]);
  const columns = useMemo(() => [...fixed, ...ownColumns(names === "" ? [] : names.split("\n"), kinds)], [names, kinds]);
  const usual = useMemo(() => usualOf(columns), [columns]);
  useFirstPaint("vms", list.dataUpdatedAt, rows.length > 0);
  const { q = "" } = useSearch({ from: "/frame/vms" });
  const navigate = useNavigate();
  const { keys, empty, error: lost, refetch } = useFound(q, KINDS);
  const match = useCallback(() => (r: VMRow) => keys?.has(r.key) ?? false, [keys]);
  const ask = useCallback((text: string) => void navigate({ to: "/vms", search: text ? { q: text } : {}, replace: true }), [navigate]);
  const [looks, setLooks] = useState(0);
  const show = (v: View) => {
    storeState("vms", stateOf(columns, v, storedState("vms", usual)));
    setLooks(looks + 1); // the table reads how it looks when it is made
    ask(v.query);
  };
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader icon={Monitor} name="VMs" primary={<CreateLink />} />
      <div className="min-h-0 flex-1">
        <DataTable
          key={looks}
          id="vms"
          label="VMs"
          noun="VM"
          columns={columns}
          rows={rows}
          getRowId={idOf}
          rowHref={hrefOf}
          rowDim={isStale}
          rowMenu={(chosen) => menuOf(chosen, hosts)}
          bulkActions={(chosen) => <BulkActions chosen={chosen} hosts={hosts} />}
          inspect={inspect}
          sorting={byName}
          query={q}
          onQuery={ask}
          match={match}
          filterBox={<QueryBox label="Filter VMs" placeholder="web state:running host:kvm* cpu>2 ip:10.0.0.0/8" kinds={KINDS} value={q} onChange={ask} />}
          toolbar={<ViewsMenu query={q} look={() => viewOf(columns, storedState("vms", usual))} onPick={show} />}
          status={list.error ?? lost ? problemOf(list.error ?? lost) : list.isPending || (!empty && !keys) ? "loading" : "ready"}
          onRetry={() => void (list.error ? list.refetch() : refetch())}
          emptyState={<Nothing hosts={hosts} />}
        />
      </div>
    </div>
  );
}

function CreateLink() {
  return (
    <Button variant="primary" asChild>
      <Link to="/create">
        <Plus size={14} aria-hidden className="-ml-0.5" />
        Create VM
      </Link>
    </Button>
  );
}

function Nothing({ hosts }: { hosts: readonly Host[] }) {
  if (hosts.length === 0)
    return (
      <EmptyState
        icon={Server}
        title="No VMs: there is no host yet"
        action={
          <Button variant="primary" asChild>
            <Link to="/hosts" search={{ add: true }}>Add a host</Link>
          </Button>
        }
      >
        Every VM of the hosts that you add stands here, with its state, addresses and figures. Nothing is installed on a host.
      </EmptyState>
    );
  return (
    <EmptyState icon={Monitor} title="No VMs yet" action={<CreateLink />}>
      Every VM of your hosts stands here, whoever made it.
    </EmptyState>
  );
}
