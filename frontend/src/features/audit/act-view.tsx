import { useQuery } from "@connectrpc/connect-query";

import { AuditService, type AuditRecord } from "@/gen/limiquantix/v1/audit_pb";
import { problemOf } from "@/lib/error";
import { absolute, date } from "@/lib/format";
import { hostHref, taskHref } from "@/lib/links";
import { CodeBlock } from "@/ui/code-block";
import { ErrorState, Skeleton } from "@/ui/feedback";
import { PropertyList, Section } from "@/ui/property-list";
import { StateBadge } from "@/ui/state";
import { doorWord, eventOf, pretty } from "./record";

/** ActView is all that is on record of one act: who, what was asked for, and what came of it. */
export function ActView({ act }: { act: string }) {
  const query = useQuery(AuditService.method.showAudit, { act });
  if (query.error) return <div className="p-3"><ErrorState error={problemOf(query.error)} onRetry={() => void query.refetch()} /></div>;
  const first = query.data?.records[0];
  if (!first) return <div aria-busy className="flex flex-col gap-2 p-3"><Skeleton className="h-6 w-1/2" /><Skeleton className="h-32 w-full" /></div>;
  return <Shown records={query.data?.records ?? []} first={first} />;
}

function Shown({ records, first }: { records: readonly AuditRecord[]; first: AuditRecord }) {
  const after = records.findLast((r) => r.after)?.after;
  return (
    <article aria-label={first.title} className="flex flex-col gap-3 p-3">
      <h2 className="text-title font-semibold [overflow-wrap:anywhere]">{first.title}</h2>
      <PropertyList label="Who and where" items={[
        { label: "User", value: first.actor?.user },
        { label: "By way of", value: doorWord(first.actor?.door ?? "") },
        { label: "SSH key", value: first.actor?.key, mono: true, copy: first.actor?.key || undefined },
        { label: "Host", value: first.host && <a className="name text-accent-fg hover:underline" href={hostHref(first.host)}>{first.host}</a> },
        { label: "Plan", value: first.planDigest, mono: true },
        { label: first.planDigest ? "Task" : "Call", value: first.planDigest ? <a className="text-accent-fg hover:underline" href={taskHref(first.act)}>{first.act}</a> : first.act, mono: true },
        { label: "Configuration after", value: after, mono: true },
      ]} />
      <Section title="Records">
        <ol className="flex flex-col gap-1.5">
          {records.map((r) => <Line key={String(r.number)} record={r} />)}
        </ol>
      </Section>
      {first.commandLine && <Section title="As a command"><CodeBlock label="command line" prompt wrap text={first.commandLine} /></Section>}
      {first.steps.length > 0 && (
        <Section title="Steps">
          <ol className="list-decimal pl-5 text-table">
            {first.steps.map((s, i) => <li key={i} className="[overflow-wrap:anywhere]">{s}</li>)}
          </ol>
        </Section>
      )}
      {first.request && <Section title="Request, without secrets"><CodeBlock label="request" text={pretty(first.request)} /></Section>}
    </article>
  );
}

function Line({ record }: { record: AuditRecord }) {
  const at = date(record.time), { kind, word } = eventOf(record);
  return (
    <li className="flex flex-wrap items-baseline gap-x-2 text-table">
      <StateBadge state={kind} word={word} />
      <span className="text-fg-muted">{`${at ? absolute(at) : ""}, record ${record.number}`}</span>
      {record.error && <span className="text-failed [overflow-wrap:anywhere]">{record.error}</span>}
      <code className="basis-full truncate font-mono text-caption text-fg-muted" title={record.hash}>{record.hash}</code>
    </li>
  );
}
