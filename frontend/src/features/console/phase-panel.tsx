import { CircleCheck, PlugZap, Power } from "lucide-react";
import { useEffect, useState } from "react";

import { vmActions } from "@/lib/vm-actions";
import { vmState } from "@/lib/vm-state";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/feedback";
import { StateShape } from "@/ui/state";
import type { Kind, Subject } from "./guest";
import type { Phase } from "./line";

/** What stands over a console that does not show the guest now: why, and what to do. */
export function PhasePanel({ phase, subject, kind, onRetry, onKind }: {
  phase: Phase;
  subject: Subject;
  kind: Kind;
  onRetry: () => void;
  onKind: (k: Kind) => void;
}) {
  const back = useBack(phase);
  if (phase.name === "live") return back ? <BackAgain /> : <span role="status" className="sr-only">Connected</span>;
  return (
    <div role="status" aria-live="polite" className="pointer-events-none absolute inset-0 grid place-items-center overflow-auto p-4">
      <div className="pointer-events-auto max-w-140 rounded-lg border border-line bg-overlay shadow-overlay">
        <Inside phase={phase} subject={subject} kind={kind} onRetry={onRetry} onKind={onKind} />
      </div>
    </div>
  );
}

function Inside({ phase, subject, kind, onRetry, onKind }: Parameters<typeof PhasePanel>[0]) {
  const name = subject.vm?.name ?? "the VM";
  switch (phase.name) {
    case "off":
      return <Off subject={subject} />;
    case "away":
      return <Message icon="failed" title={phase.why} text="The console is opened as soon as the host is connected." />;
    case "waiting":
      return <Waiting phase={phase} onRetry={onRetry} />;
    case "failed": {
      const other = kind === "graphical" ? "serial" : "graphical";
      return (
        <>
          <ErrorState error={phase.problem} onRetry={onRetry} />
          <div className="-mt-7 flex justify-center pb-5">
            <Button size="sm" variant="ghost" onClick={() => onKind(other)}>
              {other === "serial" ? "Open the serial console" : "Open the screen"}
            </Button>
          </div>
        </>
      );
    }
    default:
      return <Message icon="transient" title={`Connecting to ${name}`} />;
  }
}

function Message({ icon, title, text, action }: { icon: "transient" | "failed" | "stopped" | "warning"; title: string; text?: string; action?: React.ReactNode }) {
  return (
    <div className="flex items-start gap-3 px-4 py-3">
      <span className="flex h-5 items-center">
        <StateShape state={icon} />
      </span>
      <div className="min-w-0">
        <p className="[overflow-wrap:anywhere]">{title}</p>
        {text && <p className="text-table text-fg-secondary [overflow-wrap:anywhere]">{text}</p>}
      </div>
      {action && <div className="ml-2 shrink-0">{action}</div>}
    </div>
  );
}

function Off({ subject }: { subject: Subject }) {
  const { vm, host } = subject;
  if (!vm) return <Message icon="stopped" title="The VM does not run" />;
  const { kind, word } = vmState(vm);
  const start = vmActions(vm, host).find((a) => a.id === (kind === "paused" ? "resume" : "start"));
  return (
    <div className="flex flex-col items-center gap-1 px-8 py-6 text-center">
      <Power size={20} aria-hidden className="mb-1 text-fg-muted" />
      <p className="max-w-120 text-title font-medium">
        <bdi className="[overflow-wrap:anywhere]">{vm.name}</bdi> is {word}
      </p>
      <p className="text-fg-secondary">Its console is shown here as soon as it runs.</p>
      {start && (
        <Button className="mt-2" variant="primary" onClick={start.run} disabledReason={start.disabled}>
          {start.label}
        </Button>
      )}
    </div>
  );
}

function Waiting({ phase, onRetry }: { phase: Extract<Phase, { name: "waiting" }>; onRetry: () => void }) {
  const seconds = useSecondsUntil(phase.until);
  const title = phase.problem?.message ?? "The connection to the console was lost";
  const when = seconds > 0 ? `It is tried again in ${seconds} s.` : "It is tried again now.";
  const text = phase.problem?.hint ? `${phase.problem.hint}. ${when}` : when;
  return <Message icon="warning" title={title} text={text} action={<Button size="sm" icon={PlugZap} onClick={onRetry}>Try now</Button>} />;
}

function useSecondsUntil(at: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.ceil((at - now) / 1000));
}

/** How long it is told that a lost console is back. */
const BACK_MS = 2500;

/** useBack is true for a moment after a console that was lost is live again. */
function useBack(phase: Phase): boolean {
  const [lost, setLost] = useState(false);
  const live = phase.name === "live";
  if (!live && !lost && (phase.name === "waiting" || phase.name === "away" || phase.name === "off")) setLost(true);
  useEffect(() => {
    if (!live || !lost) return;
    const timer = setTimeout(() => setLost(false), BACK_MS);
    return () => clearTimeout(timer);
  }, [live, lost]);
  return live && lost;
}

function BackAgain() {
  return (
    <div role="status" className="pointer-events-none absolute inset-x-0 top-3 flex justify-center">
      <span className="flex items-center gap-1.5 rounded-full border border-line bg-overlay px-3 py-1 text-table shadow-overlay">
        <CircleCheck size={13} aria-hidden className="text-running" />
        Connected again
      </span>
    </div>
  );
}
