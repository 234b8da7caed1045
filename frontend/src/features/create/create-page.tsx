import { useNavigate, useSearch } from "@tanstack/react-router";
import { MonitorUp } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import type { Task } from "@/gen/limiquantix/v1/task_pb";
import { VMService } from "@/gen/limiquantix/v1/vm_pb";
import { client } from "@/lib/api";
import { plural } from "@/lib/format";
import { notify } from "@/lib/notify";
import { operate } from "@/lib/operate";
import { Button } from "@/ui/button";
import { Alert } from "@/ui/feedback";
import { PageHeader } from "@/ui/page-header";
import { allWrongs, imageOf } from "./complete";
import { Creating } from "./creating";
import { imageOn, requestOf } from "./draft";
import type { StepId } from "./rules";
import { STEPS, stepOf } from "./rules";
import type { StepProps } from "./step";
import { StepCloudInit } from "./step-cloud-init";
import { StepImage } from "./step-image";
import { StepNav } from "./step-nav";
import { StepNetwork } from "./step-network";
import { StepOptions } from "./step-options";
import { StepPlace } from "./step-place";
import { StepReview, refusedBy, usePlan } from "./step-review";
import { StepSize } from "./step-size";
import { summaryOf } from "./summary";
import { useAround, useDraft } from "./use-draft";

/** CreatePage is the wizard that makes a VM: one page, its steps at the left, and at the end the plan. */
export function CreatePage() {
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const { around, pools, images } = useAround();
  const { draft, set, reset, kept } = useDraft(around, search);
  const [left, setLeft] = useState<ReadonlySet<StepId>>(new Set());
  const [begun, setBegun] = useState<Task>();
  const [sending, setSending] = useState(false);
  const image = imageOf(draft, around);
  const at = STEPS.find((s) => s.id === search.step)?.id ?? "image";
  const wrongs = images.isPending || pools.isPending ? {} : allWrongs(draft, around);
  const right = Object.keys(wrongs).length === 0 && !images.isPending && !pools.isPending;
  const review = usePlan(draft, image, at === "review" && right && begun === undefined && !sending);
  const heading = useFocusOn(at);

  const go = (step: StepId) => {
    setLeft(step === "review" ? new Set(STEPS.map((s) => s.id)) : new Set([...left, at]));
    void navigate({ to: "/create", search: (s) => ({ ...s, step }) });
  };
  const wrong = (field: string) => {
    const step = stepOf(field);
    return (step && left.has(step)) || typed(field, draft.name) ? wrongs[field] : undefined;
  };
  const send = async () => {
    setSending(true);
    const request = requestOf(draft, imageOn(image, draft.host, draft.pool));
    await operate({ direct: true, shown: review.plan, call: (ask) => client(VMService).createVM({ ...request, ...ask }), begun: setBegun });
    setSending(false);
  };
  const over = () => {
    reset();
    setLeft(new Set());
    void navigate({ to: "/create", search: {} });
  };
  const cancel = () => {
    if (kept()) notify({ kind: "info", title: "Nothing was created", text: "What you filled in is kept: Create VM goes on with it, Start over forgets it." });
    void (search.host ? navigate({ to: "/hosts/$host/{-$tab}", params: { host: search.host } }) : navigate({ to: "/vms" }));
  };
  const step: StepProps = { draft, set, wrong, around, image, go };
  const current = STEPS.findIndex((s) => s.id === at);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader icon={MonitorUp} name="Create a VM" primary={<Button onClick={over} disabledReason={begun ? "It is being made" : undefined}>Start over</Button>} />
      {begun ? (
        <div className="min-h-0 flex-1 overflow-y-auto px-6 py-4">
          <Creating begun={begun} name={draft.name} onBack={() => setBegun(undefined)} onDone={reset} />
        </div>
      ) : (
        <div className="flex min-h-0 flex-1">
          <StepNav at={at} left={left} wrongs={{ ...refusedBy(review), ...wrongs }} summary={(s) => summaryOf(s, draft, image)} onGo={go} />
          <div className="flex min-h-0 min-w-0 flex-1 flex-col">
            <div className="min-h-0 flex-1 overflow-y-auto px-6 py-4">
              <h2 ref={heading} tabIndex={-1} className="mb-3 text-title font-semibold outline-none">{STEPS[current]?.label}</h2>
              {(at === "image" || at === "place") && <Away hosts={images.away.length} />}
              {at === "image" && <StepImage {...step} stock={images} />}
              {at === "place" && <StepPlace {...step} stock={pools} />}
              {at === "size" && <StepSize {...step} />}
              {at === "network" && <StepNetwork {...step} />}
              {at === "cloud-init" && <StepCloudInit {...step} />}
              {at === "options" && <StepOptions {...step} />}
              {at === "review" && <StepReview {...step} wrongs={wrongs} review={review} />}
            </div>
            <footer className="flex items-center justify-end gap-2 border-t border-line bg-panel px-6 py-2.5">
              <Button variant="ghost" className="mr-auto" onClick={cancel}>Cancel</Button>
              <Button disabledReason={current === 0 ? "This is the first step" : undefined} onClick={() => go(STEPS[current - 1]?.id ?? "image")}>Back</Button>
              {at !== "review" && <Button variant="primary" onClick={() => go(STEPS[current + 1]?.id ?? "review")}>Next</Button>}
              {at === "review" && (
                <Button variant="primary" busy={sending} disabledReason={whyNot(right, review)} onClick={() => void send()}>
                  <span className="name max-w-80">Create {draft.name || "VM"}</span>
                </Button>
              )}
            </footer>
          </div>
        </div>
      )}
    </div>
  );
}

/** What was typed is judged at once; what was not chosen yet, once its step was left. */
function typed(field: string, name: string): boolean {
  if (["image", "host", "pool"].includes(field)) return false;
  return field !== "name" || name !== "";
}

function whyNot(right: boolean, review: ReturnType<typeof usePlan>): string | undefined {
  if (!right) return "Something is missing: see the list";
  if (review.plan && review.plan.blockers.length > 0) return "Something blocks it: see the plan";
  return review.plan && !review.problem ? undefined : "There is no plan yet";
}

/** A new step begins at its heading, for keyboards and screen readers; not the first one on arrival. */
function useFocusOn(at: StepId) {
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(at);
  useEffect(() => {
    if (before.current !== at && !heading.current?.parentElement?.contains(document.activeElement)) heading.current?.focus();
    before.current = at;
  }, [at]);
  return heading;
}

function Away({ hosts }: { hosts: number }) {
  if (hosts === 0) return null;
  return (
    <div className="mb-3">
      <Alert tone="warning">{plural(hosts, "host")} cannot be asked now: what is on {hosts === 1 ? "it" : "them"} is not shown.</Alert>
    </div>
  );
}
