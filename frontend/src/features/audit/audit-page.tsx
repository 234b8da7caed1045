import { useInfiniteQuery } from "@connectrpc/connect-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ShieldCheck } from "lucide-react";
import { useMemo } from "react";

import { AuditService, type AuditRecord } from "@/gen/limiquantix/v1/audit_pb";
import { problemOf } from "@/lib/error";
import { absolute, date } from "@/lib/format";
import { Age } from "@/ui/age";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/feedback";
import { PageHeader } from "@/ui/page-header";
import { SplitPane } from "@/ui/split-pane";
import { StateBadge } from "@/ui/state";
import type { ColumnDef } from "@/ui/table-columns";
import { ActView } from "./act-view";
import { doorWord, eventOf } from "./record";
import { Verdict } from "./verdict";

const PAGE = 500;

const when = (r: AuditRecord) => {
  const at = date(r.time);
  return at ? absolute(at) : "";
};

const columns: ColumnDef<AuditRecord>[] = [
  { id: "title", header: "What", value: (r) => r.title, width: 380 },
  { id: "event", header: "Record", value: (r) => eventOf(r).word, filter: "choice", cell: (r) => <StateBadge state={eventOf(r).kind} word={eventOf(r).word} />, width: 120 },
  { id: "time", header: "When", value: (r) => date(r.time), text: when, cell: (r) => <Age at={date(r.time)} />, filter: false, width: 110 },
  { id: "user", header: "User", value: (r) => r.actor?.user ?? "", filter: "choice", width: 110 },
  { id: "door", header: "By way of", value: (r) => doorWord(r.actor?.door ?? ""), filter: "choice", width: 120 },
  { id: "host", header: "Host", value: (r) => r.host, filter: "choice", width: 140 },
  { id: "number", header: "Number", value: (r) => r.number, align: "end", filter: "number", width: 90 },
  { id: "object", header: "Object", value: (r) => r.object, width: 160, hidden: true },
  { id: "kind", header: "Kind", value: (r) => r.kind, filter: "choice", width: 120, hidden: true },
  { id: "key", header: "SSH key", value: (r) => r.actor?.key ?? "", mono: true, width: 360, hidden: true },
  { id: "absolute", header: "Date and time", value: (r) => date(r.time), text: when, cell: when, filter: false, width: 180, hidden: true },
  { id: "hash", header: "Hash", value: (r) => r.hash, mono: true, width: 200, hidden: true },
];

const idOf = (r: AuditRecord) => String(r.number);
const hrefOf = (r: AuditRecord) => `#/audit?act=${encodeURIComponent(r.act)}`;

/** AuditPage is who had what done by this program, and whether the records of it can be relied upon. */
export function AuditPage() {
  const { act } = useSearch({ strict: false });
  const navigate = useNavigate();
  const query = useInfiniteQuery(AuditService.method.listAudit, { limit: PAGE, before: 0n }, {
    pageParamKey: "before",
    getNextPageParam: (last) => (last.records.length < PAGE ? undefined : last.records.at(-1)?.number),
  });
  const records = useMemo(() => query.data?.pages.flatMap((p) => p.records) ?? [], [query.data]);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader icon={ShieldCheck} name="Audit"><Verdict /></PageHeader>
      <div className="min-h-0 flex-1">
        <SplitPane id="audit" side="right" label="Act" size={560} min={360} max={1000} collapsed={!act} pane={<div className="h-full overflow-y-auto">{act && <ActView key={act} act={act} />}</div>}>
          <DataTable id="audit" label="Audit" noun="record" columns={columns} rows={records} getRowId={idOf} rowHref={hrefOf}
            status={query.error ? problemOf(query.error) : query.isPending ? "loading" : "ready"} onRetry={() => void query.refetch()}
            placeholder="Filter records"
            toolbar={
              <>
                {act && <Button size="sm" variant="ghost" onClick={() => void navigate({ to: "/audit", search: {}, replace: true })}>Close</Button>}
                {query.hasNextPage && <Button size="sm" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Load older</Button>}
              </>
            }
            emptyState={<EmptyState icon={ShieldCheck} title="Nothing has been done yet">Each change that is made by this program stands here, with who had it done, before it is begun and when it has ended.</EmptyState>} />
        </SplitPane>
      </div>
    </div>
  );
}
