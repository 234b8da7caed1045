import { create } from "@bufbuild/protobuf";
import { createRouterTransport } from "@connectrpc/connect";
import { expect, test } from "vitest";

import { WatchStatsResponseSchema } from "@/gen/limiquantix/v1/metric_pb";
import { Stats } from "./stats";

const told = (uuids: string[], cpuPercent = 1) => create(WatchStatsResponseSchema, { host: { host: "kvm1", cpuPercent }, vms: uuids.map((uuid) => ({ uuid, cpuPercent })) });
const newStats = () => new Stats(createRouterTransport(() => undefined));

test("a trail is the last 60 samples, oldest first", () => {
  const s = newStats();
  for (let i = 1; i <= 75; i++) s.take(told(["a"], i));
  expect(s.vmTrail("kvm1/a")).toEqual(Array.from({ length: 60 }, (_, i) => i + 16));
  expect(s.hostTrail("kvm1").at(-1)).toBe(75);
  expect(s.vmTrail("kvm1/b")).toEqual([]);
});

test("a VM that is not told of any more is forgotten, and who shows it is told", () => {
  const s = newStats();
  let woken = 0;
  s.take(told(["a", "b", "c"]));
  const end = s.subscribe("kvm1/b", () => woken++);
  s.take(told(["a", "b", "c"]));
  expect(woken).toBe(1);
  s.take(told(["c", "a"]));
  expect(woken).toBe(2);
  expect([s.vm("kvm1/b"), s.vm("kvm1/c")?.uuid, s.vm("kvm1/a")?.uuid]).toEqual([undefined, "c", "a"]);
  end();
  s.take(told(["a", "b"]));
  expect(woken).toBe(2);
});
