import { useInfiniteQuery } from "@connectrpc/connect-query";
import { Activity } from "lucide-react";
import { useMemo } from "react";

import type { Event } from "@/gen/limiquantix/v1/event_pb";
import { EventService } from "@/gen/limiquantix/v1/event_pb";
import { problemOf } from "@/lib/error";
import { eventHref, eventLevel } from "@/lib/event-text";
import { absolute, date } from "@/lib/format";
import { Age } from "@/ui/age";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/feedback";
import { PageHeader } from "@/ui/page-header";
import { StateBadge } from "@/ui/state";
import type { ColumnDef } from "@/ui/table-columns";

const PAGE = 500;

const columns: ColumnDef<Event>[] = [
  { id: "text", header: "What happened", value: (e) => e.text, width: 460 },
  { id: "time", header: "When", value: (e) => date(e.time), text: (e) => when(e), cell: (e) => <Age at={date(e.time)} />, filter: false, width: 110 },
  { id: "level", header: "Level", value: (e) => eventLevel(e).word, filter: "choice", cell: (e) => <StateBadge state={eventLevel(e).kind} word={eventLevel(e).word} />, width: 110 },
  { id: "object", header: "Kind", value: (e) => e.object, filter: "choice", width: 90 },
  { id: "name", header: "Object", value: (e) => e.name || e.id, width: 180 },
  { id: "host", header: "Host", value: (e) => e.host, filter: "choice", width: 140 },
  { id: "change", header: "Change", value: (e) => e.change, filter: "choice", width: 110, hidden: true },
  { id: "absolute", header: "Date and time", value: (e) => date(e.time), text: when, cell: (e) => when(e), filter: false, width: 180, hidden: true },
];

function when(e: Event): string {
  const d = date(e.time);
  return d ? absolute(d) : "";
}

const idOf = (e: Event) => String(e.sequence);
const hrefOf = (e: Event) => eventHref(e) ?? "#/events";

/** EventPage is what was seen to happen to hosts, VMs and the rest, whoever did it. */
export function EventPage() {
  const query = useInfiniteQuery(EventService.method.listEvents, { limit: PAGE, before: 0n }, {
    pageParamKey: "before",
    getNextPageParam: (last) => (last.events.length < PAGE ? undefined : last.events.at(-1)?.sequence),
  });
  const events = useMemo(() => query.data?.pages.flatMap((p) => p.events) ?? [], [query.data]);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader icon={Activity} name="Events" />
      <div className="min-h-0 flex-1">
        <DataTable id="events" label="Events" noun="event" columns={columns} rows={events} getRowId={idOf} rowHref={hrefOf}
          status={query.error ? problemOf(query.error) : query.isPending ? "loading" : "ready"} onRetry={() => void query.refetch()}
          placeholder="Filter events"
          toolbar={query.hasNextPage && <Button size="sm" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Load older</Button>}
          emptyState={<EmptyState icon={Activity} title="No events yet">What happens to hosts and VMs stands here, whoever did it: by us, by virsh, by the guest itself.</EmptyState>} />
      </div>
    </div>
  );
}
