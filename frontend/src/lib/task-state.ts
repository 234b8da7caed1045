import type { Task } from "@/gen/limiquantix/v1/task_pb";
import { Task_State, TaskService } from "@/gen/limiquantix/v1/task_pb";
import { client } from "./api";
import { problemOf } from "./error";
import { date } from "./format";
import { notify } from "./notify";
import { operate } from "./operate";
import type { Kind } from "./vm-state";

const WORDS: Record<Task_State, [Kind, string]> = {
  [Task_State.UNSPECIFIED]: ["unknown", "unknown"],
  [Task_State.RUNNING]: ["transient", "running"],
  [Task_State.DONE]: ["running", "done"],
  [Task_State.FAILED]: ["failed", "failed, taken back"],
  [Task_State.CANCELED]: ["stopped", "canceled, taken back"],
  [Task_State.INTERRUPTED]: ["warning", "interrupted"],
  [Task_State.STUCK]: ["failed", "stuck"],
};

/** taskState is how a task's state is drawn and called. */
export function taskState(t: Pick<Task, "state">): { kind: Kind; word: string } {
  const [kind, word] = WORDS[t.state] ?? WORDS[Task_State.UNSPECIFIED];
  return { kind, word };
}

/** isOpen tells whether a task still needs time or somebody's hand. */
export function isOpen(t: Pick<Task, "state">): boolean {
  return t.state === Task_State.RUNNING || t.state === Task_State.INTERRUPTED || t.state === Task_State.STUCK;
}

/** took is how long a task ran, in ms; so far, while it runs. */
export function took(t: Task, now = Date.now()): number {
  const begun = date(t.created)?.getTime() ?? now;
  return (date(t.finished)?.getTime() ?? now) - begun;
}

/** cancelTask asks a running task to stop and take back what it did. */
export async function cancelTask(id: string): Promise<void> {
  await client(TaskService).cancelTask({ id }).catch(tell);
}

/** resumeTask carries an interrupted task on. */
export async function resumeTask(id: string): Promise<void> {
  await client(TaskService).resumeTasks({ id }).catch(tell);
}

/** undoTask asks to take a finished task back: a change of its own, with a plan sheet. */
export function undoTask(t: Pick<Task, "id" | "undo">, direct = false): Promise<void> {
  return operate({ call: (ask) => client(TaskService).undoTask({ id: t.id, ...ask }), act: t.undo || "Undo", direct, once: `undo ${t.id}` });
}

function tell(e: unknown) {
  const p = problemOf(e);
  notify({ kind: "error", title: p.message, text: p.hint });
}
