import { useSyncExternalStore } from "react";

import type { Plan } from "@/gen/limiquantix/v1/error_pb";
import type { Operation, Task } from "@/gen/limiquantix/v1/task_pb";
import { Task_State } from "@/gen/limiquantix/v1/task_pb";
import type { Problem } from "./error";
import { fromDetail, problemOf } from "./error";
import { plural } from "./format";
import { notify } from "./notify";
import { type Ask, deed, ended, PLAN } from "./operate";

/** Item is one object of a change that is asked for many. */
export interface Item {
  name: string;
  call: (ask: Ask) => Promise<Operation>;
}

/** ManyRequest is the same act on many objects: one sheet, a task each. */
export interface ManyRequest {
  /** Names the act on its button: "Power off 3 VMs". */
  act: string;
  items: Item[];
  danger?: boolean;
  /** What has to be typed, for what cannot be undone. */
  typed?: string;
}

/** Part is what the sheet knows of one object. */
export interface Part {
  item: Item;
  plan?: Plan;
  problem?: Problem;
  /** What is different from what was shown before; nothing has been done. */
  changed?: string;
  /** Its task has begun, or could not be. */
  over?: boolean;
}

/** ManySheet is the sheet that is open. */
export interface ManySheet {
  request: ManyRequest;
  parts: Part[];
  /** All plans are there. */
  planned: boolean;
  sending: boolean;
}

/** How many plans are asked for, and tasks begun, at once. */
const AT_ONCE = 8;

let sheet: ManySheet | undefined;
const listeners = new Set<() => void>();

function show(next: ManySheet | undefined) {
  sheet = next;
  for (const f of listeners) f();
}

/** useManySheet is the sheet that the frame shows; undefined when none is open. */
export function useManySheet(): ManySheet | undefined {
  return useSyncExternalStore(
    (f) => {
      listeners.add(f);
      return () => void listeners.delete(f);
    },
    () => sheet,
  );
}

/** possible tells whether a part can be done. */
export function possible(p: Part): boolean {
  return !p.over && p.plan !== undefined && p.problem === undefined && p.plan.blockers.length === 0 && p.plan.steps.length > 0;
}

/** operateMany asks for the same change on many objects: all plans in one sheet. */
export async function operateMany(request: ManyRequest): Promise<void> {
  const parts: Part[] = request.items.map((item) => ({ item }));
  const tell = (planned: boolean) => show({ request, parts: [...parts], planned, sending: false });
  tell(false);
  await each(parts, async (p, i) => {
    if (sheet?.request !== request) return; // it was closed
    parts[i] = await p.item.call(PLAN).then(
      (op): Part => ({ item: p.item, plan: op.plan }),
      (e: unknown): Part => {
        const problem = problemOf(e);
        return { item: p.item, plan: problem.plan, problem };
      },
    );
    if (sheet?.request === request) tell(false);
  });
  if (sheet?.request === request) tell(true);
}

/**
 * confirmMany begins what can be done, and tells what could not be begun. Where
 * something else would be done than was shown, that is shown and not done: the
 * sheet stays open for it.
 */
export async function confirmMany(): Promise<void> {
  const open = sheet;
  if (!open?.planned || open.sending) return;
  show({ ...open, sending: true });
  const parts = [...open.parts];
  const failed: string[] = [];
  const begun: Begun[] = [];
  await each(parts, async (part, i) => {
    if (!possible(part)) return;
    parts[i] = { ...part, over: true };
    try {
      const op = await part.item.call(deed(part.plan));
      if (op.task) begun.push({ name: part.item.name, end: ended(op.task) });
    } catch (e) {
      const problem = problemOf(e);
      if (problem.code === "changed" && problem.plan) parts[i] = { item: part.item, plan: problem.plan, changed: problem.message };
      else failed.push(`${part.item.name}: ${problem.message}`);
    }
  });
  show(parts.some((p) => p.changed && !p.over) ? { ...open, parts, sending: false } : undefined);
  if (begun.length > 0) notify({ kind: "info", title: `${open.request.act}: ${plural(begun.length, "task")} begun` });
  if (failed.length > 0) notify({ kind: "error", title: `${plural(failed.length, "change")} could not be begun`, text: more(failed) });
  void tellEnd(open.request.act, begun);
}

interface Begun {
  name: string;
  end: Promise<Task>;
}

/** tellEnd says in one toast how all of them ended: a hundred failures would cover the page. */
async function tellEnd(act: string, begun: readonly Begun[]): Promise<void> {
  if (begun.length === 0) return;
  const tasks = await Promise.all(begun.map((b) => b.end));
  const counts = { done: 0, canceled: 0, failed: 0 };
  const why: string[] = [];
  tasks.forEach((t, i) => {
    if (t.state === Task_State.DONE) counts.done++;
    else if (t.state === Task_State.CANCELED) counts.canceled++;
    else {
      counts.failed++;
      why.push(`${begun[i]?.name}: ${(t.error && fromDetail(t.error).message) ?? "it waits for you in the tasks"}`);
    }
  });
  const words = Object.entries(counts).flatMap(([word, n]) => (n > 0 ? [`${n} ${word}`] : []));
  const kind = counts.failed > 0 ? "error" : counts.canceled > 0 ? "info" : "done";
  notify({ kind, title: `${act}: ${words.length === 1 && tasks.length === 1 ? (words[0] ?? "").slice(2) : words.join(", ")}`, text: more(why), task: only(tasks) });
}

/** more is the first few of several sentences, and how many there are beside them. */
function more(all: readonly string[]): string {
  const few = all.slice(0, 3).join("; ");
  return all.length > 3 ? `${few}; and ${all.length - 3} more` : few;
}

/** only is the task whose log a toast can offer. */
function only(tasks: readonly Task[]): string | undefined {
  return tasks.length === 1 ? tasks[0]?.id : undefined;
}

/** closeMany closes the sheet; nothing has been done. */
export function closeMany(): void {
  if (!sheet?.sending) show(undefined);
}

async function each<T>(list: T[], f: (item: T, i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < list.length; i = next++) await f(list[i] as T, i);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, list.length) }, worker));
}
