import { create } from "@bufbuild/protobuf";
import { act, renderHook } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { PlanSchema } from "@/gen/limiquantix/v1/error_pb";
import { OperationSchema } from "@/gen/limiquantix/v1/task_pb";
import { closeSheet, useSheet } from "./operate";
import { usePlanForm } from "./plan-form";

beforeEach(() => closeSheet());

/** form is a form with a source and a name; its plan has these blockers. */
function form(...blockers: { field: string; text: string; fix?: string }[]) {
  const call = () => Promise.resolve(create(OperationSchema, { plan: create(PlanSchema, { title: "Add an image", blockers }) }));
  const hook = renderHook(({ source }) => ({ form: usePlanForm({ source, name: "" }), sheet: useSheet() }), { initialProps: { source: "/nope" } });
  return { ...hook, submit: () => act(() => hook.result.current.form.submit({ call })) };
}

test("what is wrong with a field is told there, until another value is in it", async () => {
  const { result, submit, rerender } = form({ field: "source", text: "there is no file nope", fix: "look again" });
  await submit();
  expect(result.current.sheet).toBeUndefined();
  expect(result.current.form.busy).toBe(false);
  expect(result.current.form.wrong("source")).toBe("There is no file nope. Look again");
  expect(result.current.form.wrong("name")).toBeUndefined();
  rerender({ source: "/other" });
  expect(result.current.form.wrong("source")).toBeUndefined();
});

test.each([
  ["nothing is wrong", []],
  ["something beside its fields is wrong, too", [{ field: "source", text: "a" }, { field: "", text: "b" }]],
])("the sheet is shown when %s", async (_, blockers) => {
  const { result, submit } = form(...blockers);
  await submit();
  expect(result.current.sheet?.plan?.blockers.length).toBe(blockers.length);
  expect(result.current.form.wrong("source")).toBeUndefined();
});

test("of a form that was closed meanwhile no sheet comes", async () => {
  const { result, unmount } = form();
  const { result: seen } = renderHook(() => useSheet());
  const going = result.current.form.submit({ call: () => Promise.resolve(create(OperationSchema, { plan: create(PlanSchema) })) });
  unmount();
  await act(() => going);
  expect(seen.current).toBeUndefined();
});
