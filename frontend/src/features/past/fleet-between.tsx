import { useQuery } from "@connectrpc/connect-query";
import { Equal } from "lucide-react";
import { useState } from "react";

import { HistoryService, type PastDifference } from "@/gen/limiquantix/v1/history_pb";
import { problemOf } from "@/lib/error";
import { localText, stampOf } from "@/lib/moment";
import { differenceText, kindWord } from "@/lib/past";
import { DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/feedback";
import { PastState } from "@/ui/history-columns";
import { MomentInput } from "@/ui/moment-input";
import type { ColumnDef } from "@/ui/table-columns";
import type { PartProps } from "./search";

const last = (d: PastDifference) => (d.after ?? d.before)?.object;
const idOf = (d: PastDifference) => `${last(d)?.kind}/${last(d)?.host}/${last(d)?.id}`;

const columns: ColumnDef<PastDifference>[] = [
  { id: "name", header: "Name", value: (d) => last(d)?.name ?? "", width: 220 },
  { id: "what", header: "How it is different", value: differenceText, width: 320 },
  { id: "kind", header: "Kind", value: (d) => kindWord(last(d)?.kind ?? ""), filter: "choice", width: 90 },
  { id: "host", header: "Host", value: (d) => last(d)?.host ?? "", filter: "choice", width: 140 },
  { id: "before", header: "State before", value: (d) => d.before?.state ?? "", filter: "choice", cell: (d) => <PastState state={d.before?.state ?? ""} />, width: 120 },
  { id: "after", header: "State after", value: (d) => d.after?.state ?? "", filter: "choice", cell: (d) => <PastState state={d.after?.state ?? ""} />, width: 120 },
];

/** FleetBetween is what is different between two times; without the second, between then and now. */
export function FleetBetween({ search, show }: PartProps) {
  const [dayAgo] = useState(() => localText(new Date(Date.now() - 24 * 3600_000)));
  const from = search.from ?? dayAgo;
  const query = useQuery(HistoryService.method.diffFleet, { from: stampOf(from), to: stampOf(search.to) });
  return (
    <DataTable id="history-between" label="Differences between two times" noun="difference" columns={columns} rows={query.data?.differences ?? []} getRowId={idOf}
      status={query.error ? problemOf(query.error) : query.isPending ? "loading" : "ready"} onRetry={() => void query.refetch()}
      placeholder="Filter differences"
      toolbar={
        <>
          <MomentInput label="From" value={from} onChange={(text) => show({ ...search, from: text })} />
          <MomentInput label="To" none="now" value={search.to} onChange={(text) => show({ ...search, to: text })} />
        </>
      }
      emptyState={<EmptyState icon={Equal} title="All is as it was">Between these two times nothing is known to have changed for good.</EmptyState>} />
  );
}
