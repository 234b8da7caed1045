import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { act, renderHook } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { ErrorDetailSchema, PlanSchema } from "@/gen/limiquantix/v1/error_pb";
import { OperationSchema, Task_State, TaskSchema, type Operation, type Task } from "@/gen/limiquantix/v1/task_pb";
import { noticeStore } from "./notify";
import { type Ask, confirmSheet, leaveSheet, operate, useSheet } from "./operate";
import { confirmMany, operateMany, possible, useManySheet } from "./operate-many";

const nothing = (): Promise<Operation> => Promise.resolve({} as Operation);

test("what is done directly is done once when it is pressed twice, and again later", async () => {
  vi.useFakeTimers();
  const call = vi.fn(nothing);
  const press = (once?: string) => operate({ call, direct: true, once });
  await Promise.all([press("start a"), press("start a"), press("start b")]);
  await press("start a");
  expect(call).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(1500);
  await press("start a");
  expect(call).toHaveBeenCalledTimes(3);
  await Promise.all([press(), press()]);
  expect(call).toHaveBeenCalledTimes(5);
  vi.useRealTimers();
});

const plan = (...texts: string[]) => create(PlanSchema, { title: "delete web1", destructive: true, digest: texts.join(), steps: texts.map((text) => ({ text })) });

/** server plans these texts, one list after the other, and does what is expected of it or answers as the API does. */
function server(...lists: string[][]) {
  const done = vi.fn();
  const call = (ask: Ask): Promise<Operation> => {
    const now = plan(...((lists.length > 1 ? lists.shift() : lists[0]) ?? []));
    if (ask.planOnly) return Promise.resolve(create(OperationSchema, { plan: now }));
    if (ask.expectedPlanDigest !== "" && ask.expectedPlanDigest !== now.digest) {
      const value = { code: "changed", message: "what would be done has changed since it was shown", hint: "", detail: {}, plan: now };
      return Promise.reject(new ConnectError("changed", Code.FailedPrecondition, undefined, [{ desc: ErrorDetailSchema, value }]));
    }
    done(ask.expectedPlanDigest);
    return Promise.resolve(create(OperationSchema, { plan: now }));
  };
  return { call, done };
}

test("what is done is what was shown", async () => {
  const { call, done } = server(["Delete a"], ["Delete a", "Delete b"]);
  const { result } = renderHook(() => useSheet());
  await act(() => operate({ call }));
  await act(confirmSheet);
  expect(done).not.toHaveBeenCalled();
  expect([result.current?.problem?.message, result.current?.plan?.steps.length, result.current?.sending]).toEqual(["What would be done has changed since it was shown", 2, false]);
  await act(confirmSheet); // of what is shown now
  expect(done).toHaveBeenCalledExactlyOnceWith("Delete a,Delete b");
  expect(result.current).toBeUndefined();
});

test("what is done directly is any plan, or the one that its page has shown", async () => {
  const { call, done } = server(["Create a"]);
  const { result } = renderHook(() => useSheet());
  await act(() => operate({ call, direct: true }));
  expect(done).toHaveBeenCalledExactlyOnceWith("");
  await act(() => operate({ call, direct: true, shown: plan("Create b") }));
  expect(done).toHaveBeenCalledOnce();
  expect([result.current?.problem?.code, result.current?.plan?.digest]).toEqual(["changed", "Create a"]);
  await act(confirmSheet);
  expect(done).toHaveBeenLastCalledWith("Create a");
});

test("of many, what has changed since is shown anew and not done", async () => {
  const kept = server(["Delete a"]);
  const changed = server(["Delete a"], ["Delete a", "Delete b"]);
  const { result } = renderHook(() => useManySheet());
  await act(() => operateMany({ act: "Delete 2 VMs", items: [{ name: "web1", call: kept.call }, { name: "web2", call: changed.call }] }));
  await act(confirmMany);
  expect([kept.done.mock.calls.length, changed.done.mock.calls.length]).toEqual([1, 0]);
  expect(result.current?.parts.map((p) => [p.item.name, possible(p), p.changed ?? ""])).toEqual([
    ["web1", false, ""],
    ["web2", true, "What would be done has changed since it was shown"],
  ]);
  await act(confirmMany);
  expect([kept.done.mock.calls.length, changed.done.mock.calls.length]).toEqual([1, 1]);
  expect(result.current).toBeUndefined();
});

test("after a conflict the page's own way on is offered, and the sheet is left for it", async () => {
  const { result } = renderHook(() => useSheet());
  const run = vi.fn();
  const value = { code: "conflict", message: "it was changed meanwhile", hint: "", detail: {} };
  const conflict = new ConnectError("", Code.Aborted, undefined, [{ desc: ErrorDetailSchema, value }]);
  const request = { call: () => Promise.reject<Operation>(conflict), passed: { label: "Show what changed", run } };
  await act(() => operate(request));
  expect([result.current?.plan, result.current?.problem?.code]).toEqual([undefined, "conflict"]);
  act(() => leaveSheet(request.passed));
  expect([result.current, run.mock.calls.length]).toEqual([undefined, 1]);
  // The other was faster while the plan was looked at: it is not offered again.
  const late = { ...request, call: (ask: Ask) => (ask.planOnly ? Promise.resolve(create(OperationSchema, { plan: plan("Save") })) : Promise.reject<Operation>(conflict)) };
  await act(() => operate(late));
  expect(result.current?.plan?.steps.length).toBe(1);
  await act(confirmSheet);
  expect([result.current?.plan, result.current?.problem?.code]).toEqual([undefined, "conflict"]);
  act(() => leaveSheet(late.passed));
});

test("of many, one toast tells how all of them ended", async () => {
  const task = (id: string, state: Task_State, message = "") => create(TaskSchema, { id, state, error: message ? { code: "internal", message } : undefined });
  const call = (t: Task) => (ask: Ask) => Promise.resolve(create(OperationSchema, ask.planOnly ? { plan: plan("Start") } : { plan: plan("Start"), task: t }));
  const items = [
    { name: "web1", call: call(task("1", Task_State.DONE)) },
    { name: "web2", call: call(task("2", Task_State.FAILED, "no space")) },
    { name: "web3", call: call(task("3", Task_State.CANCELED)) },
  ];
  await act(() => operateMany({ act: "Start 3 VMs", items }));
  await act(confirmMany);
  await vi.waitFor(() => expect(noticeStore.list().map((n) => [n.kind, n.title, n.text ?? ""])).toContainEqual(["error", "Start 3 VMs: 1 done, 1 canceled, 1 failed", "web2: No space"]));
  await act(() => operateMany({ act: "Start 1 VM", items: items.slice(0, 1) }));
  await act(confirmMany);
  await vi.waitFor(() => expect(noticeStore.list().map((n) => [n.kind, n.title, n.task])).toContainEqual(["done", "Start 1 VM: done", "1"]));
});

test("what could not be begun can be tried again", async () => {
  vi.useFakeTimers();
  const call = vi.fn(() => Promise.reject(new Error("no")));
  const press = () => operate({ call, direct: true, once: "start c" });
  await press();
  vi.advanceTimersByTime(1500);
  await press();
  expect(call).toHaveBeenCalledTimes(2);
  vi.useRealTimers();
});
