import { cx } from "./cx";

/** What a thing's state amounts to; its word says it exactly. */
export type StateKind = "running" | "paused" | "stopped" | "transient" | "warning" | "failed" | "unknown";

/** The text colour of each state, for words beside a shape. */
export const stateText: Record<StateKind, string> = {
  running: "text-running",
  paused: "text-paused",
  stopped: "text-stopped",
  transient: "text-transient",
  warning: "text-warning",
  failed: "text-failed",
  unknown: "text-unknown",
};

/** The shape of a state, 12 px. Decoration beside its word; where there is no room for the word, give `label`. */
export function StateShape({ state, label, className }: { state: StateKind; label?: string; className?: string }) {
  return (
    <svg
      viewBox="0 0 12 12"
      width={12}
      height={12}
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
      className={cx("shrink-0", stateText[state], state === "transient" && "animate-spin", className)}
    >
      <Shape state={state} />
    </svg>
  );
}

function Shape({ state }: { state: StateKind }) {
  const line = { fill: "none", stroke: "currentColor", strokeWidth: 1.6, strokeLinecap: "round" } as const;
  switch (state) {
    case "running":
      return <circle cx="6" cy="6" r="4.5" fill="currentColor" />;
    case "paused":
      return <path d="M3 2h2v8H3zM7 2h2v8H7z" fill="currentColor" />;
    case "stopped":
      return <circle cx="6" cy="6" r="4" {...line} strokeWidth={1.5} />;
    case "transient":
      return (
        <>
          <circle cx="6" cy="6" r="4" {...line} strokeWidth={1.5} />
          <path d="M6 2a4 4 0 0 1 0 8z" fill="currentColor" />
        </>
      );
    case "warning":
      return <path d="M6 1.2 11.3 10.6H.7z" fill="currentColor" strokeLinejoin="round" />;
    case "failed":
      return <path d="m2.5 2.5 7 7m0-7-7 7" {...line} strokeWidth={2} />;
    case "unknown":
      return <path d="M3.6 4a2.4 2.4 0 1 1 3.5 2.1C6.4 6.5 6 6.9 6 7.6M6 10v.1" {...line} />;
  }
}

/** A state: word, shape, colour, in this order of importance. `word` says more than the kind: "shutting down". */
export function StateBadge({ state, word = state, stale = false, className }: {
  state: StateKind;
  word?: string;
  /** Not live: dimmed, never shown as if it were. Put an Age beside it. */
  stale?: boolean;
  className?: string;
}) {
  return (
    <span className={cx("inline-flex min-w-0 items-center gap-1.5", className)}>
      <StateShape state={state} className={stale ? "opacity-55" : undefined} />
      <span className={cx("truncate", stale ? "text-fg-muted" : state === "stopped" ? "text-fg-secondary" : stateText[state])}>{word}</span>
    </span>
  );
}
