import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";

import type { GetStatsResponse, VMStats } from "@/gen/limiquantix/v1/metric_pb";
import { GetStatsResponseSchema } from "@/gen/limiquantix/v1/metric_pb";

/** How long figures are kept: as long as the API keeps them. */
const KEPT_MS = 3_600_000;

/** append adds a newer sample to what is known; undefined begins anew. */
export function append(old: GetStatsResponse | undefined, v: VMStats, atMs: number): GetStatsResponse {
  const times = old?.times ?? [];
  const last = times.at(-1);
  if (old && last && seconds(last) * 1000 >= atMs - 500) return old;
  let from = 0;
  while (from < times.length && seconds(times[from]) * 1000 < atMs - KEPT_MS) from++;
  return create(GetStatsResponseSchema, { vms: [...(old?.vms ?? []).slice(from), v], times: [...times.slice(from), timestampFromMs(atMs)] });
}

function seconds(t: { seconds: bigint; nanos: number } | undefined): number {
  return t ? Number(t.seconds) + t.nanos / 1e9 : 0;
}

/** Column is one figure over time; null: a gap. */
export type Column = (number | null)[];

/** Series is a VM's figures over time, as charts want them: seconds since 1970, and columns of the same length. */
export interface Series {
  times: number[];
  /** Percent of its own vCPUs. */
  cpu: Column;
  /** Bytes. */
  memoryUsed: Column;
  memory: Column;
  /** Bytes a second. */
  read: Column;
  written: Column;
  received: Column;
  sent: Column;
}

const FIGURES: { key: Exclude<keyof Series, "times">; of: (v: VMStats) => number }[] = [
  { key: "cpu", of: (v) => v.cpuPercent },
  { key: "memoryUsed", of: (v) => Number(v.memoryUsedBytes) },
  { key: "memory", of: (v) => Number(v.memoryBytes) },
  { key: "read", of: (v) => Number(v.diskReadBytes) },
  { key: "written", of: (v) => Number(v.diskWrittenBytes) },
  { key: "received", of: (v) => Number(v.netReceivedBytes) },
  { key: "sent", of: (v) => Number(v.netSentBytes) },
];

/** seriesOf makes columns of what is known; a value below zero is unknown, a gap. */
export function seriesOf(stats: GetStatsResponse | undefined): Series {
  const out: Series = { times: [], cpu: [], memoryUsed: [], memory: [], read: [], written: [], received: [], sent: [] };
  stats?.vms.forEach((v, i) => {
    out.times.push(seconds(stats.times[i]));
    for (const f of FIGURES) {
      const n = f.of(v);
      out[f.key].push(n >= 0 ? n : null);
    }
  });
  return out;
}
