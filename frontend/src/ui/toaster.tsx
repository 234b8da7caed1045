import { CircleAlert, CircleCheck, Info, TriangleAlert, X, type LucideIcon } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";

import { dismiss, noticeStore, type Notice } from "@/lib/notify";
import { Button, IconButton } from "./button";
import { cx } from "./cx";

const marks: Record<Notice["kind"], [LucideIcon, string]> = {
  done: [CircleCheck, "text-running"],
  info: [Info, "text-transient"],
  warning: [TriangleAlert, "text-warning"],
  error: [CircleAlert, "text-failed"],
};

/** How long a notice stays, in ms; longer with Undo. Errors stay until they are dismissed. */
const shownMs = 6000;
const undoMs = 10_000;

export interface ToasterProps {
  /** Undo was pressed on a notice about this task. */
  onUndo: (task: string) => void;
  /** "Show log" was pressed. */
  onLog: (task: string) => void;
}

/** The notices of lib/notify, newest at the bottom; once, beside the routes. Read out politely, errors at once. */
export function Toaster(props: ToasterProps) {
  const list = useSyncExternalStore(noticeStore.subscribe, noticeStore.list);
  return (
    <section aria-label="Notifications" className="pointer-events-none fixed right-3 bottom-10 z-50 in-[:root:has([data-surface-footer])]:bottom-16 flex w-90 max-w-[calc(100vw-24px)] flex-col gap-2">
      <div aria-live="polite" className="contents">
        {list.map((n) => n.kind !== "error" && <Toast key={n.id} notice={n} {...props} />)}
      </div>
      <div aria-live="assertive" className="contents">
        {list.map((n) => n.kind === "error" && <Toast key={n.id} notice={n} {...props} />)}
      </div>
    </section>
  );
}

/** One notice. Stays while the pointer or the focus is on it. */
export function Toast({ notice, onUndo, onLog }: { notice: Notice } & ToasterProps) {
  const [held, setHeld] = useState(false);
  const { id, kind, title, text, task, undo } = notice;
  useEffect(() => {
    if (held || kind === "error") return;
    const timer = setTimeout(() => dismiss(id), undo ? undoMs : shownMs);
    return () => clearTimeout(timer);
  }, [held, id, kind, undo]);
  const [Mark, colour] = marks[kind];
  const hold = { onMouseEnter: () => setHeld(true), onMouseLeave: () => setHeld(false), onFocus: () => setHeld(true), onBlur: () => setHeld(false) };
  const then = (act: (task: string) => void) => () => {
    if (task) act(task);
    dismiss(id);
  };
  return (
    <div {...hold} className="pointer-events-auto flex gap-2 rounded-lg border border-line bg-overlay py-2 pr-1.5 pl-3 shadow-overlay">
      <Mark size={14} aria-hidden className={cx("mt-1 shrink-0", colour)} />
      <div className="min-w-0 flex-1 [overflow-wrap:anywhere]">
        <p className="pt-0.5 font-medium">{title}</p>
        {text && <p className="text-table text-fg-secondary">{text}</p>}
        {task && (
          <div className="mt-1 -ml-2 flex gap-1">
            {undo && (
              <Button size="sm" variant="ghost" title={undo} className="text-accent-fg!" onClick={then(onUndo)}>
                Undo
              </Button>
            )}
            <Button size="sm" variant="ghost" onClick={then(onLog)}>
              Show log
            </Button>
          </div>
        )}
      </div>
      <IconButton icon={X} label="Dismiss" size="sm" onClick={() => dismiss(id)} />
    </div>
  );
}
