import { Ban, RotateCw, Undo2 } from "lucide-react";

import { Task_State, type Task } from "@/gen/limiquantix/v1/task_pb";
import { date, duration } from "@/lib/format";
import { cancelTask, resumeTask, taskState, took, undoTask } from "@/lib/task-state";
import { Age } from "@/ui/age";
import { IconButton } from "@/ui/button";
import { cx } from "@/ui/cx";
import { Progress } from "@/ui/progress";
import { StateBadge } from "@/ui/state";

/** TaskRow is a task in one line: state, title, how far, when, what can be done with it. */
export function TaskRow({ task, selected, onOpen }: { task: Task; selected: boolean; onOpen: () => void }) {
  const { kind, word } = taskState(task);
  return (
    <div role="row" aria-selected={selected}
      className={cx("grid h-(--row) grid-cols-[minmax(88px,152px)_minmax(0,6fr)_minmax(0,2fr)_minmax(0,3fr)_76px_60px] items-center gap-3 border-b border-line px-3 text-table", selected ? "bg-accent-soft" : "hover:bg-raised")}>
      <div role="gridcell"><StateBadge state={kind} word={word} /></div>
      <div role="gridcell" className="min-w-0 truncate">
        <button type="button" className="max-w-full truncate text-left hover:underline" title={task.title} onClick={onOpen}>{task.title}</button>
      </div>
      <div role="gridcell" className="truncate text-fg-secondary">{task.host}</div>
      <div role="gridcell" className="min-w-0"><HowFar task={task} /></div>
      <div role="gridcell" className="truncate text-right text-fg-muted"><Age at={date(task.created)} /></div>
      <div role="gridcell" className="flex justify-end gap-0.5">
        {task.state === Task_State.RUNNING && <IconButton icon={Ban} size="sm" label={`Cancel: ${task.title}`} onClick={() => void cancelTask(task.id)} />}
        {task.state === Task_State.INTERRUPTED && <IconButton icon={RotateCw} size="sm" label={`Resume: ${task.title}`} onClick={() => void resumeTask(task.id)} />}
        {task.undo && <IconButton icon={Undo2} size="sm" label={`Undo: ${task.undo}`} onClick={() => void undoTask(task)} />}
      </div>
    </div>
  );
}

function HowFar({ task }: { task: Task }) {
  if (task.state === Task_State.RUNNING)
    return task.total > 0n ? (
      <Progress thin label={task.step || task.title} amount={{ done: Number(task.done), total: Number(task.total) }} />
    ) : (
      <span className="block truncate text-fg-secondary" title={task.step}>{task.step}</span>
    );
  if (task.error) return <span className="block truncate text-failed" title={task.error.message}>{task.error.message}</span>;
  return <span className="text-fg-muted">{duration(took(task))}</span>;
}
