import { expect, test, vi } from "vitest";

import type { Operation } from "@/gen/limiquantix/v1/task_pb";
import { operate } from "./operate";

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
