import { useInfiniteQuery, useQuery } from "@connectrpc/connect-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";

import { HistoryService, type HistoryChange } from "@/gen/limiquantix/v1/history_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { problemOf } from "@/lib/error";
import { absolute } from "@/lib/format";
import { vmHref } from "@/lib/links";
import { parseLocal, stampOf } from "@/lib/moment";
import { Button } from "@/ui/button";
import { CodeBlock } from "@/ui/code-block";
import { DataTable } from "@/ui/data-table";
import { DiffView } from "@/ui/diff-view";
import { ErrorState, Skeleton } from "@/ui/feedback";
import { HistoryChangeView, NoHistory } from "@/ui/history-change";
import { PastState, changeColumns } from "@/ui/history-columns";
import { MomentInput } from "@/ui/moment-input";
import { Section } from "@/ui/property-list";
import { SplitPane } from "@/ui/split-pane";

const PAGE = 200;

const idOf = (c: HistoryChange) => String(c.number);

/** PastTab is what changed on a VM, and what it was at any time. */
export function PastTab({ vm }: { vm: VM }) {
  const { change, at } = useSearch({ strict: false });
  const navigate = useNavigate();
  const show = (search: { change?: number; at?: string }) => void navigate({ to: ".", search: search as never, replace: true });
  const query = useInfiniteQuery(HistoryService.method.listHistory, { object: vm.uuid, host: vm.host, kind: "vm", limit: PAGE, before: 0n }, {
    pageParamKey: "before",
    getNextPageParam: (last) => (last.changes.length < PAGE ? undefined : last.changes.at(-1)?.number),
  });
  const changes = useMemo(() => query.data?.pages.flatMap((p) => p.changes) ?? [], [query.data]);
  const chosen = change === undefined ? undefined : changes.find((c) => Number(c.number) === change);
  const pane = parseLocal(at) ? <At vm={vm} at={at ?? ""} /> : change !== undefined ? <HistoryChangeView key={change} number={BigInt(change)} change={chosen} /> : undefined;
  return (
    <SplitPane id="vm-history" side="right" label="Change" size={560} min={360} max={1000} collapsed={!pane} pane={<div className="h-full overflow-y-auto">{pane}</div>}>
      <DataTable id="vm-history" label={`History of ${vm.name}`} noun="change" columns={changeColumns} rows={changes} getRowId={idOf}
        rowHref={(c) => `${vmHref(vm, "history")}?change=${c.number}`}
        status={query.error ? problemOf(query.error) : query.isPending ? "loading" : "ready"} onRetry={() => void query.refetch()}
        toolbar={
          <>
            <MomentInput label="What was at" value={at} onChange={(text) => show({ at: text })} />
            {pane && <Button size="sm" variant="ghost" onClick={() => show({})}>Close</Button>}
            {query.hasNextPage && <Button size="sm" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Load older</Button>}
          </>
        }
        emptyState={<NoHistory of={vm.name} />} />
    </SplitPane>
  );
}

/** What a VM was at a time, and what has become of it since. */
function At({ vm, at }: { vm: VM; at: string }) {
  const object = { object: vm.uuid, host: vm.host, kind: "vm" };
  const then = useQuery(HistoryService.method.objectAt, { ...object, time: stampOf(at) });
  const diff = useQuery(HistoryService.method.diffObject, { ...object, from: stampOf(at) }, { enabled: then.isSuccess });
  if (then.error) return <div className="p-3"><ErrorState error={problemOf(then.error)} onRetry={() => void then.refetch()} /></div>;
  if (!then.data) return <div aria-busy className="flex flex-col gap-2 p-3"><Skeleton className="h-6 w-1/2" /><Skeleton className="h-40 w-full" /></div>;
  const day = parseLocal(at);
  return (
    <article aria-label={`${vm.name} as it was`} className="flex flex-col gap-3 p-3">
      <h2 className="text-title font-semibold [overflow-wrap:anywhere]">{`${then.data.past?.object?.name ?? vm.name} on ${day ? absolute(day) : at}`}</h2>
      <div className="flex items-center gap-2 text-table"><PastState state={then.data.past?.state ?? ""} /></div>
      <Section title="What changed since">
        {diff.isPending && <Skeleton className="h-12 w-full" />}
        {diff.error && <ErrorState compact error={problemOf(diff.error)} onRetry={() => void diff.refetch()} />}
        {diff.data && (diff.data.diff ? <DiffView diff={diff.data.diff} title={`Configuration of ${vm.name}, then and now`} open /> : <p className="text-table text-fg-secondary">Its configuration is the same now, as far as it is known.</p>)}
      </Section>
      {then.data.configuration && <Section title="Configuration then"><CodeBlock label="configuration of then" text={then.data.configuration} maxHeight="max-h-120" /></Section>}
    </article>
  );
}
