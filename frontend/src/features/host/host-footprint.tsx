import { useQuery } from "@connectrpc/connect-query";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import type { Trace } from "@/gen/limiquantix/v1/readiness_pb";
import { ReadinessService } from "@/gen/limiquantix/v1/readiness_pb";
import { client } from "@/lib/api";
import { problemOf, sentence } from "@/lib/error";
import { absolute, ago, date } from "@/lib/format";
import { operate } from "@/lib/operate";
import { unreachable } from "@/lib/vm-state";
import { Button } from "@/ui/button";
import { ErrorState, Skeleton } from "@/ui/feedback";

/** HostFootprint lists what was prepared on a host from here, and takes it away. */
export function HostFootprint({ host }: { host: Host }) {
  const away = unreachable(host);
  const query = useQuery(ReadinessService.method.getFootprint, { host: host.id }, { enabled: !away, staleTime: 10_000, retry: false });
  const problem = query.error ? problemOf(query.error) : undefined;
  const traces = query.data?.traces ?? [];
  const remove = () =>
    void operate({ call: (ask) => client(ReadinessService).removeFootprint({ host: host.id, ...ask }), act: "Remove footprint", danger: true });
  return (
    <section aria-label="Footprint" className="flex flex-col gap-2">
      <div className="flex min-h-6 items-center gap-2">
        <h2 className="flex-1 font-medium">Footprint</h2>
        <Button size="sm" variant="ghost" busy={query.isFetching} disabledReason={away} onClick={() => void query.refetch()}>
          Read again
        </Button>
        {traces.length > 0 && (
          <Button size="sm" disabledReason={away} onClick={remove}>
            Remove…
          </Button>
        )}
      </div>
      {away && !query.data && <p className="text-fg-secondary">{away}. What was prepared on it is read when it is live.</p>}
      {!away && query.isPending && <Skeleton className="h-8 w-full" />}
      {problem?.code === "unsupported" && <p className="text-fg-secondary">{sentence(problem.message)}.</p>}
      {problem && problem.code !== "unsupported" && <ErrorState compact error={problem} onRetry={() => void query.refetch()} retrying={query.isFetching} />}
      {query.data && traces.length === 0 && <p className="text-fg-secondary">Nothing was prepared on this host from here. Packages and settings that Mend… brings would stand here.</p>}
      {traces.length > 0 && (
        <ul aria-label="What was prepared" className="rounded-md border border-line">
          {traces.map((t, i) => (
            <Line key={i} trace={t} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Line({ trace: t }: { trace: Trace }) {
  const made = date(t.made);
  return (
    <li className="flex items-start gap-2.5 border-b border-line px-3 py-1.5 last:border-b-0">
      <span className="w-20 shrink-0 text-table leading-5 text-fg-muted">{t.kind}</span>
      <p className="min-w-0 flex-1 [overflow-wrap:anywhere]">{t.text}</p>
      {made && (
        <time dateTime={made.toISOString()} title={absolute(made)} className="shrink-0 text-table leading-5 text-fg-muted">
          {ago(made)}
        </time>
      )}
    </li>
  );
}
