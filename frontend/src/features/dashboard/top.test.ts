import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { VMStatsSchema } from "@/gen/limiquantix/v1/metric_pb";
import { VMSchema } from "@/gen/limiquantix/v1/vm_pb";
import { top } from "./top";

const vms = ["a", "b", "c"].map((name) => create(VMSchema, { name }));
const stats = new Map([
  ["a", create(VMStatsSchema, { cpuPercent: 20, diskReadBytes: 1024n })],
  ["b", create(VMStatsSchema, { cpuPercent: 80, diskReadBytes: 4096n })],
  ["c", create(VMStatsSchema, {})],
]);
const of = (figure: "cpu" | "disk") => top(vms, (v) => stats.get(v.name), figure, 5).map((c) => [c.vm.name, c.text, c.part]);

test("by CPU, a full bar is all of its vCPUs", () => expect(of("cpu")).toEqual([["b", "80 %", 0.8], ["a", "20 %", 0.2]]));
test("by disk, a full bar is the highest", () => expect(of("disk")).toEqual([["b", "4 KiB/s", 1], ["a", "1 KiB/s", 0.25]]));
