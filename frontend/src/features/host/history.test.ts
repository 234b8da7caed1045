import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { GetStatsResponseSchema, HostStatsSchema } from "@/gen/limiquantix/v1/metric_pb";
import { append, seriesOf } from "./history";

const at = (s: number, cpuPercent = 10) => create(HostStatsSchema, { host: "kvm1", time: { seconds: BigInt(s) }, cpuPercent, memoryUsedBytes: 1n, memoryBytes: 4n });
const known = (...hosts: ReturnType<typeof at>[]) => create(GetStatsResponseSchema, { hosts });

test("append begins, goes on, and drops what is over an hour old", () => {
  expect(append(undefined, at(5)).hosts).toHaveLength(1);
  const both = append(known(at(10_000), at(12_000)), at(14_000));
  expect(both.hosts.map((h) => Number(h.time?.seconds))).toEqual([12_000, 14_000]);
});

test("append leaves what it has for a sample that is not newer", () => {
  const old = known(at(10));
  expect(append(old, at(10))).toBe(old);
});

test("what is not known is a gap, and so is the time when nobody looked", () => {
  expect(seriesOf(known(at(10), at(15, -1), at(100, 30)))).toEqual({ times: [10, 15, 16, 100], cpu: [10, null, null, 30], used: [1, 1, null, 1], memory: [4, 4, null, 4] });
  expect(seriesOf(undefined).times).toEqual([]);
});
