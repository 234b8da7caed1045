import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";

import { EventSchema } from "@/gen/limiquantix/v1/event_pb";
import { TaskSchema, Task_State } from "@/gen/limiquantix/v1/task_pb";
import { removalOf } from "./removal";

const at = 1_700_000_000_000;
const event = (change: string, ms = at) => create(EventSchema, { object: "vm", host: "kvm1", id: "u", name: "web1", change, time: timestampFromMs(ms) });
const task = (more: object) => create(TaskSchema, { id: "t", kind: "vm.delete", host: "kvm1", object: "web1", state: Task_State.DONE, created: timestampFromMs(at - 5000), finished: timestampFromMs(at), ...more });

test.each([
  ["a task of ours", task({}), "t"],
  ["one that goes on", task({ finished: undefined, state: Task_State.RUNNING }), "t"],
  ["one of another VM", task({ object: "web2" }), undefined],
  ["one of another host", task({ host: "kvm2" }), undefined],
  ["one that starts it", task({ kind: "vm.start" }), undefined],
  ["one of long ago", task({ created: timestampFromMs(at - 9e6), finished: timestampFromMs(at - 8e6) }), undefined],
])("removed by %s", (_, t, want) => {
  const found = removalOf("vm", "kvm1", [event("removed"), event("stopped", at - 1000)], [t]);
  expect(found?.at.getTime()).toBe(at);
  expect(found?.task?.id).toBe(want);
});

test.each([[[]], [[event("stopped")]]])("nothing tells of it", (events) => expect(removalOf("vm", "kvm1", events, [])).toBeUndefined());
