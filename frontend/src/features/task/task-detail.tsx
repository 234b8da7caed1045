import { useQuery } from "@connectrpc/connect-query";
import { Ban, RotateCw, Undo2 } from "lucide-react";

import { Task_State, TaskService, type Task } from "@/gen/limiquantix/v1/task_pb";
import { fromDetail, problemOf } from "@/lib/error";
import { absolute, clock, date, duration } from "@/lib/format";
import { cancelTask, resumeTask, taskState, took, undoTask } from "@/lib/task-state";
import { Button } from "@/ui/button";
import { CodeBlock } from "@/ui/code-block";
import { ErrorState, Skeleton } from "@/ui/feedback";
import { PlanView } from "@/ui/plan-view";
import { Progress } from "@/ui/progress";
import { Section } from "@/ui/property-list";
import { StateBadge } from "@/ui/state";

/** TaskDetail is one task in full: how it went, its plan, its log of exact calls. */
export function TaskDetail({ id }: { id: string }) {
  const query = useQuery(TaskService.method.getTask, { id });
  const task = query.data?.task;
  if (query.error) return <div className="p-3"><ErrorState error={problemOf(query.error)} onRetry={() => void query.refetch()} /></div>;
  if (!task) return <div aria-busy className="flex flex-col gap-2 p-3"><Skeleton className="h-6 w-1/2" /><Skeleton className="h-24 w-full" /></div>;
  return <Shown task={task} />;
}

function Shown({ task }: { task: Task }) {
  const { kind, word } = taskState(task);
  const begun = date(task.created);
  const problem = task.state !== Task_State.CANCELED && task.error ? fromDetail(task.error) : undefined; // a cancel is what was wanted
  return (
    <article aria-label={task.title} className="flex flex-col gap-3 p-3">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="min-w-0 text-title font-semibold [overflow-wrap:anywhere]">{task.title}</h2>
        <StateBadge state={kind} word={word} />
        <span className="text-table text-fg-muted">{begun && absolute(begun)} · {duration(took(task))}{task.host && ` · ${task.host}`}</span>
        <span className="flex-1" />
        <Acts task={task} />
      </header>
      {task.state === Task_State.RUNNING && <Progress label={task.step || task.title} amount={{ done: Number(task.done), total: Number(task.total) }} />}
      {task.state === Task_State.RUNNING && task.step && <p className="text-table text-fg-secondary">{task.step}</p>}
      {problem && <ErrorState error={problem} />}
      {task.plan && (
        <Section title="Plan">
          <PlanView plan={task.plan} />
        </Section>
      )}
      {task.log.length > 0 && (
        <Section title="Log">
          <CodeBlock label="log" wrap text={task.log.map((l) => `${l.time ? clock(date(l.time) ?? new Date(0)) : ""}  ${l.text}`).join("\n")} />
        </Section>
      )}
    </article>
  );
}

function Acts({ task }: { task: Task }) {
  return (
    <>
      {task.state === Task_State.RUNNING && <Button icon={Ban} onClick={() => void cancelTask(task.id)}>Cancel and take back</Button>}
      {task.state === Task_State.INTERRUPTED && <Button icon={RotateCw} onClick={() => void resumeTask(task.id)}>Resume</Button>}
      {task.undo && <Button icon={Undo2} title={task.undo} onClick={() => void undoTask(task)}>Undo</Button>}
    </>
  );
}
