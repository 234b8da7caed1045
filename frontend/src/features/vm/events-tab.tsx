import { useQuery } from "@connectrpc/connect-query";
import { Activity } from "lucide-react";
import { useState } from "react";

import type { Event } from "@/gen/limiquantix/v1/event_pb";
import { EventService } from "@/gen/limiquantix/v1/event_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { problemOf } from "@/lib/error";
import { eventLevel } from "@/lib/event-text";
import { absolute, date } from "@/lib/format";
import { Age } from "@/ui/age";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/feedback";
import { StateBadge } from "@/ui/state";
import type { ColumnDef } from "@/ui/table-columns";

/** How many are read at first, and at most. */
const FIRST = 200, MOST = 5000;

const when = (e: Event) => {
  const at = date(e.time);
  return at ? absolute(at) : "";
};

const columns: ColumnDef<Event>[] = [
  { id: "text", header: "What happened", value: (e) => e.text, width: 420 },
  { id: "level", header: "Level", value: (e) => eventLevel(e).word, filter: "choice", width: 110, cell: (e) => <StateBadge state={eventLevel(e).kind} word={eventLevel(e).word} /> },
  { id: "change", header: "Change", value: (e) => e.change, filter: "choice", width: 120 },
  { id: "time", header: "When", value: (e) => date(e.time), text: when, cell: (e) => <Age at={date(e.time)} />, filter: false, width: 110 },
  { id: "absolute", header: "Date and time", value: (e) => date(e.time), text: when, cell: when, filter: false, width: 180 },
];

const idOf = (e: Event) => String(e.sequence);

/** EventsTab is what was seen to happen to one VM, by whomever. */
export function EventsTab({ vm }: { vm: VM }) {
  const [limit, setLimit] = useState(FIRST);
  const query = useQuery(EventService.method.listEvents, { host: vm.host, id: vm.uuid, limit }, { placeholderData: (old) => old });
  const events = query.data?.events ?? [];
  return (
    <DataTable
      id="vm-events"
      label={`Events of ${vm.name}`}
      noun="event"
      columns={columns}
      rows={events}
      getRowId={idOf}
      status={query.error ? problemOf(query.error) : query.isPending ? "loading" : "ready"}
      onRetry={() => void query.refetch()}
      toolbar={
        events.length >= limit && limit < MOST && (
          <Button size="sm" busy={query.isFetching} onClick={() => setLimit(MOST)}>
            Load older
          </Button>
        )
      }
      emptyState={<EmptyState icon={Activity} title={`Nothing has happened to ${vm.name} yet`}>Starts, stops, crashes and changes stand here, by whomever: limiquantix, virsh or the guest itself.</EmptyState>}
    />
  );
}
