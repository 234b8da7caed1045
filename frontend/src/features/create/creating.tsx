import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import type { Task } from "@/gen/limiquantix/v1/task_pb";
import { Task_State } from "@/gen/limiquantix/v1/task_pb";
import { fromDetail } from "@/lib/error";
import { useTasks } from "@/lib/inventory";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/feedback";
import { Progress } from "@/ui/progress";

const GOING = [Task_State.RUNNING, Task_State.UNSPECIFIED];

/** Creating follows the task until the VM is there, then goes to its page. */
export function Creating({ begun, name, onBack, onDone }: { begun: Task; name: string; onBack: () => void; onDone: () => void }) {
  const { tasks } = useTasks();
  const navigate = useNavigate();
  const task = tasks.find((t) => t.id === begun.id) ?? begun;
  const uuid = task.result.uuid;
  const there = task.state === Task_State.DONE;
  const gone = useRef(false);
  useEffect(() => {
    if (!there || gone.current) return;
    gone.current = true;
    onDone();
    void (uuid ? navigate({ to: "/vms/$host/$uuid/{-$tab}", params: { host: task.host, uuid } }) : navigate({ to: "/vms" }));
  }, [there, uuid, task.host, navigate, onDone]);
  if (!there && !GOING.includes(task.state)) {
    const problem = task.error ? fromDetail(task.error) : { message: task.state === Task_State.CANCELED ? "It was canceled" : `${name} was not created`, hint: "" };
    return (
      <div className="flex flex-col items-center">
        <ErrorState error={problem} onLog={() => void navigate({ to: "/tasks/{-$id}", params: { id: task.id } })} />
        <Button onClick={onBack}>Back to the review</Button>
      </div>
    );
  }
  return (
    <div role="status" className="mx-auto flex max-w-140 flex-col gap-3 pt-16">
      <h2 className="text-title font-semibold [overflow-wrap:anywhere]">{task.title}</h2>
      <Progress label={task.title} amount={{ done: Number(task.done), total: Number(task.total) }} thin />
      <p className="min-h-5 text-fg-secondary [overflow-wrap:anywhere]">{task.step || "Beginning"}</p>
      <p className="text-table text-fg-muted">It goes on when you leave this page: the line of tasks at the bottom follows it.</p>
    </div>
  );
}
