import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { Activity } from "lucide-react";
import { useState } from "react";

import type { Event } from "@/gen/limiquantix/v1/event_pb";
import { EventService } from "@/gen/limiquantix/v1/event_pb";
import type { Host } from "@/gen/limiquantix/v1/host_pb";
import { problemOf } from "@/lib/error";
import { eventHref, eventLevel } from "@/lib/event-text";
import { absolute, date } from "@/lib/format";
import { Age } from "@/ui/age";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/feedback";
import { StateBadge } from "@/ui/state";
import type { ColumnDef } from "@/ui/table-columns";

/** How many are read at first, and at most. */
const FIRST = 200, MOST = 5000;

const idOf = (e: Event) => String(e.sequence);
const when = (e: Event) => {
  const at = date(e.time);
  return at ? absolute(at) : "";
};

function Text({ event: e }: { event: Event }) {
  const href = e.object === "host" ? undefined : eventHref(e);
  return href ? <a className="name hover:underline" href={href}>{e.text}</a> : <span className="name">{e.text}</span>;
}

const COLUMNS: ColumnDef<Event>[] = [
  { id: "text", header: "What happened", width: 460, value: (e) => e.text, cell: (e) => <Text event={e} /> },
  { id: "level", header: "Level", width: 110, filter: "choice", value: (e) => eventLevel(e).word, cell: (e) => <StateBadge state={eventLevel(e).kind} word={eventLevel(e).word} /> },
  { id: "object", header: "Of", width: 90, filter: "choice", value: (e) => e.object },
  { id: "name", header: "Name", width: 160, value: (e) => e.name },
  { id: "time", header: "When", width: 110, filter: false, value: (e) => date(e.time), text: when, cell: (e) => <Age at={date(e.time)} /> },
];

/** HostEvents is what was seen to happen on one host. */
export function HostEvents({ host }: { host: Host }) {
  const [limit, setLimit] = useState(FIRST);
  const query = useQuery(EventService.method.listEvents, { host: host.name, limit }, { placeholderData: keepPreviousData });
  const events = query.data?.events ?? [];
  return (
    <DataTable
      id="host-events"
      label={`Events of ${host.name}`}
      noun="event"
      columns={COLUMNS}
      rows={events}
      getRowId={idOf}
      placeholder="Filter events"
      status={query.error ? problemOf(query.error) : query.isPending ? "loading" : "ready"}
      onRetry={() => void query.refetch()}
      toolbar={events.length >= limit && limit < MOST && <Button size="sm" busy={query.isFetching} onClick={() => setLimit(MOST)}>Load older</Button>}
      emptyState={<EmptyState icon={Activity} title={`Nothing has happened on ${host.name} yet`}>Connections, and what happens to its VMs, stand here.</EmptyState>}
    />
  );
}
