import { useQuery } from "@connectrpc/connect-query";

import type { Event } from "@/gen/limiquantix/v1/event_pb";
import { EventService } from "@/gen/limiquantix/v1/event_pb";
import { TaskService } from "@/gen/limiquantix/v1/task_pb";
import type { Task } from "@/gen/limiquantix/v1/task_pb";
import { Task_State } from "@/gen/limiquantix/v1/task_pb";
import { date } from "./format";

/** Removal is how an object that was here went. */
export interface Removal {
  at: Date;
  /** What it was called. */
  name: string;
  /** The task of limiquantix that removed it; undefined: something else did. */
  task: Task | undefined;
}

/** How long before its removal was seen a task may have ended that did it, in ms. */
const NEAR_MS = 60_000;

/** useRemoval finds in what was seen to happen how an object went; undefined while that is read, or when nothing tells. */
export function useRemoval(object: "vm" | "host", host: string, id: string): Removal | undefined {
  const events = useQuery(EventService.method.listEvents, { host, id, limit: 50 });
  const tasks = useQuery(TaskService.method.listTasks, { limit: 200 });
  return removalOf(object, host, events.data?.events ?? [], tasks.data?.tasks ?? []);
}

/** removalOf is the newest removal among events of an object, newest first, and what did it. */
export function removalOf(object: "vm" | "host", host: string, events: readonly Event[], tasks: readonly Task[]): Removal | undefined {
  const event = events.find((e) => e.object === object && e.change === "removed");
  const at = date(event?.time);
  if (!event || !at) return undefined;
  const task = tasks.find((t) => t.host === host && t.object === event.name && t.kind.startsWith(`${object}.`) && removes(t) && near(t, at));
  return { at, name: event.name, task };
}

function removes(t: Task): boolean {
  return /\.(delete|undefine|remove|migrate|move)$/.test(t.kind) || (t.undoes !== "" && t.state === Task_State.DONE);
}

function near(t: Task, at: Date): boolean {
  const [began, ended] = [date(t.created), date(t.finished)];
  if (!began) return false;
  return began.getTime() <= at.getTime() + NEAR_MS && (!ended || ended.getTime() >= at.getTime() - NEAR_MS);
}
