import type { Host } from "@/gen/limiquantix/v1/host_pb";
import type { HostProblem } from "@/gen/limiquantix/v1/vm_pb";
import { plural } from "@/lib/format";
import { unreachable } from "@/lib/vm-state";
import { Alert } from "./feedback";

/** HostGaps says which hosts a list over all of them lacks or has from before, and why: the rest stays usable. */
export function HostGaps({ away, problems, old, what }: {
  /** Hosts that could not be asked. */
  away: readonly Host[];
  /** Hosts that were asked and did not tell. */
  problems: readonly HostProblem[];
  /** Of these, what they told before is shown. */
  old: ReadonlySet<string>;
  /** What is missing: "pools". */
  what: string;
}) {
  const part = (host: string) => (old.has(host) ? `Its ${what} are shown as they were.` : `Its ${what} are not shown.`);
  const lines = [...away.map((h) => `${unreachable(h) ?? h.name}. ${part(h.name)}`), ...problems.map((p) => `Host ${p.host}: ${p.message}. ${part(p.host)}`)];
  const [first] = lines;
  if (!first) return null;
  if (lines.length === 1) return <Alert banner tone="warning">{first}</Alert>;
  return (
    <Alert banner tone="warning">
      <details>
        <summary>{`The ${what} of ${plural(lines.length, "host")} are not shown, or as they were`}</summary>
        <ul className="max-h-40 overflow-y-auto py-1 text-table text-fg-secondary">
          {lines.map((l, i) => (
            <li key={i}>{l}</li>
          ))}
        </ul>
      </details>
    </Alert>
  );
}
