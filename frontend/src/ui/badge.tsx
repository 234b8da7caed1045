import { X } from "lucide-react";
import type { ReactNode } from "react";

import { cx } from "./cx";

/** How a badge or a message is meant. */
export type Tone = "neutral" | "info" | "good" | "warning" | "failed";

const tones: Record<Tone, string> = {
  neutral: "bg-raised text-fg-secondary",
  info: "bg-transient-soft text-transient",
  good: "bg-running-soft text-running",
  warning: "bg-warning-soft text-warning",
  failed: "bg-failed-soft text-failed",
};

/** One or two words or a number beside something: "template", "3". Never a state: that is StateBadge. */
export function Badge({ tone = "neutral", children, className }: { tone?: Tone; children: ReactNode; className?: string }) {
  return (
    <span className={cx("inline-flex h-4 max-w-full items-center rounded-sm px-1 text-caption font-medium", tones[tone], className)}>
      <span className="name">{children}</span>
    </span>
  );
}

/** A tag that the user gave; with onRemove it can be taken off. */
export function Tag({ name, onRemove }: { name: string; onRemove?: () => void }) {
  return (
    <span className="inline-flex h-5 max-w-48 items-center gap-0.5 rounded-sm border border-line bg-raised px-1.5 text-caption text-fg-secondary">
      <span className="name">{name}</span>
      {onRemove && (
        <button type="button" aria-label={`Remove tag ${name}`} onClick={onRemove} className="-mr-1 rounded-sm p-0.5 text-fg-muted hover:text-fg">
          <X size={11} aria-hidden />
        </button>
      )}
    </span>
  );
}
