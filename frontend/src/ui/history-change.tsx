import { useQuery } from "@connectrpc/connect-query";
import { History } from "lucide-react";

import { HistoryService, type HistoryChange } from "@/gen/limiquantix/v1/history_pb";
import { problemOf } from "@/lib/error";
import { absolute, date } from "@/lib/format";
import { taskHref } from "@/lib/links";
import { byWhom, kindWord, objectHref } from "@/lib/past";
import { CodeBlock } from "./code-block";
import { DiffView } from "./diff-view";
import { EmptyState, ErrorState, Skeleton } from "./feedback";
import { PastState } from "./history-columns";
import { PropertyList, Section } from "./property-list";

/** One change in full: who, when, the difference of the configuration, and what the object was after it. */
export function HistoryChangeView({ change, number }: {
  /** The change, where it is in the list that is shown. */
  change: HistoryChange | undefined;
  number: bigint;
}) {
  const diff = useQuery(HistoryService.method.diffObject, { number });
  if (diff.error) return <div className="p-3"><ErrorState error={problemOf(diff.error)} onRetry={() => void diff.refetch()} /></div>;
  const object = change?.object ?? diff.data?.after?.object ?? diff.data?.before?.object;
  return (
    <article aria-label={change?.text ?? "Change"} className="flex flex-col gap-3 p-3">
      <h2 className="text-title font-semibold [overflow-wrap:anywhere]">{change?.text ?? object?.name ?? <Skeleton className="h-6 w-1/2" />}</h2>
      {change && <Facts change={change} />}
      <Section title="Configuration">
        {diff.isPending && <Skeleton className="h-24 w-full" />}
        {diff.data && (diff.data.diff
          ? <DiffView diff={diff.data.diff} title={`Configuration of ${object?.name ?? ""}`} open />
          : <p className="text-table text-fg-secondary">{change?.hasDiff ? "What it was before is not known any more." : "It stayed as it was, as far as it is known."}</p>)}
      </Section>
      {change && <Then change={change} />}
    </article>
  );
}

function Facts({ change }: { change: HistoryChange }) {
  const { object } = change;
  const at = date(change.time), since = date(change.since), href = objectHref(object);
  return (
    <PropertyList label="This change" items={[
      { label: since ? "Found" : "When", value: at && absolute(at) },
      ...(since ? [{ label: "Happened", value: `some time after ${absolute(since)}: nobody watched` }] : []),
      { label: "By", value: change.task ? <a className="text-accent-fg hover:underline" href={taskHref(change.task)}>{`${byWhom(change)}, task ${change.task.slice(0, 8)}`}</a> : byWhom(change) },
      { label: kindWord(object?.kind ?? ""), value: href ? <a className="name text-accent-fg hover:underline" href={href}>{object?.name}</a> : object?.name },
      { label: "Host", value: object?.host },
      { label: "State after it", value: <PastState state={change.state} /> },
    ]} />
  );
}

/** What the object was right after the change, folded until it is asked for. */
function Then({ change }: { change: HistoryChange }) {
  const gone = change.change === "removed" || change.change === "forgotten";
  const { object } = change;
  const query = useQuery(HistoryService.method.objectAt, { object: object?.id ?? "", host: object?.host ?? "", kind: object?.kind ?? "", time: change.time }, { enabled: !gone });
  if (gone || !query.data?.configuration) return null;
  return (
    <Section title="What it was then">
      <CodeBlock label="configuration of then" text={query.data.configuration} maxHeight="max-h-96" />
    </Section>
  );
}

/** What stands where there are no changes yet. */
export function NoHistory({ of }: { of?: string }) {
  return (
    <EmptyState icon={History} title={of ? `Nothing is known to have changed on ${of}` : "No history yet"}>
      Each change of a VM, a host, a pool or a network stands here, by whomever, with what it was before and after.
    </EmptyState>
  );
}
