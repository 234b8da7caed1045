import { create } from "@bufbuild/protobuf";
import { act, renderHook } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { OperationSchema, type Operation } from "@/gen/limiquantix/v1/task_pb";
import { noticeStore } from "./notify";
import { confirmSheet, operate, useSheet } from "./operate";
import { confirmMany, operateMany } from "./operate-many";

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

/** planning answers a preview with steps of these texts, one list after the other, and counts what is done. */
function planning(destructive: boolean, ...lists: string[][]) {
  const done = vi.fn();
  const call = (planOnly: boolean): Promise<Operation> => {
    if (!planOnly) done();
    const texts = planOnly ? lists.shift() : [];
    return Promise.resolve(create(OperationSchema, { plan: { title: "delete web1", destructive, steps: texts?.map((text) => ({ text })) } }));
  };
  return { call, done };
}

test("what cannot be taken back is done only as it was shown", async () => {
  const { call, done } = planning(true, ["Delete a"], ["Delete a", "Delete b"], ["Delete a", "Delete b"]);
  const { result } = renderHook(() => useSheet());
  await act(() => operate({ call }));
  await act(confirmSheet);
  expect(done).not.toHaveBeenCalled();
  expect([result.current?.problem?.message, result.current?.plan?.steps.length, result.current?.sending]).toEqual(["What would be done has changed since", 2, false]);
  await act(confirmSheet); // of what is shown now
  expect(done).toHaveBeenCalledOnce();
  expect(result.current).toBeUndefined();
});

test("what can be taken back is not planned twice", async () => {
  const { call, done } = planning(false, ["Start a"]);
  await operate({ call });
  await confirmSheet();
  expect(done).toHaveBeenCalledOnce();
});

test("of many, what has changed since is left out", async () => {
  const kept = planning(true, ["Delete a"], ["Delete a"]);
  const changed = planning(true, ["Delete a"], ["Delete a", "Delete b"]);
  await operateMany({ act: "Delete 2 VMs", items: [{ name: "web1", call: kept.call }, { name: "web2", call: changed.call }] });
  await confirmMany();
  expect([kept.done.mock.calls.length, changed.done.mock.calls.length]).toEqual([1, 0]);
  expect(noticeStore.list().at(-1)?.text).toBe("web2: what would be done has changed since");
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
