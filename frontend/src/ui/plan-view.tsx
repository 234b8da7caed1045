import { CircleAlert, Clock, TriangleAlert } from "lucide-react";
import { useState } from "react";

import { Plan_When, type Plan, type Plan_Blocker, type Plan_Step } from "@/gen/limiquantix/v1/error_pb";
import { sentence } from "@/lib/error";
import { Badge } from "./badge";
import { Button } from "./button";
import { Code, CodeBlock } from "./code-block";
import { cx } from "./cx";
import { DiffView } from "./diff-view";

/** PlanView is a plan in full: what stands in the way, what is done step by step, how it is taken back, the same as a command. */
export function PlanView({ plan, onFix }: {
  plan: Plan;
  /** Goes where a blocker can be mended; absent: the fix is only said. */
  onFix?: (blocker: Plan_Blocker) => (() => void) | undefined;
}) {
  return (
    <div className="flex flex-col gap-3">
      {plan.blockers.map((b, i) => (
        <Note key={i} tone="failed" text={sentence(b.text)} hint={b.fix} onFix={onFix?.(b)} />
      ))}
      {plan.warnings.map((w, i) => (
        <Note key={i} tone="warning" text={sentence(w)} />
      ))}
      {plan.steps.length > 0 ? <Steps steps={plan.steps} /> : plan.blockers.length === 0 && <p className="text-fg-secondary">There is nothing to do.</p>}
      {plan.steps.length > 0 && <p className="text-table text-fg-secondary">{plan.undo ? `It can be undone: ${plan.undo}` : "It cannot be undone."}</p>}
      {plan.commandLine && (
        <div className="flex flex-col gap-1">
          <h3 className="text-table font-medium text-fg-secondary">The same on the command line</h3>
          <CodeBlock text={plan.commandLine} label="command line" prompt wrap />
        </div>
      )}
    </div>
  );
}

function Note({ tone, text, hint, onFix }: { tone: "failed" | "warning"; text: string; hint?: string; onFix?: () => void }) {
  const Mark = tone === "failed" ? CircleAlert : TriangleAlert;
  return (
    <div role={tone === "failed" ? "alert" : "note"} className={cx("flex gap-2 rounded-md px-3 py-2", tone === "failed" ? "bg-failed-soft" : "bg-warning-soft")}>
      <Mark size={14} aria-hidden className={cx("mt-1 shrink-0", tone === "failed" ? "text-failed" : "text-warning")} />
      <div className="min-w-0 flex-1 [overflow-wrap:anywhere]">
        <p>{text}</p>
        {hint && <p className="text-table text-fg-secondary">{sentence(hint)}</p>}
      </div>
      {onFix && (
        <Button size="sm" onClick={onFix}>
          Fix
        </Button>
      )}
    </div>
  );
}

function Steps({ steps }: { steps: Plan_Step[] }) {
  const [open, setOpen] = useState(false);
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-center justify-between">
        <h3 className="text-table font-medium text-fg-secondary">{steps.length === 1 ? "One step" : `${steps.length} steps`}</h3>
        <Button size="sm" variant="ghost" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Hide exact calls" : "Show exact calls"}
        </Button>
      </div>
      <ol className="flex flex-col rounded-md border border-line">
        {steps.map((s, i) => (
          <li key={s.id || i} className="flex gap-2 border-line px-3 py-1.5 not-first:border-t">
            <span aria-hidden className="w-4 shrink-0 text-right text-table leading-5 text-fg-muted">{i + 1}</span>
            <div className="flex min-w-0 flex-1 flex-col gap-1">
              <p className={cx("[overflow-wrap:anywhere]", s.done && "text-fg-muted")}>
                {sentence(s.text)}
                {s.when === Plan_When.NEXT_BOOT && (
                  <Badge tone="warning" className="ml-2">
                    <Clock size={10} aria-hidden className="mr-1 inline" />
                    at next boot
                  </Badge>
                )}
                {s.done && <Badge className="ml-2">done already</Badge>}
              </p>
              {open && (
                <p className="text-table text-fg-muted [overflow-wrap:anywhere]">
                  <Code>{s.call}</Code>
                  {s.undo && <> · taken back by: {s.undo}</>}
                </p>
              )}
              {s.diff && <DiffView diff={s.diff} title="XML" />}
            </div>
          </li>
        ))}
      </ol>
    </div>
  );
}
