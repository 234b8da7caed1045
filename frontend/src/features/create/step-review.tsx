import { useQuery } from "@connectrpc/connect-query";

import type { Plan_Blocker } from "@/gen/limiquantix/v1/error_pb";
import { VMService } from "@/gen/limiquantix/v1/vm_pb";
import type { Problem } from "@/lib/error";
import { problemOf } from "@/lib/error";
import { PLAN } from "@/lib/operate";
import { Button } from "@/ui/button";
import { ErrorState, Skeleton } from "@/ui/feedback";
import { PlanView } from "@/ui/plan-view";
import type { Draft } from "./draft";
import { imageOn, requestOf } from "./draft";
import type { Wrongs } from "./rules";
import { STEPS, stepOf } from "./rules";
import type { StepProps } from "./step";

/** usePlan asks what creating the VM would do. It asks for nothing while the form is wrong. */
export function usePlan(draft: Draft, image: StepProps["image"], enabled: boolean) {
  const request = { ...requestOf(draft, imageOn(image, draft.host, draft.pool)), ...PLAN };
  // The password is in the request: nothing of it is kept behind the page.
  const query = useQuery(VMService.method.createVM, request, { enabled, staleTime: 0, gcTime: 0, refetchOnMount: "always" });
  const problem = query.error ? problemOf(query.error) : undefined;
  return { plan: query.data?.plan ?? problem?.plan, problem, isFetching: query.isFetching, refetch: () => void query.refetch() };
}

/** StepReview is the plan; what is chosen stands beside the steps at the left. */
export function StepReview({ go, wrongs, review }: StepProps & { wrongs: Wrongs; review: ReturnType<typeof usePlan> }) {
  const place = (field: string) => STEPS.findIndex((s) => s.id === stepOf(field));
  const bad = Object.entries(wrongs).sort(([a], [b]) => place(a) - place(b));
  return <div className="max-w-220">{bad.length > 0 ? <Wrong list={bad} go={go} /> : <Plan review={review} go={go} />}</div>;
}

function Wrong({ list, go }: { list: [string, string | undefined][]; go: StepProps["go"] }) {
  return (
    <section aria-label="What is missing" className="flex flex-col gap-2">
      <h2 className="font-semibold">Before there can be a plan</h2>
      <ul className="rounded-md border border-line">
        {list.map(([field, text]) => {
          const step = STEPS.find((s) => s.id === stepOf(field));
          return (
            <li key={field} className="flex items-center gap-3 border-b border-line px-3 py-1.5 last:border-b-0">
              <span className="w-36 shrink-0 text-table text-fg-muted">{step?.label ?? field}</span>
              <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">{text}</span>
              {step && (
                <Button size="sm" onClick={() => go(step.id)}>
                  Go there
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Plan({ review, go }: { review: ReturnType<typeof usePlan>; go: StepProps["go"] }) {
  const { plan, problem, isFetching, refetch } = review;
  if (plan)
    return (
      <section aria-label="Plan" aria-busy={isFetching} className="flex min-w-0 flex-col gap-3">
        <h2 className="text-title font-semibold [overflow-wrap:anywhere]">{plan.title}</h2>
        <PlanView plan={plan} onFix={(b) => fix(b, go)} />
      </section>
    );
  if (problem) return <Refused problem={problem} go={go} retry={refetch} retrying={isFetching} />;
  return (
    <div role="status" aria-label="Making the plan" className="flex flex-col gap-3">
      <Skeleton className="h-5 w-64" />
      {Array.from({ length: 4 }, (_, i) => (
        <Skeleton key={i} className="h-9 w-full" />
      ))}
    </div>
  );
}

function fix(b: Plan_Blocker, go: StepProps["go"]) {
  const step = stepOf(b.field);
  return step && (() => go(step));
}

function Refused({ problem, go, retry, retrying }: { problem: Problem; go: StepProps["go"]; retry: () => void; retrying: boolean }) {
  const step = stepOf(problem.detail.field ?? "");
  return (
    <div className="flex flex-col items-center">
      <ErrorState error={problem} onRetry={retry} retrying={retrying} />
      {step && (
        <Button size="sm" onClick={() => go(step)}>
          Go to {STEPS.find((s) => s.id === step)?.label.toLowerCase()}
        </Button>
      )}
    </div>
  );
}
