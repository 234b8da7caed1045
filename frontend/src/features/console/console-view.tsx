import { MonitorX } from "lucide-react";
import { useEffect, useRef } from "react";

import { isFullScreen, setFullScreen } from "@/lib/desktop";
import { cx } from "@/ui/cx";
import { EmptyState } from "@/ui/feedback";
import { useFullScreen } from "./console-bar";
import { FullScreenHint } from "./full-screen-hint";
import { GraphicalConsole } from "./graphical-console";
import { kindOf, useSubject, type Kind, type Subject } from "./guest";
import { SerialConsole } from "./serial-console";

/** ConsoleProps is what both consoles are made from. */
export interface ConsoleProps {
  subject: Subject;
  host: string;
  uuid: string;
  kind: Kind;
  onKind: (k: Kind) => void;
  alone: boolean;
}

/** leaveFullScreen is for when a console is left: the pages around it are no full screen's. */
function leaveFullScreen() {
  if (isFullScreen()) void setFullScreen(false).catch(() => undefined);
}

/** ConsoleView is a VM's console, wherever it stands: screen or serial line, under one thin bar. */
export function ConsoleView({ host, uuid, asked, onKind, alone = false }: {
  host: string;
  uuid: string;
  /** Absent: whichever the VM has. */
  asked: Kind | undefined;
  onKind: (k: Kind) => void;
  /** It is all that its window shows. */
  alone?: boolean;
}) {
  const subject = useSubject(host, uuid, alone);
  const full = useFullScreen();
  useEffect(() => leaveFullScreen, []);
  const kind = kindOf(subject.vm, asked);
  const box = useRef<HTMLElement>(null);
  const was = useRef(kind);
  // The bar of the other kind is another one: who chose it there goes on in it.
  useEffect(() => {
    if (was.current !== kind && document.activeElement === document.body) box.current?.querySelector<HTMLElement>("[role=radio][aria-checked=true]")?.focus();
    was.current = kind;
  }, [kind]);
  if (subject.problem)
    return (
      <EmptyState icon={MonitorX} title={subject.problem.message}>
        {subject.problem.hint || "It was deleted or moved to another host, or its host was removed from limiquantix."}
      </EmptyState>
    );
  const props: ConsoleProps = { subject, host, uuid, kind, onKind, alone };
  // Above the frame of the page in full screen, below dialogs and menus.
  return (
    <section ref={box} aria-label="Console" className={cx("flex flex-col bg-sunken", full ? "fixed inset-0 z-20" : "relative h-full min-h-0")}>
      {!subject.known ? null : kind === "serial" ? <SerialConsole key={`${host}/${uuid}`} {...props} /> : <GraphicalConsole key={`${host}/${uuid}`} {...props} />}
      <FullScreenHint />
    </section>
  );
}
