import { useEffect } from "react";

import type { Task } from "@/gen/limiquantix/v1/task_pb";
import { Task_State } from "@/gen/limiquantix/v1/task_pb";
import { useDraft } from "@/lib/draft";
import { useTasks } from "@/lib/inventory";

interface Stored<T> {
  value: T;
  /** Task that saves it. */
  task?: string;
}

/** Edit is something being changed: it is kept until the task that saves it is done. */
export interface Edit<T> {
  /** What is typed; undefined: nothing is being changed. */
  value: T | undefined;
  /** A task saves it now. */
  saving: boolean;
  set: (value: T) => void;
  discard: () => void;
  /** Tells which task saves it; for begun of operate. */
  sent: (task: Task) => void;
}

/** useEdit keeps an edit under a key; saved is called when it has been saved. */
export function useEdit<T>(key: string, saved: () => void): Edit<T> {
  const [stored, store] = useDraft<Stored<T>>(key);
  const { tasks } = useTasks();
  const task = stored?.task ? tasks.find((t) => t.id === stored.task) : undefined;
  const done = task?.state === Task_State.DONE;
  useEffect(() => {
    if (!done) return;
    store(undefined);
    saved();
    // saved is new at every render; once is enough.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [done]);
  return {
    value: done ? undefined : stored?.value,
    saving: stored?.task !== undefined && (task === undefined || task.state === Task_State.RUNNING),
    set: (value) => store({ value }),
    discard: () => store(undefined),
    sent: (t) => stored && store({ ...stored, task: t.id }),
  };
}
