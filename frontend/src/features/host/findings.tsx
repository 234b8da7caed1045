import { useQuery } from "@connectrpc/connect-query";

import { Finding_Level, HostService } from "@/gen/limiquantix/v1/host_pb";
import type { Finding } from "@/gen/limiquantix/v1/host_pb";
import { problemOf } from "@/lib/error";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy-button";
import { ErrorState, Skeleton } from "@/ui/feedback";
import type { StateKind } from "@/ui/state";
import { StateShape } from "@/ui/state";
import { mend } from "./mend";
import type { Target } from "./obstacle-view";

const LEVELS: Record<Finding_Level, { kind: StateKind; word: string; order: number }> = {
  [Finding_Level.FAIL]: { kind: "failed", word: "Must be mended", order: 0 },
  [Finding_Level.WARN]: { kind: "warning", word: "Works, with less", order: 1 },
  [Finding_Level.OK]: { kind: "running", word: "Fine", order: 2 },
  [Finding_Level.UNSPECIFIED]: { kind: "unknown", word: "Not known", order: 3 },
};

/** Findings examines a host, which changes nothing on it, and shows what was found: the worst first. */
export function Findings({ target, quiet = false }: { target: Target; /** Without the verdict on top. */ quiet?: boolean }) {
  const check = useQuery(HostService.method.checkHost, target, { staleTime: 60_000, gcTime: 0 });
  if (check.isPending) return <Waiting />;
  if (check.error) return <ErrorState error={problemOf(check.error)} onRetry={() => void check.refetch()} retrying={check.isFetching} />;
  const findings = [...check.data.findings].sort((a, b) => LEVELS[a.level].order - LEVELS[b.level].order);
  return (
    <div className="flex flex-col gap-2">
      {!quiet && (
        <div className="flex min-h-6 items-center gap-2">
          <StateShape state={verdict(findings).kind} />
          <p className="flex-1 font-medium">{verdict(findings).text}</p>
          {wanting(findings) && (
            <Button size="sm" onClick={() => mend(target)}>
              Mend…
            </Button>
          )}
          <Button size="sm" busy={check.isFetching} onClick={() => void check.refetch()}>
            Check again
          </Button>
        </div>
      )}
      <ul aria-label="Findings" className="rounded-md border border-line">
        {findings.map((f, i) => (
          <Line key={i} finding={f} />
        ))}
      </ul>
      {quiet && wanting(findings) && (
        <div>
          <Button size="sm" onClick={() => mend(target)}>
            Mend…
          </Button>
        </div>
      )}
    </div>
  );
}

/** wanting tells whether something was found that a plan may mend. */
function wanting(findings: readonly Finding[]): boolean {
  return findings.some((f) => f.level === Finding_Level.FAIL || f.level === Finding_Level.WARN);
}

/** verdict sums findings up in a sentence. */
export function verdict(findings: readonly Finding[]): { kind: StateKind; text: string } {
  const count = (l: Finding_Level) => findings.filter((f) => f.level === l).length;
  const fails = count(Finding_Level.FAIL);
  const warns = count(Finding_Level.WARN);
  if (fails > 0) return { kind: "failed", text: `Not ready: ${plural(fails, "thing")} must be mended first` };
  if (warns > 0) return { kind: "warning", text: `Ready, with ${plural(warns, "limitation")}` };
  return { kind: "running", text: "Ready for everything" };
}

function Line({ finding: f }: { finding: Finding }) {
  const level = LEVELS[f.level];
  return (
    <li className="flex items-start gap-2.5 border-b border-line px-3 py-1.5 last:border-b-0">
      <StateShape state={level.kind} label={level.word} className="mt-1" />
      <span className="w-20 shrink-0 text-table leading-5 text-fg-muted">{f.check}</span>
      <div className="min-w-0 flex-1 [overflow-wrap:anywhere]">
        <p>{f.text}</p>
        {f.fix && (
          <p className="flex items-start gap-1 text-table text-fg-secondary">
            <span className="min-w-0 flex-1">
              <span className="text-fg-muted">To mend it: </span>
              {f.fix}
            </span>
            <CopyButton text={f.fix} label="Copy how to mend it" />
          </p>
        )}
      </div>
    </li>
  );
}

function Waiting() {
  return (
    <div role="status" aria-label="Checking the host" className="flex flex-col gap-2">
      <p className="min-h-6 text-fg-secondary">Checking: nothing is changed on the host …</p>
      <div className="rounded-md border border-line">
        {Array.from({ length: 8 }, (_, i) => (
          <div key={i} className="flex h-8 items-center gap-2.5 border-b border-line px-3 last:border-b-0">
            <Skeleton className="size-3 rounded-full" />
            <Skeleton className="h-3 w-16" />
            <Skeleton className={i % 2 ? "h-3 w-64" : "h-3 w-48"} />
          </div>
        ))}
      </div>
    </div>
  );
}
