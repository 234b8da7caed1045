import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { VMStatsSchema } from "@/gen/limiquantix/v1/metric_pb";
import { append, seriesOf } from "./history";

const sample = (cpuPercent: number) => create(VMStatsSchema, { cpuPercent, memoryBytes: 1n << 30n, diskReadBytes: -1n });

test("samples become columns; what is unknown is a gap", () => {
  let h = append(undefined, sample(10), 1_000_000);
  h = append(h, sample(20), 1_005_000);
  h = append(h, sample(30), 1_300_000);
  const s = seriesOf(h);
  expect(s.times).toEqual([1000, 1005, 1300]);
  expect(s.cpu).toEqual([10, 20, 30]);
  expect(s.read).toEqual([null, null, null]);
  expect(s.memory).toEqual([2 ** 30, 2 ** 30, 2 ** 30]);
});

test("a sample that is known already changes nothing", () => {
  const h = append(undefined, sample(10), 1_000_000);
  expect(append(h, sample(99), 1_000_000)).toBe(h);
  expect(append(h, sample(99), 1_000_300)).toBe(h);
});

test("an hour is kept", () => {
  let h = append(undefined, sample(0), 0);
  for (let i = 1; i <= 10; i++) h = append(h, sample(i), i * 600_000);
  expect(h.times).toHaveLength(7);
  expect(h.vms.map((v) => v.cpuPercent)).toEqual([4, 5, 6, 7, 8, 9, 10]);
});

test("nothing known is empty columns", () => expect(seriesOf(undefined)).toMatchObject({ times: [], cpu: [] }));
