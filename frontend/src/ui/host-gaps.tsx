import type { Host } from "@/gen/limiquantix/v1/host_pb";
import type { HostProblem } from "@/gen/limiquantix/v1/vm_pb";
import { plural } from "@/lib/format";
import { unreachable } from "@/lib/vm-state";
import { Alert } from "./feedback";

/** HostGaps says which hosts a list over all of them lacks, and why: their part is not shown, the rest stays usable. */
export function HostGaps({ away, problems, what }: {
  /** Hosts that could not be asked. */
  away: readonly Host[];
  /** Hosts that were asked and did not tell. */
  problems: readonly HostProblem[];
  /** What is missing: "pools". */
  what: string;
}) {
  const lines = [...away.map((h) => unreachable(h) ?? h.name), ...problems.map((p) => `Host ${p.host}: ${p.message}`)];
  const [first] = lines;
  if (!first) return null;
  if (lines.length === 1) return <Alert banner tone="warning">{`${first}. Its ${what} are not shown.`}</Alert>;
  return (
    <Alert banner tone="warning">
      <details>
        <summary>{`The ${what} of ${plural(lines.length, "host")} are not shown`}</summary>
        <ul className="max-h-40 overflow-y-auto py-1 text-table text-fg-secondary">
          {lines.map((l, i) => (
            <li key={i}>{l}</li>
          ))}
        </ul>
      </details>
    </Alert>
  );
}
