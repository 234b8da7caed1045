import { Check, CircleAlert } from "lucide-react";

import { cx } from "@/ui/cx";
import type { StepId, Wrongs } from "./rules";
import { STEPS, stepOf } from "./rules";

/** Mark is how a step stands: nothing is said of one that was not seen yet. */
type Mark = "open" | "done" | "wrong";

/** markOf is how a step is marked. */
export function markOf(step: StepId, left: ReadonlySet<StepId>, wrongs: Wrongs): Mark {
  const bad = Object.keys(wrongs).some((f) => stepOf(f) === step);
  if (!left.has(step)) return "open";
  return bad ? "wrong" : "done";
}

/** StepNav is the steps at the left: all of them can be gone to at any time, nothing is lost. */
export function StepNav({ at, left, wrongs, summary, onGo }: {
  at: StepId;
  /** Steps that were left once. */
  left: ReadonlySet<StepId>;
  wrongs: Wrongs;
  summary: (step: StepId) => string;
  onGo: (step: StepId) => void;
}) {
  return (
    <nav aria-label="Steps" className="w-56 shrink-0 overflow-y-auto border-r border-line bg-panel py-2">
      <ol>
        {STEPS.map((s, i) => {
          const mark = s.id === "review" ? "open" : markOf(s.id, left, wrongs);
          return (
            <li key={s.id}>
              <button
                type="button"
                aria-current={s.id === at ? "step" : undefined}
                onClick={() => onGo(s.id)}
                className={cx("relative flex w-full items-start gap-2.5 px-3 py-1.5 text-left -outline-offset-2!", s.id === at ? "bg-accent-soft" : "hover:bg-raised")}
              >
                <Number n={i + 1} mark={mark} here={s.id === at} />
                <span className="min-w-0 flex-1">
                  <span className={cx("block", s.id === at ? "font-medium text-fg" : "text-fg-secondary")}>{s.label}</span>
                  <bdi className="name block h-4 text-table text-fg-muted">{summary(s.id)}</bdi>
                </span>
                {mark !== "open" && <span className="sr-only">{mark === "done" ? "complete" : "needs attention"}</span>}
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

function Number({ n, mark, here }: { n: number; mark: Mark; here: boolean }) {
  if (mark === "wrong") return <CircleAlert size={18} aria-hidden className="mt-px shrink-0 text-failed" />;
  const ring = mark === "done" ? "border-running text-running" : here ? "border-accent-line text-accent-fg" : "border-line-strong text-fg-muted";
  return (
    <span aria-hidden className={cx("mt-px grid size-4.5 shrink-0 place-items-center rounded-full border text-caption", ring)}>
      {mark === "done" ? <Check size={11} strokeWidth={3} /> : n}
    </span>
  );
}
