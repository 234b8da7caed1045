import { create } from "@bufbuild/protobuf";

import type { GetStatsResponse, HostStats } from "@/gen/limiquantix/v1/metric_pb";
import { GetStatsResponseSchema } from "@/gen/limiquantix/v1/metric_pb";

/** How long figures are kept, in seconds: as long as the API keeps them. */
const KEPT = 3600;
/** Samples that lie further apart, in seconds, have a gap between them: nobody looked. */
const GAP = 30;

function seconds(s: HostStats | undefined): number {
  return s?.time ? Number(s.time.seconds) + s.time.nanos / 1e9 : 0;
}

/** append adds a newer sample to what is known; undefined begins anew. An older one changes nothing. */
export function append(old: GetStatsResponse | undefined, s: HostStats): GetStatsResponse {
  const hosts = old?.hosts ?? [];
  const at = seconds(s);
  if (old && seconds(hosts.at(-1)) >= at) return old;
  return create(GetStatsResponseSchema, { hosts: [...hosts.filter((h) => seconds(h) >= at - KEPT), s] });
}

/** Series is a host's figures over time, as charts want them: columns of the same length; null is a gap. */
export interface Series {
  /** Seconds since 1970. */
  times: number[];
  /** Percent of all its CPUs. */
  cpu: (number | null)[];
  /** Bytes. */
  used: (number | null)[];
  memory: (number | null)[];
}

/** seriesOf makes columns of what is known. */
export function seriesOf(stats: GetStatsResponse | undefined): Series {
  const out: Series = { times: [], cpu: [], used: [], memory: [] };
  const put = (at: number, cpu: number, used: number, memory: number) => {
    out.times.push(at);
    out.cpu.push(cpu >= 0 ? cpu : null);
    out.used.push(used >= 0 ? used : null);
    out.memory.push(memory > 0 ? memory : null);
  };
  for (const s of stats?.hosts ?? []) {
    const last = out.times.at(-1);
    if (last !== undefined && seconds(s) - last > GAP) put(last + 1, -1, -1, -1);
    put(seconds(s), s.cpuPercent, Number(s.memoryUsedBytes), Number(s.memoryBytes));
  }
  return out;
}
