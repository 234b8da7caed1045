import { bytes, count, percent, rate } from "@/lib/format";

/** In what a chart's values are counted: bytes, bytes a second, percent (0 to 100), or things. */
export type ChartUnit = "bytes" | "rate" | "percent" | "count";

/** One line of a chart. Values stand beside the chart's times; null is a gap. */
export interface ChartSeries {
  label: string;
  values: readonly (number | null)[];
}

/** A value with its unit. */
export function valueText(value: number, unit: ChartUnit): string {
  return { bytes, rate, percent, count: (n: number) => (Number.isInteger(n) ? count(n) : n.toFixed(1)) }[unit](value);
}

/** Least, mean and greatest of what is shown; undefined when there is nothing. */
export interface Stats {
  min: number;
  avg: number;
  max: number;
}

/** Figures of the values whose time lies within from..to (seconds). */
export function statsOf(times: readonly number[], values: readonly (number | null)[], from = -Infinity, to = Infinity): Stats | undefined {
  let [min, max, sum, n] = [Infinity, -Infinity, 0, 0];
  for (const [i, v] of values.entries()) {
    const t = times[i];
    if (v === null || Number.isNaN(v) || t === undefined || t < from || t > to) continue;
    min = Math.min(min, v);
    max = Math.max(max, v);
    sum += v;
    n++;
  }
  return n === 0 ? undefined : { min, avg: sum / n, max };
}

/**
 * Puts a gap wherever samples are missing: where the time between two is more
 * than 2.5 times the usual, a point without values is put between them, so that no
 * line is drawn over what is not known.
 */
export function withGaps(times: readonly number[], series: readonly (readonly (number | null)[])[]): [number[], ...(number | null)[][]] {
  const steps = times.slice(1).map((t, i) => t - (times[i] ?? t));
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  const outTimes: number[] = [];
  const out: (number | null)[][] = series.map(() => []);
  for (const [i, t] of times.entries()) {
    const last = times[i - 1];
    if (last !== undefined && usual > 0 && t - last > 2.5 * usual) {
      outTimes.push(last + usual);
      for (const o of out) o.push(null);
    }
    outTimes.push(t);
    for (const [s, o] of out.entries()) o.push(series[s]?.[i] ?? null);
  }
  return [outTimes, ...out];
}

/** Steps of an axis: of bytes 1, 2, 4, 8 … KiB, else 0.1, 0.2, 0.5, 1 … None is so small that two values beside one another are told the same. */
export function axisSteps(unit: ChartUnit): number[] {
  if (unit === "bytes" || unit === "rate") return Array.from({ length: 54 }, (_, i) => 2 ** i);
  return Array.from({ length: 14 }, (_, i) => 10 ** (i - 1)).flatMap((p) => [p, 2 * p, 5 * p]);
}

const [minute, hour, day] = [60, 3600, 86_400];

/** Steps of the axis of time, in seconds: from one second on, which timeText tells apart. */
export const timeSteps: number[] = [
  1, 5, 10, 15, 30, minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute,
  hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day, 14 * day,
];

/** What a chart shows, in a sentence, for who can't see it. */
export function summary(title: string, times: readonly number[], series: readonly ChartSeries[], unit: ChartUnit, clock: (t: number) => string): string {
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return `${title}: no samples yet`;
  const parts = series.map((s) => {
    const f = statsOf(times, s.values);
    return f ? `${s.label} least ${valueText(f.min, unit)}, average ${valueText(f.avg, unit)}, most ${valueText(f.max, unit)}` : `${s.label} not known`;
  });
  return `${title}, ${clock(first)} to ${clock(last)}: ${parts.join("; ")}`;
}

const seconds = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const minutes = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const days = new Intl.DateTimeFormat(undefined, { day: "2-digit", month: "short" });

/** A time (seconds since 1970) in the local zone, as exact as a step between two on an axis (seconds). */
export function timeText(t: number, step: number): string {
  return (step < 60 ? seconds : step < 86_400 ? minutes : days).format(new Date(t * 1000));
}
