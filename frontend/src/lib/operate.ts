import { useSyncExternalStore } from "react";

import type { Plan } from "@/gen/limiquantix/v1/error_pb";
import type { Operation, Task } from "@/gen/limiquantix/v1/task_pb";
import { Task_State, TaskService } from "@/gen/limiquantix/v1/task_pb";
import { client } from "./api";
import type { Problem } from "./error";
import { fromDetail, problemOf, sentence } from "./error";
import { notify } from "./notify";

/** Ask is how a changing call of the API is made: every request has these fields. */
export interface Ask {
  planOnly: boolean;
  /** The digest of the plan that was shown: that is done, or nothing. Empty: none was shown. */
  expectedPlanDigest: string;
}

/** PLAN asks what would be done. */
export const PLAN: Ask = { planOnly: true, expectedPlanDigest: "" };

/** deed asks to do a plan as it was shown; undefined: none was. */
export function deed(shown: Plan | undefined): Ask {
  return { planOnly: false, expectedPlanDigest: shown?.digest ?? "" };
}

/** Request is a change that the user wants. */
export interface Request {
  /** Asks the API for the plan, or does it. */
  call: (ask: Ask) => Promise<Operation>;
  /** Names the act on its button: "Delete web1". Default: the plan's title. */
  act?: string;
  /** Begins at once and offers Undo in the toast, for what is trivial and reversible. */
  direct?: boolean;
  /** Of what is done directly: the plan that its page has shown. */
  shown?: Plan;
  /** Of what is done directly: names the act. Pressed twice, as in a double click, it is done once. */
  once?: string;
  /** It interrupts or loses something: its button is drawn as dangerous. */
  danger?: boolean;
  /** What has to be typed before it begins, for what cannot be undone. */
  typed?: string;
  /** Of what is based on a state that may have passed: what its page offers then, in place of another try that must fail. */
  passed?: { label: string; run: () => void };
  /** Called once the task has begun. */
  begun?: (task: Task) => void;
  /** Of a form: is told what is wrong, or nothing, before any sheet is seen; false: the form tells it itself or was closed, and no sheet comes. */
  form?: (mistakes: Mistake[]) => boolean;
}

/** Mistake is what is wrong with a request, at a field of it; "": at none. */
export interface Mistake {
  field: string;
  text: string;
}

function mistakesOf(plan: Plan | undefined, problem?: Problem): Mistake[] {
  const all = problem && !plan ? [problem, ...(problem.also ?? [])] : [];
  const found = plan?.blockers.map((b) => [b.field, b.text, b.fix]) ?? all.map((p) => [p.detail.field, p.message, p.hint]);
  return found.map(([field = "", ...words]) => ({ field, text: words.filter(Boolean).map((w) => sentence(w ?? "")).join(". ") }));
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
  const { form } = request;
  if (!form) show({ request, sending: false });
  const made = (plan: Plan | undefined, problem?: Problem) => {
    if (form ? form(mistakesOf(plan, problem)) : sheet?.request === request) show({ request, plan, problem, sending: false });
  };
  try {
    made((await request.call(PLAN)).plan);
  } catch (e) {
    const problem = problemOf(e);
    made(problem.plan, problem);
  }
}

/** confirmSheet carries out what the open sheet shows. What would be done by now instead is shown, and not done. */
export async function confirmSheet(): Promise<void> {
  const open = sheet;
  if (!open?.plan || open.sending) return;
  show({ ...open, sending: true });
  try {
    const op = await open.request.call(deed(open.plan));
    show(undefined);
    if (op.task) {
      open.request.begun?.(op.task);
      void follow(op.task);
    }
  } catch (e) {
    const problem = problemOf(e);
    const passed = problem.code === "conflict" && open.request.passed !== undefined; // that plan will never be right again
    show({ request: open.request, plan: problem.plan ?? (passed ? undefined : open.plan), problem, sending: false });
  }
}

/** closeSheet closes the sheet; nothing has been done. */
export function closeSheet() {
  if (!sheet?.sending) show(undefined);
}

/** How long after an act has begun the same is taken for one click too many, in ms. */
const TWICE_MS = 1000;
const begun = new Set<string>();

/** leaveSheet closes the sheet for what its page offers after a conflict. */
export function leaveSheet(way: { run: () => void }) {
  closeSheet();
  way.run();
}

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
    const op = await request.call(deed(request.shown)).finally(press.done);
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
 * follow tells in a toast how a task ended, with Undo where there is one. It
 * asks for the task when the Watch stream says that it changed (taskChanged).
 */
export async function follow(task: Task): Promise<void> {
  tell(await ended(task));
}

/** ended resolves with a task once it has ended or waits for somebody. */
export async function ended(task: Task): Promise<Task> {
  const id = task.id;
  for (let t: Task | undefined = task; ; ) {
    if (t && t.state !== Task_State.RUNNING && t.state !== Task_State.UNSPECIFIED) return t;
    await taskChanged(id);
    t = await client(TaskService).getTask({ id }).then(
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
