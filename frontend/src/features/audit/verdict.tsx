import { useQuery } from "@connectrpc/connect-query";
import { ShieldAlert, ShieldCheck } from "lucide-react";

import { AuditService } from "@/gen/limiquantix/v1/audit_pb";
import { problemOf } from "@/lib/error";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy-button";
import { Skeleton } from "@/ui/feedback";

/** Verdict says whether the chain of records is whole, as of when the page was opened or it was asked for again. */
export function Verdict() {
  const query = useQuery(AuditService.method.verifyAudit, {});
  const again = <Button size="sm" variant="ghost" busy={query.isFetching} onClick={() => void query.refetch()}>Verify again</Button>;
  if (query.error) return <span role="alert" className="flex items-center gap-2 text-table text-failed">{problemOf(query.error).message}{again}</span>;
  if (!query.data) return <Skeleton className="h-5 w-60" />;
  const { intact, records, reason, head } = query.data;
  return (
    <span role={intact ? "status" : "alert"} className="flex min-w-0 items-center gap-2 text-table">
      {intact ? <ShieldCheck size={14} aria-hidden className="shrink-0 text-running" /> : <ShieldAlert size={14} aria-hidden className="shrink-0 text-failed" />}
      <span className={intact ? "" : "text-failed [overflow-wrap:anywhere]"}>{intact ? `Intact: ${plural(Number(records), "record")}` : `Not intact: ${reason}`}</span>
      {intact && head && <CopyButton text={head} label="Copy the head, to be kept elsewhere" />}
      {again}
    </span>
  );
}
