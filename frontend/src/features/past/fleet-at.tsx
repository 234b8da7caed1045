import { useQuery } from "@connectrpc/connect-query";
import { CalendarClock } from "lucide-react";
import { useState } from "react";

import { HistoryService, type PastObject } from "@/gen/limiquantix/v1/history_pb";
import { problemOf } from "@/lib/error";
import { localText, stampOf } from "@/lib/moment";
import { DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/feedback";
import { pastColumns } from "@/ui/history-columns";
import { MomentInput } from "@/ui/moment-input";
import type { PartProps } from "./search";

const idOf = (p: PastObject) => `${p.object?.kind}/${p.object?.host}/${p.object?.id}`;

/** FleetAt is all that there was at a time: names, states, hosts. */
export function FleetAt({ search, show }: PartProps) {
  const [dayAgo] = useState(() => localText(new Date(Date.now() - 24 * 3600_000)));
  const at = search.at ?? dayAgo;
  const query = useQuery(HistoryService.method.fleetAt, { time: stampOf(at) });
  return (
    <DataTable id="history-at" label="All objects at a time" noun="object" columns={pastColumns} rows={query.data?.objects ?? []} getRowId={idOf}
      status={query.error ? problemOf(query.error) : query.isPending ? "loading" : "ready"} onRetry={() => void query.refetch()}
      placeholder="Filter what there was"
      toolbar={<MomentInput label="What was at" value={at} onChange={(text) => show({ ...search, at: text })} />}
      emptyState={<EmptyState icon={CalendarClock} title="Nothing is known of that time">What there was is known from when a host was added until it is too old to be kept.</EmptyState>} />
  );
}
