import { Check } from "lucide-react";

import { cx } from "@/ui/cx";

/** StepsBar tells where one is among a few steps; those before are done. */
export function StepsBar({ steps, at }: { steps: readonly string[]; at: number }) {
  return (
    <ol aria-label="Steps" className="mb-3 flex items-center gap-2 text-table">
      {steps.map((s, i) => (
        <li key={s} aria-current={i === at ? "step" : undefined} className={cx("flex items-center gap-1.5", i === at ? "font-medium text-fg" : "text-fg-muted")}>
          {i > 0 && <span aria-hidden className="h-px w-5 bg-line" />}
          <span
            aria-hidden
            className={cx(
              "grid size-4 place-items-center rounded-full border text-caption",
              i < at ? "border-running text-running" : i === at ? "border-accent-line text-accent-fg" : "border-line-strong",
            )}
          >
            {i < at ? <Check size={10} strokeWidth={3} /> : i + 1}
          </span>
          {s}
          {i < at && <span className="sr-only">, done</span>}
        </li>
      ))}
    </ol>
  );
}
