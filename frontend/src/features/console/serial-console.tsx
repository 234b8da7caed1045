import { useCallback, useRef, useState } from "react";

import type { TerminalHandle } from "@/ui/attach-terminal";
import { ConsoleBar } from "./console-bar";
import type { ConsoleProps } from "./console-view";
import { Echo } from "@/lib/echo";
import { PhasePanel } from "./phase-panel";
import { SerialTools } from "./serial-tools";
import { Stage } from "./stage";
import { SerialTerminal } from "./terminal";
import { useLine } from "./use-line";

/** SerialConsole is a VM's serial line with its bar. What it said stays while the VM is off. */
export function SerialConsole(props: ConsoleProps) {
  const { subject, host, uuid, alone } = props;
  const { line, phase } = useLine(`${host}/${uuid}`, "serial", subject.guest);
  const [echo] = useState(() => new Echo());
  const [handle, setHandle] = useState<TerminalHandle>();
  const [focused, setFocused] = useState(false);
  const [heard, setHeard] = useState(false);
  const [found, setFound] = useState({ at: 0, of: 0 });
  const keyboard = useRef<HTMLButtonElement>(null);
  const release = useCallback(() => {
    handle?.blur();
    keyboard.current?.focus();
  }, [handle]);

  const name = subject.vm?.name ?? uuid;
  const live = phase.name === "live";
  const opened = phase.name === "connecting" || live ? phase.opened : undefined;
  return (
    <>
      <ConsoleBar {...props} kind="serial" focused={focused} viewOnly={false} live={live} echo={echo} onFocus={() => handle?.focus()} keyboard={keyboard}>
        <SerialTools name={name} handle={handle} live={live} found={found} />
      </ConsoleBar>
      <Stage screen={false} focused={focused} viewOnly={false} onRelease={release}>
        <SerialTerminal
          opened={opened}
          label={`Serial console of ${name}`}
          echo={echo}
          autoFocus={alone}
          onUp={() => line.up()}
          onDown={(o) => line.down(o)}
          onHandle={setHandle}
          onHeard={() => setHeard(true)}
          onFocus={setFocused}
          onFound={(at, of) => setFound({ at, of })}
        />
        {live && !heard && <p className="pointer-events-none absolute bottom-3 left-3 text-table text-fg-muted">A serial line shows what the guest writes from now on. Press Enter in it for a prompt.</p>}
        <PhasePanel phase={phase} subject={subject} kind="serial" onRetry={line.retry} onKind={props.onKind} />
      </Stage>
    </>
  );
}
