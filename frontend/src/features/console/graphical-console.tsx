import { useCallback, useRef, useState } from "react";

import { useStored } from "@/lib/stored";
import type { Scale, ScreenFacts, ScreenHandle } from "./attach-screen";
import { ConsoleBar } from "./console-bar";
import type { ConsoleProps } from "./console-view";
import { Echo } from "@/lib/echo";
import { GraphicalTools, refocus } from "./graphical-tools";
import { PhasePanel } from "./phase-panel";
import { Screen } from "./screen";
import { Stage } from "./stage";
import { TypeDialog } from "./type-dialog";
import { useClipboardSync } from "./use-clipboard-sync";
import { useLine } from "./use-line";

const isScale = (v: unknown) => v === "fit" || v === "whole" || v === "resize";

/** GraphicalConsole is a VM's screen with its bar. */
export function GraphicalConsole(props: ConsoleProps) {
  const { subject, host, uuid, alone } = props;
  const { line, phase } = useLine(`${host}/${uuid}`, "graphical", subject.guest);
  const [echo] = useState(() => new Echo());
  const [handle, setHandle] = useState<ScreenHandle>();
  const [facts, setFacts] = useState<ScreenFacts>();
  const [focused, setFocused] = useState(false);
  const [scale, setScale] = useStored<Scale>("console.scale", "fit", isScale);
  const [viewOnly, setViewOnly] = useState(false);
  const [clipboard, setClipboard] = useState(false);
  const [typing, setTyping] = useState(false);
  const keyboard = useRef<HTMLButtonElement>(null);
  const copied = useClipboardSync(clipboard, handle, focused);
  const release = useCallback(() => {
    handle?.blur();
    keyboard.current?.focus();
  }, [handle]);
  const closeTyping = () => {
    setTyping(false);
    refocus(handle);
  };

  const name = subject.vm?.name ?? uuid;
  const opened = phase.name === "connecting" || phase.name === "live" ? phase.opened : undefined;
  return (
    <>
      <ConsoleBar {...props} kind="graphical" focused={focused} viewOnly={viewOnly} live={phase.name === "live"} echo={echo} onFocus={() => handle?.focus()} keyboard={keyboard}>
        <GraphicalTools
          name={name}
          handle={handle}
          facts={facts}
          scale={scale}
          onScale={setScale}
          viewOnly={viewOnly}
          onViewOnly={setViewOnly}
          clipboard={clipboard}
          onClipboard={setClipboard}
          onType={() => setTyping(true)}
        />
      </ConsoleBar>
      <Stage screen focused={focused} viewOnly={viewOnly} onRelease={release}>
        <Screen
          opened={opened}
          label={`Screen of ${name}`}
          scale={scale}
          viewOnly={viewOnly}
          clipboard={clipboard}
          echo={echo}
          autoFocus={alone}
          onUp={() => line.up()}
          onDown={(o, problem) => line.down(o, problem)}
          onHandle={setHandle}
          onFacts={setFacts}
          onFocus={setFocused}
          onCopied={copied}
        />
        <PhasePanel phase={phase} subject={subject} kind="graphical" onRetry={line.retry} onKind={props.onKind} />
      </Stage>
      {typing && <TypeDialog vm={`${host}/${uuid}`} name={name} onClose={closeTyping} />}
    </>
  );
}
