import type { VMStats } from "@/gen/limiquantix/v1/metric_pb";
import { bytes, percent, rate } from "@/lib/format";
import { stats, useVMStats } from "@/lib/stats";
import { Sparkline } from "@/ui/sparkline";

// Each of these subscribes to one VM by itself: when its figures move, this
// cell is rendered, not its row and not the table.

interface CellProps {
  /** "host/uuid". */
  id: string;
  /** What was last heard is no figure of now. */
  stale: boolean;
}

/** Samples that a sparkline shows: three minutes. */
const TRAIL = 36;

const unknown = <span className="text-fg-muted">–</span>;

/** CPUCell is the load of a VM's own vCPUs: how it went, and now. */
export function CPUCell({ id, stale }: CellProps) {
  const s = useVMStats(id);
  if (!s || stale || s.cpuPercent < 0) return unknown;
  return (
    <>
      <Sparkline values={stats().vmTrail(id).slice(-TRAIL)} slots={TRAIL} max={100} width={56} />
      <span className="w-11 shrink-0 text-right">{percent(s.cpuPercent)}</span>
    </>
  );
}

/** MemoryCell is what the guest uses of its memory. */
export function MemoryCell(props: CellProps) {
  return <Figure {...props} of={(s) => Number(s.memoryUsedBytes)} unit={bytes} />;
}

/** DiskCell is what it reads and writes together. */
export function DiskCell(props: CellProps) {
  return <Figure {...props} of={(s) => sum(s.diskReadBytes, s.diskWrittenBytes)} unit={rate} />;
}

/** NetCell is what it receives and sends together. */
export function NetCell(props: CellProps) {
  return <Figure {...props} of={(s) => sum(s.netReceivedBytes, s.netSentBytes)} unit={rate} />;
}

function Figure({ id, stale, of, unit }: CellProps & { of: (s: VMStats) => number; unit: (n: number) => string }) {
  const s = useVMStats(id);
  const n = s && !stale ? of(s) : -1;
  return n < 0 ? unknown : unit(n);
}

function sum(a: bigint, b: bigint): number {
  return a < 0n || b < 0n ? -1 : Number(a + b);
}
