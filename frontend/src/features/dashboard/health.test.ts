import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { HostSchema, Host_State } from "@/gen/limiquantix/v1/host_pb";
import { PoolSchema } from "@/gen/limiquantix/v1/storage_pb";
import { TaskSchema, Task_State } from "@/gen/limiquantix/v1/task_pb";
import { VMSchema, VM_State } from "@/gen/limiquantix/v1/vm_pb";
import { concerns, storageOf } from "./health";

const G = 1n << 30n;
const pool = (name: string, available: bigint, state = "active") => create(PoolSchema, { host: "a", name, state, capacityBytes: 100n * G, availableBytes: available * G });

test("what someone must act on comes first", () => {
  const found = concerns({
    hosts: [create(HostSchema, { name: "live", state: Host_State.LIVE }), create(HostSchema, { name: "gone", state: Host_State.STALE, reason: "no route" }), create(HostSchema, { name: "no", state: Host_State.REFUSED })],
    vms: [create(VMSchema, { name: "ok", state: VM_State.RUNNING }), create(VMSchema, { host: "a", name: "dead", state: VM_State.CRASHED })],
    tasks: [create(TaskSchema, { id: "1", title: "Create VM x", state: Task_State.INTERRUPTED }), create(TaskSchema, { id: "2", state: Task_State.FAILED })],
    pools: [pool("full", 10n), pool("half", 50n), pool("off", 0n, "inactive")].filter((p) => p.state === "active"),
  });
  expect(found.map((c) => [c.kind, c.name])).toEqual([["failed", "no"], ["failed", "dead"], ["warning", "gone"], ["warning", "Create VM x"], ["warning", "full"]]);
});

test("storage is the sum of active pools", () => expect(storageOf([pool("a", 25n), pool("b", 75n), pool("c", 0n, "inactive")])).toEqual({ total: Number(200n * G), used: Number(100n * G) }));
