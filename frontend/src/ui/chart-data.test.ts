import { expect, test } from "vitest";

import { axisSteps, statsOf, summary, timeSteps, timeText, valueText, withGaps, type ChartUnit } from "./chart-data";
import { sparkPath } from "./sparkline";

test("missing samples become a gap, in every series", () => {
  expect(withGaps([0, 5, 10, 30, 35], [[1, 2, 3, 4, 5], [1, null, 3, 4, 5]])).toEqual([
    [0, 5, 10, 15, 30, 35],
    [1, 2, 3, null, 4, 5],
    [1, null, 3, null, 4, 5],
  ]);
  expect(withGaps([], [[]])).toEqual([[], []]);
  expect(withGaps([7], [[1]])).toEqual([[7], [1]]);
});

test("figures are of what is shown", () => {
  expect(statsOf([0, 1, 2, 3], [9, 1, null, 3], 1, 3)).toEqual({ min: 1, avg: 2, max: 3 });
  expect(statsOf([0], [null])).toBeUndefined();
});

test("axis steps are round in their unit", () => {
  expect(axisSteps("bytes")).toContain(4 * 1024 ** 3);
  expect(axisSteps("percent")).toContain(20);
});

test.each<ChartUnit>(["bytes", "rate", "percent", "count"])("no two marks of an axis of %s are told the same", (unit) => {
  for (const step of axisSteps(unit)) {
    const marks = Array.from({ length: 11 }, (_, k) => valueText(k * step, unit));
    expect(new Set(marks).size, `${step}: ${marks.join(", ")}`).toBe(marks.length);
  }
});

test("no two marks beside one another on the axis of time are told the same", () => {
  const start = new Date(2026, 2, 1, 11, 0).getTime() / 1000;
  for (const step of timeSteps) expect(timeText(start + step, step), `${step} s`).not.toBe(timeText(start, step));
});

test("a summary says it in words", () => {
  const clock = (t: number) => `${t} s`;
  expect(summary("CPU", [0, 5], [{ label: "web1", values: [10, 30] }], "percent", clock)).toBe("CPU, 0 s to 5 s: web1 least 10 %, average 20 %, most 30 %");
  expect(summary("CPU", [], [], "percent", clock)).toBe("CPU: no samples yet");
  expect(valueText(1536, "rate")).toBe("1.5 KiB/s");
});

test.each([
  [[0, 50, 100], 100, "M0 15L1 8L2 1"],
  [[0, null, 100, 100], 100, "M0 15M2 1L3 1"],
  [[500], 100, "M0 1h0"],
  [[], 100, ""],
  [[NaN, -3], 100, "M1 15h0"],
  [[1, 2], 0, "M0 15L1 15"],
])("sparkline of %j up to %d", (values, max, want) => expect(sparkPath(values, max, 16)).toBe(want));
