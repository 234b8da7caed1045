import { useInfiniteQuery } from "@connectrpc/connect-query";
import { useMemo } from "react";

import { HistoryService, type HistoryChange } from "@/gen/limiquantix/v1/history_pb";
import { problemOf } from "@/lib/error";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data-table";
import { HistoryChangeView, NoHistory } from "@/ui/history-change";
import { fleetChangeColumns } from "@/ui/history-columns";
import { SplitPane } from "@/ui/split-pane";
import type { PartProps } from "./search";

const PAGE = 500;

const idOf = (c: HistoryChange) => String(c.number);
const hrefOf = (c: HistoryChange) => `#/history?change=${c.number}`;

/** FleetChanges is what changed on all objects, newest first, and one change in full beside. */
export function FleetChanges({ search, show }: PartProps) {
  const query = useInfiniteQuery(HistoryService.method.listHistory, { limit: PAGE, before: 0n }, {
    pageParamKey: "before",
    getNextPageParam: (last) => (last.changes.length < PAGE ? undefined : last.changes.at(-1)?.number),
  });
  const changes = useMemo(() => query.data?.pages.flatMap((p) => p.changes) ?? [], [query.data]);
  const { change } = search;
  const pane = change !== undefined && <HistoryChangeView key={change} number={BigInt(change)} change={changes.find((c) => Number(c.number) === change)} />;
  return (
    <SplitPane id="history" side="right" label="Change" size={560} min={360} max={1000} collapsed={!pane} pane={<div className="h-full overflow-y-auto">{pane}</div>}>
      <DataTable id="history" label="History" noun="change" columns={fleetChangeColumns} rows={changes} getRowId={idOf} rowHref={hrefOf}
        status={query.error ? problemOf(query.error) : query.isPending ? "loading" : "ready"} onRetry={() => void query.refetch()}
        placeholder="Filter changes"
        toolbar={
          <>
            {pane && <Button size="sm" variant="ghost" onClick={() => show({})}>Close</Button>}
            {query.hasNextPage && <Button size="sm" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Load older</Button>}
          </>
        }
        emptyState={<NoHistory />} />
    </SplitPane>
  );
}
