import type { VMStats } from "@/gen/limiquantix/v1/metric_pb";
import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { bytes, percent, rate } from "@/lib/format";
import { compareWords } from "@/ui/table-order";

/** Figure is what VMs are ranked by. */
export type Figure = "cpu" | "memory" | "disk" | "network";

interface Rank {
  label: string;
  of: (s: VMStats) => number;
  /** What a full bar means; undefined: the highest of those shown. */
  full?: (s: VMStats) => number;
  text: (s: VMStats) => string;
}

/** figures is how each ranking reads and prints. */
export const figures: Record<Figure, Rank> = {
  cpu: { label: "CPU", of: (s) => s.cpuPercent, full: () => 100, text: (s) => percent(s.cpuPercent) },
  memory: { label: "Memory", of: (s) => Number(s.memoryUsedBytes), full: (s) => Number(s.memoryBytes), text: (s) => `${bytes(s.memoryUsedBytes)} of ${bytes(s.memoryBytes)}` },
  disk: { label: "Disk", of: (s) => Number(s.diskReadBytes + s.diskWrittenBytes), text: (s) => rate(s.diskReadBytes + s.diskWrittenBytes) },
  network: { label: "Network", of: (s) => Number(s.netReceivedBytes + s.netSentBytes), text: (s) => rate(s.netReceivedBytes + s.netSentBytes) },
};

/** Consumer is a VM in a ranking. */
export interface Consumer {
  vm: VM;
  text: string;
  /** Length of its bar, 0 to 1. */
  part: number;
}

/** top returns the n VMs that use most of something, the highest first; those that use nothing are left out. */
export function top(vms: readonly VM[], stats: (vm: VM) => VMStats | undefined, figure: Figure, n: number): Consumer[] {
  const rank = figures[figure];
  const known = vms.flatMap((vm) => {
    const s = stats(vm);
    return s && rank.of(s) > 0 ? [{ vm, s, value: rank.of(s) }] : [];
  });
  known.sort((a, b) => b.value - a.value || compareWords(a.vm.name, b.vm.name));
  const highest = known[0]?.value ?? 1;
  return known.slice(0, n).map(({ vm, s, value }) => ({ vm, text: rank.text(s), part: Math.min(1, value / (rank.full?.(s) || highest)) }));
}
