import { ChevronDown, ChevronUp } from "lucide-react";
import { useState } from "react";
import { Link } from "@tanstack/react-router";

import { TaskDetail } from "@/features/task/task-detail";
import { TaskRow } from "@/features/task/task-row";
import { Task_State, type Task } from "@/gen/limiquantix/v1/task_pb";
import { useTasks } from "@/lib/inventory";
import { IconButton } from "@/ui/button";
import { EmptyState } from "@/ui/feedback";
import { Progress } from "@/ui/progress";
import { SplitPane } from "@/ui/split-pane";
import { StateShape } from "@/ui/state";

/** TaskLine is the drawer when it is shut: what runs and what failed, in one line. */
export function TaskLine({ open, onToggle }: { open: boolean; onToggle: () => void }) {
  const { tasks } = useTasks();
  const running = tasks.filter((t) => t.state === Task_State.RUNNING);
  const now = running[0];
  return (
    <div className="flex h-7 shrink-0 items-center gap-3 border-t border-line bg-canvas px-2 text-table">
      <IconButton icon={open ? ChevronDown : ChevronUp} label={open ? "Close the tasks" : "Open the tasks"} shortcut="Ctrl+J" size="sm" aria-expanded={open} onClick={onToggle} />
      <button type="button" className="text-fg-secondary hover:text-fg" onClick={onToggle}>{summary(tasks)}</button>
      {now && (
        <span className="flex min-w-0 flex-1 items-center gap-2 text-fg-secondary">
          <StateShape state="transient" />
          <span className="truncate">{now.title}{now.step && `: ${now.step}`}</span>
          {now.total > 0n && <Progress thin className="w-40 shrink-0" label={now.title} amount={{ done: Number(now.done), total: Number(now.total) }} />}
        </span>
      )}
    </div>
  );
}

/** summary is "3 running, 1 failed": of today, since yesterday's failures were seen. */
export function summary(tasks: Task[]): string {
  const n = (state: Task_State) => tasks.filter((t) => t.state === state).length;
  const day = Date.now() / 1000 - 86_400;
  const failed = tasks.filter((t) => t.state === Task_State.FAILED && Number(t.created?.seconds ?? 0) > day).length;
  const parts = [
    [n(Task_State.RUNNING), "running"],
    [n(Task_State.INTERRUPTED), "interrupted"],
    [n(Task_State.STUCK), "stuck"],
    [failed, "failed today"],
  ] as const;
  return parts.filter(([k]) => k > 0).map(([k, word]) => `${k} ${word}`).join(", ") || "No tasks running";
}

/** TaskDrawer is the newest tasks, and the chosen one in full beside them. */
export function TaskDrawer({ chosen, onChoose }: { chosen: string | undefined; onChoose: (id: string | undefined) => void }) {
  const { tasks } = useTasks();
  const [limit, setLimit] = useState(50);
  return (
    <section aria-label="Tasks" className="flex h-full min-h-0 flex-col bg-panel">
      <SplitPane id="drawer-task" side="right" label="Task" size={560} min={360} max={1000} collapsed={!chosen} pane={chosen ? <div className="h-full overflow-y-auto"><TaskDetail id={chosen} /></div> : null}>
        <div role="grid" aria-label="Newest tasks" className="h-full overflow-y-auto">
          {tasks.length === 0 && <EmptyState title="No tasks yet">Every change that you make stands here.</EmptyState>}
          {tasks.slice(0, limit).map((t) => (
            <TaskRow key={t.id} task={t} selected={t.id === chosen} onOpen={() => onChoose(t.id === chosen ? undefined : t.id)} />
          ))}
          {tasks.length > limit && (
            <p className="p-2 text-table">
              <button type="button" className="text-accent-fg hover:underline" onClick={() => setLimit(limit * 2)}>Show more</button>
              {" · "}
              <Link to="/tasks/{-$id}" className="text-accent-fg hover:underline">All tasks</Link>
            </p>
          )}
        </div>
      </SplitPane>
    </section>
  );
}
