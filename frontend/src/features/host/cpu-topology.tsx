import type { HostFacts } from "@/gen/limiquantix/v1/host_pb";
import { plural } from "@/lib/format";
import { MAX_DRAWN, topologyOf } from "./topology";

/** CPUTopology draws sockets, the cores in them, and the threads of each core. */
export function CPUTopology({ facts }: { facts: HostFacts }) {
  const t = topologyOf(facts);
  if (!t) return <p className="text-fg-secondary">{plural(facts.cpus, "CPU")}; how they lie is not told.</p>;
  const words = `${plural(t.sockets, "socket")} × ${plural(t.cores, "core")} × ${plural(t.threads, "thread")}`;
  return (
    <figure className="flex flex-col gap-2" aria-label={`CPU topology: ${words}`}>
      <figcaption className="flex items-baseline justify-between text-table">
        <span className="text-fg-secondary">{words}</span>
        <span className="text-fg-muted">{plural(facts.cpus, "CPU")}{facts.numaNodes > 1 && ` · ${facts.numaNodes} NUMA nodes`}</span>
      </figcaption>
      {facts.cpus <= MAX_DRAWN && (
        <div aria-hidden className="flex flex-wrap gap-2">
          {Array.from({ length: t.sockets }, (_, s) => (
            <div key={s} className="flex max-w-full flex-wrap gap-1 rounded-sm border border-line-strong/60 p-1.5">
              {Array.from({ length: t.cores }, (_, c) => (
                <span key={c} className="flex gap-px rounded-sm bg-raised p-0.5">
                  {Array.from({ length: t.threads }, (_, n) => (
                    <span key={n} className="h-2.5 w-1.5 rounded-[1px] bg-accent-line" />
                  ))}
                </span>
              ))}
            </div>
          ))}
        </div>
      )}
    </figure>
  );
}
