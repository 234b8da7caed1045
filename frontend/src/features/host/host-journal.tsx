import { useInfiniteQuery } from "@connectrpc/connect-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ScrollText } from "lucide-react";
import { useEffect, useMemo, useState } from "react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import type { JournalEntry } from "@/gen/limiquantix/v1/hostos_pb";
import { HostOSService } from "@/gen/limiquantix/v1/hostos_pb";
import { problemOf, sentence } from "@/lib/error";
import { absolute, date } from "@/lib/format";
import { unreachable } from "@/lib/vm-state";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data-table";
import { Alert, EmptyState } from "@/ui/feedback";
import { Select } from "@/ui/select";
import { StateShape } from "@/ui/state";
import type { ColumnDef } from "@/ui/table-columns";
import { Switch } from "@/ui/toggle";
import { entryText, joined, PRIORITIES, priorityOf, priorityState } from "./system";

/** How often a journal that is followed is asked for what was added, in ms. */
const FOLLOW_MS = 2000;
const PAGE = 500;

const idOf = (e: JournalEntry) => e.cursor;
const when = (e: JournalEntry) => {
  const at = date(e.time);
  return at ? absolute(at) : "";
};

const COLUMNS: ColumnDef<JournalEntry>[] = [
  { id: "time", header: "When", width: 170, filter: false, value: (e) => date(e.time), text: when, cell: (e) => <span className="tabular-nums">{when(e)}</span> },
  {
    id: "priority", header: "Level", width: 100, filter: "choice", value: (e) => PRIORITIES[e.priority] ?? "",
    cell: (e) => <span className="inline-flex items-center gap-1.5">{priorityState(e.priority) !== "unknown" && <StateShape state={priorityState(e.priority)} />}{PRIORITIES[e.priority] ?? ""}</span>,
  },
  { id: "source", header: "From", width: 150, filter: "choice", value: (e) => e.source, cell: (e) => <bdi className="name">{e.source}{e.pid > 0n && <span className="text-fg-muted">[{String(e.pid)}]</span>}</bdi> },
  { id: "message", header: "Message", width: 700, value: entryText, cell: (e) => <bdi className="name font-mono">{entryText(e)}</bdi> },
];

/** HostJournal is the end of a host's journal, which can be followed; its filter is in the address. */
export function HostJournal({ host }: { host: Host }) {
  const away = unreachable(host);
  const search: { unit?: unknown; priority?: unknown } = useSearch({ strict: false });
  const navigate = useNavigate();
  const unit = typeof search.unit === "string" ? search.unit : "";
  const priority = priorityOf(search.priority);
  const [follow, setFollow] = useState(true);
  const query = useInfiniteQuery(
    HostOSService.method.readJournal,
    { host: host.id, filter: { unit, priority }, limit: PAGE, after: "" },
    {
      pageParamKey: "after", getNextPageParam: (last) => last.cursor || undefined, maxPages: 200,
      enabled: !away, retry: false, refetchOnWindowFocus: false, refetchOnReconnect: false, staleTime: Infinity, gcTime: 0,
    },
  );
  const { fetchNextPage, hasNextPage, isError } = query;
  useEffect(() => {
    if (!follow || away !== undefined || isError || !hasNextPage) return;
    const timer = setInterval(() => document.visibilityState === "visible" && void fetchNextPage({ cancelRefetch: false }), FOLLOW_MS);
    return () => clearInterval(timer);
  }, [follow, away, isError, hasNextPage, fetchNextPage]);
  const entries = useMemo(() => joined(query.data?.pages ?? []).reverse(), [query.data]);
  const problems = query.data?.pages.at(0)?.problems ?? [];
  const go = (next: { unit?: string; priority?: string }) => void navigate({ to: ".", search: () => next, replace: true } as never);
  if (away && !query.data) return <EmptyState icon={ScrollText} title="Not known now">{away}. Its journal is read when it is live.</EmptyState>;
  return (
    <div className="flex h-full min-h-0 flex-col">
      {problems.map((p, i) => <Alert key={i} banner tone="warning">{sentence(p)}</Alert>)}
      <div className="min-h-0 flex-1">
        <DataTable
          id="host-journal"
          label={`Journal of ${host.name}`}
          noun="entry"
          nouns="entries"
          columns={COLUMNS}
          rows={entries}
          getRowId={idOf}
          placeholder="Filter what is read"
          status={query.error ? problemOf(query.error) : query.isPending ? "loading" : "ready"}
          onRetry={() => void query.refetch()}
          rowDim={() => away !== undefined}
          toolbar={
            <>
              {unit && <Button size="sm" onClick={() => go({ priority: priority?.toString() })}>{unit} ✕</Button>}
              <span className="w-44 min-w-0 flex-none">
                <Select
                  small
                  label="At least"
                  value={priority?.toString() ?? "all"}
                  onChange={(v) => go({ unit: unit || undefined, priority: v === "all" ? undefined : v })}
                  options={[{ value: "all", label: "All levels" }, ...PRIORITIES.map((p, i) => ({ value: String(i), label: i === 0 ? p : `${p} and graver` }))]}
                />
              </span>
              <span className="shrink-0"><Switch checked={follow} onChange={setFollow} label="Follow" /></span>
            </>
          }
          emptyState={<EmptyState icon={ScrollText} title="No entries">What {unit || host.name} writes to its journal stands here.</EmptyState>}
        />
      </div>
    </div>
  );
}
