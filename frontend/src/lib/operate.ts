import { useSyncExternalStore } from "react";

import type { Plan } from "@/gen/limiquantix/v1/error_pb";
import type { Operation, Task } from "@/gen/limiquantix/v1/task_pb";
import { Task_State, TaskService } from "@/gen/limiquantix/v1/task_pb";
import { client } from "./api";
import type { Problem } from "./error";
import { fromDetail, problemOf } from "./error";
import { notify } from "./notify";

/** Request is a change that the user wants. */
export interface Request {
  /** Asks the API for the plan, or does it. */
  call: (planOnly: boolean) => Promise<Operation>;
  /** Names the act on its button: "Delete web1". Default: the plan's title. */
  act?: string;
  /** Begins at once and offers Undo in the toast, for what is trivial and reversible. */
  direct?: boolean;
  /** Of what is done directly: names the act. Pressed twice, as in a double click, it is done once. */
  once?: string;
  /** It interrupts or loses something: its button is drawn as dangerous. */
  danger?: boolean;
  /** What has to be typed before it begins, for what cannot be undone. */
  typed?: string;
  /** Called once the task has begun. */
  begun?: (task: Task) => void;
}

/** Sheet is the plan sheet that is open. */
export interface Sheet {
  request: Request;
  /** Absent while it is being made. */
  plan?: Plan;
  problem?: Problem;
  sending: boolean;
}

let sheet: Sheet | undefined;
const listeners = new Set<() => void>();

function show(next: Sheet | undefined) {
  sheet = next;
  for (const f of listeners) f();
}

/** useSheet is the plan sheet that the frame shows; undefined when none is open. */
export function useSheet(): Sheet | undefined {
  return useSyncExternalStore(
    (f) => {
      listeners.add(f);
      return () => void listeners.delete(f);
    },
    () => sheet,
  );
}

/** operate asks for a change: every change of this page goes through here. */
export async function operate(request: Request): Promise<void> {
  if (request.direct) return begin(request);
  const mine: Sheet = { request, sending: false };
  show(mine);
  const still = () => sheet?.request === request;
  try {
    const op = await request.call(true);
    if (still()) show({ request, plan: op.plan, sending: false });
  } catch (e) {
    const problem = problemOf(e);
    if (still()) show({ request, plan: problem.plan, problem, sending: false });
  }
}

/** confirmSheet carries out what the open sheet shows. */
export async function confirmSheet(): Promise<void> {
  const open = sheet;
  if (!open?.plan || open.sending) return;
  show({ ...open, sending: true });
  try {
    const now = await changedPlan(open.request.call, open.plan);
    if (now) return show({ request: open.request, plan: now, problem: CHANGED, sending: false });
    const op = await open.request.call(false);
    show(undefined);
    if (op.task) {
      open.request.begun?.(op.task);
      void follow(op.task);
    }
  } catch (e) {
    const problem = problemOf(e);
    show({ request: open.request, plan: problem.plan ?? open.plan, problem, sending: false });
  }
}

/** CHANGED is what is said when something else would be done than what was confirmed. */
export const CHANGED: Problem = { code: "conflict", message: "What would be done has changed since", hint: "Nothing has been done. Look at the plan again.", detail: {} };

/**
 * changedPlan plans anew what cannot be taken back, just before it is done, and
 * returns the plan when it is not what was shown: a sheet may stand open for
 * long, and a disk that was attached meanwhile would be deleted unseen.
 */
export async function changedPlan(call: Request["call"], shown: Plan): Promise<Plan | undefined> {
  if (!shown.destructive) return undefined;
  const { plan } = await call(true);
  const steps = (p: Plan) => JSON.stringify(p.steps.map((s) => s.text));
  return plan && steps(plan) !== steps(shown) ? plan : undefined;
}

/** closeSheet closes the sheet; nothing has been done. */
export function closeSheet() {
  if (!sheet?.sending) show(undefined);
}

/** How long after an act has begun the same is taken for one click too many, in ms. */
const TWICE_MS = 1000;
const begun = new Set<string>();

/** first tells whether an act is not one that was begun just now; done is to be called when it has begun. */
function first(act: string | undefined): { first: boolean; done: () => void } {
  if (act === undefined) return { first: true, done: () => undefined };
  if (begun.has(act)) return { first: false, done: () => undefined };
  begun.add(act);
  return { first: true, done: () => void setTimeout(() => begun.delete(act), TWICE_MS) };
}

async function begin(request: Request) {
  const press = first(request.once);
  if (!press.first) return;
  try {
    const op = await request.call(false).finally(press.done);
    if (!op.task) return;
    request.begun?.(op.task);
    await follow(op.task);
  } catch (e) {
    const problem = problemOf(e);
    if (problem.plan) show({ request: { ...request, direct: false }, plan: problem.plan, problem, sending: false });
    else notify({ kind: "error", title: problem.message, text: problem.hint });
  }
}

/**
 * follow tells in a toast how a task ended, with Undo where there is one; when
 * quiet, only how it failed. It asks for the task when the Watch stream says
 * that it changed (taskChanged).
 */
export async function follow(task: Task, quiet = false): Promise<void> {
  const id = task.id;
  const api = client(TaskService);
  for (let t: Task | undefined = task; ; ) {
    if (t && t.state !== Task_State.RUNNING && t.state !== Task_State.UNSPECIFIED) return quiet && t.state === Task_State.DONE ? undefined : tell(t);
    await taskChanged(id);
    t = await api.getTask({ id }).then(
      (r) => r.task,
      () => undefined,
    );
  }
}

function tell(t: Task) {
  switch (t.state) {
    case Task_State.DONE:
      notify({ kind: "done", title: t.title, task: t.id, undo: t.undo || undefined });
      return;
    case Task_State.CANCELED:
      notify({ kind: "info", title: `Canceled: ${t.title}`, task: t.id });
      return;
    default: {
      const p = t.error && fromDetail(t.error);
      notify({ kind: "error", title: p?.message ?? `Failed: ${t.title}`, text: p?.hint, task: t.id });
    }
  }
}

const waiting = new Map<string, Set<() => void>>();

/** wakeTask is called by the Watch stream when a task changed. */
export function wakeTask(id: string) {
  const set = waiting.get(id);
  waiting.delete(id);
  for (const f of set ?? []) f();
}

/** taskChanged resolves when a task changed, or after a while in case that was missed. */
function taskChanged(id: string): Promise<void> {
  return new Promise((done) => {
    const set = waiting.get(id) ?? new Set();
    waiting.set(id, set.add(done));
    setTimeout(done, 5000);
  });
}
