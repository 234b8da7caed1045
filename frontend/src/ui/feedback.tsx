import { CircleAlert, CircleCheck, Info, TriangleAlert, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

import type { Tone } from "./badge";
import { Button } from "./button";
import { cx } from "./cx";

/** A grey shape of the size of what will stand there: nothing moves when it comes. Width and height by className. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cx("block animate-pulse rounded-sm bg-line", className ?? "h-3 w-24")} />;
}

/** What would be here, and the one act that fills it. */
export function EmptyState({ icon: Icon, title, children, action }: {
  icon?: LucideIcon;
  /** "No VMs on kvm1". */
  title: string;
  /** One sentence: what would be here. */
  children?: ReactNode;
  /** A Button. */
  action?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center gap-1 px-6 py-10 text-center">
      {Icon && <Icon size={20} aria-hidden className="mb-1 text-fg-muted" />}
      <p className="text-title font-medium [overflow-wrap:anywhere]">{title}</p>
      {children && <div className="max-w-120 text-fg-secondary">{children}</div>}
      {action && <div className="mt-2">{action}</div>}
    </div>
  );
}

/** What went wrong with one part of a page: the sentence, the hint, the log, again. The rest of the page stays. */
export function ErrorState({ error, onRetry, onLog, retrying = false, compact = false }: {
  error: { message: string; hint?: string };
  onRetry?: () => void;
  /** Shows the log of exact calls. */
  onLog?: () => void;
  retrying?: boolean;
  /** One line, for small panels. */
  compact?: boolean;
}) {
  return (
    <div role="alert" className={cx("flex gap-2", compact ? "items-center px-3 py-1.5" : "flex-col items-center px-6 py-10 text-center")}>
      <CircleAlert size={compact ? 14 : 20} aria-hidden className="shrink-0 text-failed" />
      <div className={cx("min-w-0 [overflow-wrap:anywhere]", compact ? "flex-1" : "max-w-140")}>
        <p className={compact ? "" : "text-title font-medium"}>{error.message}</p>
        {error.hint && <p className="text-table text-fg-secondary">{error.hint}</p>}
      </div>
      {(onRetry || onLog) && (
        <div className="flex shrink-0 gap-2">
          {onLog && (
            <Button size="sm" variant="ghost" onClick={onLog}>
              Show log
            </Button>
          )}
          {onRetry && (
            <Button size="sm" busy={retrying} onClick={onRetry}>
              Try again
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

const alerts: Record<Tone, [LucideIcon, string, string]> = {
  neutral: [Info, "border-line bg-raised", "text-fg-muted"],
  info: [Info, "border-transient/50 bg-transient-soft", "text-transient"],
  good: [CircleCheck, "border-running/50 bg-running-soft", "text-running"],
  warning: [TriangleAlert, "border-warning/50 bg-warning-soft", "text-warning"],
  failed: [CircleAlert, "border-failed/50 bg-failed-soft", "text-failed"],
};

/** A message inside a page or form. `banner`: across the whole width, at the top of the page. */
export function Alert({ tone = "info", title, children, action, banner = false }: {
  tone?: Tone;
  title?: string;
  children?: ReactNode;
  action?: ReactNode;
  banner?: boolean;
}) {
  const [Mark, box, colour] = alerts[tone];
  return (
    <div role={tone === "failed" ? "alert" : "status"} className={cx("flex items-start gap-2 border px-3", box, banner ? "border-x-0 border-t-0 py-1.5" : "rounded-md py-2")}>
      <Mark size={14} aria-hidden className={cx("mt-0.75 shrink-0", colour)} />
      <div className="min-w-0 flex-1 [overflow-wrap:anywhere]">
        {title && <p className="font-medium">{title}</p>}
        {children && <div className={title ? "text-table text-fg-secondary" : ""}>{children}</div>}
      </div>
      {action && <div className="-my-0.5 shrink-0">{action}</div>}
    </div>
  );
}
