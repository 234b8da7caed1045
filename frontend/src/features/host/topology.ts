import type { HostFacts } from "@/gen/limiquantix/v1/host_pb";

/** Topology is how a host's logical CPUs lie. */
export interface Topology {
  sockets: number;
  /** In each socket. */
  cores: number;
  /** In each core. */
  threads: number;
}

/**
 * topologyOf reads a host's facts; undefined when they do not add up to its
 * CPUs. libvirt counts sockets of one NUMA node, so that nodes multiply them,
 * unless the host numbers its nodes otherwise. Source: virNodeGetInfo.
 */
export function topologyOf(f: Pick<HostFacts, "cpus" | "sockets" | "cores" | "threads" | "numaNodes">): Topology | undefined {
  const { sockets, cores, threads } = f;
  const each = sockets * cores * threads;
  if (each <= 0) return undefined;
  if (each === f.cpus) return { sockets, cores, threads };
  return each * f.numaNodes === f.cpus ? { sockets: sockets * f.numaNodes, cores, threads } : undefined;
}

/** MAX_DRAWN is how many threads are drawn one by one; more are only told. */
export const MAX_DRAWN = 512;

/** cpuCount counts the CPUs of a list such as "0-7,16-23"; 0 for what is none. */
export function cpuCount(list: string): number {
  let n = 0;
  for (const part of list.split(",")) {
    const m = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part);
    if (!m) continue;
    n += Math.max(0, Number(m[2] ?? m[1]) - Number(m[1]) + 1);
  }
  return n;
}
