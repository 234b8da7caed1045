import { useQuery } from "@connectrpc/connect-query";
import { CircleCheck } from "lucide-react";
import { useState } from "react";

import { EventService } from "@/gen/limiquantix/v1/event_pb";
import type { Task } from "@/gen/limiquantix/v1/task_pb";
import { problemOf } from "@/lib/error";
import { eventLevel } from "@/lib/event-text";
import { date } from "@/lib/format";
import { useVMs, vmKey } from "@/lib/inventory";
import { vmHref } from "@/lib/links";
import { useAnyStats } from "@/lib/stats";
import { taskState } from "@/lib/task-state";
import { Age } from "@/ui/age";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";
import { EmptyState, ErrorState, Skeleton } from "@/ui/feedback";
import { Section } from "@/ui/property-list";
import { StateShape } from "@/ui/state";
import type { Concern } from "./health";
import { figures, top, type Figure } from "./top";

const ROWS = 8;
const row = "flex h-8 items-center gap-2 px-3 text-table hover:bg-raised";
const lined = "border-line not-first:border-t";

/** Attention is what needs attention. Nothing is good news, and said. */
export function Attention({ concerns, loading }: { concerns: Concern[]; loading: boolean }) {
  return (
    <Section title="Needs attention" flush>
      {loading && <Rows />}
      {!loading && concerns.length === 0 && <EmptyState icon={CircleCheck} title="All is well">Hosts that are not reachable, crashed VMs, full pools and stuck tasks would stand here.</EmptyState>}
      <ul>
        {concerns.slice(0, ROWS).map((c) => (
          <li key={c.id} className={lined}>
            <a href={c.href} className={row} title={c.hint || c.text}>
              <StateShape state={c.kind} label={c.kind} />
              <span className="max-w-[40%] shrink-0 truncate font-medium">{c.name}</span>
              <span className="min-w-0 truncate text-fg-secondary">{c.text}</span>
            </a>
          </li>
        ))}
      </ul>
      {concerns.length > ROWS && <p className="px-3 py-1.5 text-table text-fg-muted">and {concerns.length - ROWS} more</p>}
    </Section>
  );
}

/** TopConsumers is the VMs that use most of something. */
export function TopConsumers() {
  const [figure, setFigure] = useState<Figure>("cpu");
  const { vms } = useVMs();
  const stats = useAnyStats();
  const list = top(vms, (v) => stats.vm(vmKey(v)), figure, ROWS);
  return (
    <Section title="Top consumers" flush actions={
      <div role="group" aria-label="By" className="flex gap-0.5">
        {(Object.keys(figures) as Figure[]).map((f) => (
          <Button key={f} size="sm" variant="ghost" aria-pressed={f === figure} onClick={() => setFigure(f)}>{figures[f].label}</Button>
        ))}
      </div>
    }>
      {list.length === 0 && (stats.tick() === 0 ? <Rows /> : <EmptyState title="Nothing is used">VMs that use most would stand here.</EmptyState>)}
      <ul>
        {list.map(({ vm, text, part }) => (
          <li key={vmKey(vm)} className={lined}>
            <a href={vmHref(vm)} className={row}>
              <span className="w-[30%] shrink-0 truncate font-medium">{vm.name}</span>
              <span className="w-[18%] shrink-0 truncate text-fg-muted">{vm.host}</span>
              <span aria-hidden className="h-1.5 min-w-0 flex-1 overflow-hidden rounded-full bg-raised">
                <span className="block h-full rounded-full bg-accent-line" style={{ width: `${part * 100}%` }} />
              </span>
              <span className="w-32 shrink-0 truncate text-right">{text}</span>
            </a>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** RecentTasks is the newest changes. */
export function RecentTasks({ tasks }: { tasks: Task[] }) {
  return (
    <Section title="Recent tasks" flush actions={<Button size="sm" variant="ghost" asChild><a href="#/tasks">All tasks</a></Button>}>
      {tasks.length === 0 && <EmptyState title="No tasks yet">Every change that you make stands here.</EmptyState>}
      <ul>
        {tasks.slice(0, ROWS).map((t) => {
          const { kind, word } = taskState(t);
          return (
            <li key={t.id} className={lined}>
              <a href={`#/tasks/${encodeURIComponent(t.id)}`} className={row} title={t.error?.message ?? word}>
                <StateShape state={kind} label={word} />
                <span className="min-w-0 flex-1 truncate">{t.title}</span>
                <Age at={date(t.created)} />
              </a>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

/** RecentEvents is what was seen to happen, newest first. */
export function RecentEvents() {
  const query = useQuery(EventService.method.listEvents, { limit: ROWS });
  const events = query.data?.events ?? [];
  return (
    <Section title="Recent events" flush actions={<Button size="sm" variant="ghost" asChild><a href="#/events">All events</a></Button>}>
      {query.error && <div className="p-2"><ErrorState compact error={problemOf(query.error)} onRetry={() => void query.refetch()} /></div>}
      {query.isPending && <Rows />}
      {query.data && events.length === 0 && <EmptyState title="No events yet">What happens to hosts and VMs stands here, whoever did it.</EmptyState>}
      <ul>
        {events.map((e) => (
          <li key={String(e.sequence)} className={cx(row, lined)}>
            <StateShape state={eventLevel(e).kind} />
            <span className="min-w-0 flex-1 truncate" title={e.text}>{e.text}</span>
            <Age at={date(e.time)} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Rows() {
  return (
    <div aria-busy className="flex flex-col gap-3 p-3">
      {Array.from({ length: 4 }, (_, i) => <Skeleton key={i} className="h-4 w-full" />)}
    </div>
  );
}
