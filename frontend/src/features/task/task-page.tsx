import { useNavigate, useParams } from "@tanstack/react-router";
import { ListChecks } from "lucide-react";
import { useState } from "react";

import type { Task } from "@/gen/limiquantix/v1/task_pb";
import { problemOf } from "@/lib/error";
import { plural } from "@/lib/format";
import { useTasks } from "@/lib/inventory";
import { isOpen } from "@/lib/task-state";
import { Button } from "@/ui/button";
import { EmptyState, ErrorState, Skeleton } from "@/ui/feedback";
import { Input } from "@/ui/input";
import { SplitPane } from "@/ui/split-pane";
import { TaskDetail } from "./task-detail";
import { TaskRow } from "./task-row";

/** TaskPage is all changes, newest first, and one of them in full beside. */
export function TaskPage() {
  const { id } = useParams({ strict: false });
  const [typed, setTyped] = useState("");
  const [open, setOpen] = useState(false);
  const query = useTasks();
  const shown = query.tasks.filter((t) => (!open || isOpen(t)) && matches(t, typed));
  return (
    <div className="flex h-full min-h-0 flex-col bg-panel">
      <header className="flex h-12 shrink-0 items-center gap-3 border-b border-line px-4">
        <ListChecks size={16} aria-hidden className="text-fg-muted" />
        <h1 className="text-heading font-semibold">Tasks</h1>
        <span className="text-table text-fg-muted">{plural(query.tasks.filter(isOpen).length, "open task")}</span>
        <span className="flex-1" />
        <Button size="sm" variant="ghost" aria-pressed={open} onClick={() => setOpen(!open)}>Open only</Button>
        <div className="w-60"><Input aria-label="Filter tasks" placeholder="Filter" value={typed} onChange={(e) => setTyped(e.target.value)} /></div>
      </header>
      <SplitPane id="task" side="right" label="Task" size={520} min={360} max={900} collapsed={!id} pane={id ? <div className="h-full overflow-y-auto"><TaskDetail id={id} /></div> : null}>
        <div className="h-full overflow-y-auto">
          {query.error && <div className="p-3"><ErrorState error={problemOf(query.error)} onRetry={() => void query.refetch()} /></div>}
          {query.isPending && <Rows />}
          {query.data && shown.length === 0 && <Nothing filtered={query.tasks.length > 0} onClear={() => { setTyped(""); setOpen(false); }} />}
          {shown.length > 0 && <TaskTable tasks={shown} selected={id} />}
        </div>
      </SplitPane>
    </div>
  );
}

/** TaskTable is tasks as rows that open the page of one. */
export function TaskTable({ tasks, selected }: { tasks: Task[]; selected?: string }) {
  const navigate = useNavigate();
  return (
    <div role="grid" aria-label="Tasks" aria-rowcount={tasks.length}>
      {tasks.map((t) => (
        <TaskRow key={t.id} task={t} selected={t.id === selected} onOpen={() => void navigate({ to: "/tasks/{-$id}", params: { id: t.id === selected ? undefined : t.id } })} />
      ))}
    </div>
  );
}

function matches(t: Task, typed: string): boolean {
  const text = `${t.title} ${t.host} ${t.object} ${t.kind}`.toLowerCase();
  return typed.toLowerCase().split(/\s+/).every((w) => text.includes(w));
}

function Nothing({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (filtered) return <EmptyState title="No task matches" action={<Button onClick={onClear}>Clear the filter</Button>} />;
  return <EmptyState icon={ListChecks} title="No tasks yet">Every change that you make stands here, with its plan, its exact calls and how it ended.</EmptyState>;
}

function Rows() {
  return (
    <div aria-busy aria-label="Reading the tasks" className="flex flex-col gap-3 p-3">
      {Array.from({ length: 8 }, (_, i) => <Skeleton key={i} className="h-4 w-full" />)}
    </div>
  );
}
