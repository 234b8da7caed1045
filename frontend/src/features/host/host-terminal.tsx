import { SquareTerminal } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import type { Host } from "@/gen/limiquantix/v1/host_pb";
import { HostOSService } from "@/gen/limiquantix/v1/hostos_pb";
import { client, consoleSocket } from "@/lib/api";
import { Echo } from "@/lib/echo";
import { problemOf, type Problem } from "@/lib/error";
import { unreachable } from "@/lib/vm-state";
import type { TerminalHandle } from "@/ui/attach-terminal";
import { Button } from "@/ui/button";
import { EmptyState, ErrorState } from "@/ui/feedback";
import { StateBadge } from "@/ui/state";
import { useTheme } from "@/ui/theme";

type Phase = { name: "opening" } | { name: "live" } | { name: "ended" } | { name: "failed"; problem: Problem };

/** After so long without another, a new size is told to the host, in ms. */
const SETTLED_MS = 150;

/** HostTerminal is a login shell on a host. It is closed when one leaves the tab. */
export function HostTerminal({ host }: { host: Host }) {
  const away = unreachable(host);
  const [round, setRound] = useState(0);
  const [phase, setPhase] = useState<Phase>({ name: "opening" });
  if (away && phase.name === "opening") return <EmptyState icon={SquareTerminal} title="No terminal now">{away}. A terminal can be opened when it is live.</EmptyState>;
  if (phase.name === "failed")
    return <ErrorState error={phase.problem} onRetry={() => { setPhase({ name: "opening" }); setRound(round + 1); }} />;
  return (
    <div className="flex h-full min-h-0 flex-col bg-sunken">
      <div className="flex h-9 shrink-0 items-center gap-3 border-b border-line bg-panel px-3 text-table">
        <StateBadge state={phase.name === "live" ? "running" : phase.name === "opening" ? "transient" : "stopped"} word={phase.name === "live" ? "open" : phase.name === "opening" ? "opening" : "closed"} />
        <span className="truncate text-fg-muted">A login shell over the host’s one SSH connection. It closes when you leave this tab. That it was open is kept in the audit; what is typed is not.</span>
        {phase.name === "ended" && (
          <Button size="sm" className="ml-auto" disabledReason={away} onClick={() => { setPhase({ name: "opening" }); setRound(round + 1); }}>Open again</Button>
        )}
      </div>
      <Shell key={round} host={host} onPhase={setPhase} />
    </div>
  );
}

function Shell({ host, onPhase }: { host: Host; onPhase: (p: Phase) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const [handle, setHandle] = useState<TerminalHandle>();
  const theme = useTheme();
  const { id, name } = host;
  useEffect(() => (box.current ? open(box.current, id, name, onPhase, setHandle) : undefined), [id, name, onPhase]);
  useEffect(() => void handle?.recolour(), [handle, theme]);
  return (
    <div className="relative min-h-0 flex-1">
      <div ref={box} data-keys="own" role="region" aria-label={`Terminal on ${name}`} className="absolute inset-0 p-1.5" />
    </div>
  );
}

/** open makes a terminal in target and connects it; what it returns closes both. */
function open(target: HTMLElement, host: string, name: string, tell: (p: Phase) => void, show: (h: TerminalHandle | undefined) => void): () => void {
  const leave = new AbortController();
  let handle: TerminalHandle | undefined;
  let terminal = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const resize = (rows: number, columns: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => terminal && void client(HostOSService).resizeTerminal({ terminal, rows, columns }, { signal: leave.signal }).catch(() => undefined), SETTLED_MS);
  };
  const start = async () => {
    const { attachTerminal } = await import("@/ui/attach-terminal");
    if (leave.signal.aborted) return;
    handle = attachTerminal(target, `Terminal on ${name}`, new Echo(), {
      up: () => {
        tell({ name: "live" });
        const size = handle?.size();
        if (size) resize(size.rows, size.columns); // it may have changed while the ticket was on its way
        handle?.focus();
      },
      down: () => {
        terminal = "";
        tell({ name: "ended" });
      },
      heard: () => undefined,
      focus: () => undefined,
      found: () => undefined,
      resized: resize,
    });
    show(handle);
    await new Promise(requestAnimationFrame); // it has its size then
    const { rows, columns } = handle.size();
    const opened = await client(HostOSService).openTerminal({ host, rows, columns }, { signal: leave.signal });
    terminal = opened.terminal;
    handle.connect({ ...consoleSocket(opened.ticket), password: "" });
  };
  start().catch((e: unknown) => !leave.signal.aborted && tell({ name: "failed", problem: problemOf(e) }));
  return () => {
    leave.abort();
    clearTimeout(timer);
    handle?.dispose();
    show(undefined);
  };
}
