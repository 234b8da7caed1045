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
import { STEPS, fieldLabel, stepOf } from "./rules";
import type { StepProps } from "./step";

/** usePlan asks what creating the VM would do. It asks for nothing while the form is wrong. */
export function usePlan(draft: Draft, image: StepProps["image"], enabled: boolean) {
  const request = { ...requestOf(draft, imageOn(image, draft.host, draft.pool)), ...PLAN };
  // The password is in the request: nothing of it is kept behind the page.
  const query = useQuery(VMService.method.createVM, request, { enabled, staleTime: 0, gcTime: 0, refetchOnMount: "always" });
  const problem = query.error ? problemOf(query.error) : undefined;
  return { plan: query.data?.plan ?? problem?.plan, problem, isFetching: query.isFetching, refetch: () => void query.refetch() };
}

/** refused is what the server refuses, as fields with a sentence each. */
function refused(problem: Problem): [field: string, text: string][] {
  return [problem, ...(problem.also ?? [])].map((p) => [p.detail.field ?? "", p.message]);
}

/** refusedBy is what the review's plan was refused for, by field. */
export function refusedBy({ problem }: ReturnType<typeof usePlan>): Wrongs {
  return problem ? Object.fromEntries(refused(problem)) : {};
}

/** StepReview is the plan; what is chosen stands beside the steps at the left. */
export function StepReview({ go, wrongs, review }: StepProps & { wrongs: Wrongs; review: ReturnType<typeof usePlan> }) {
  const place = (field: string) => STEPS.findIndex((s) => s.id === stepOf(field));
  const bad = Object.entries(wrongs).sort(([a], [b]) => place(a) - place(b));
  return <div className="max-w-220">{bad.length > 0 ? <Wrong list={bad} go={go} /> : <Plan review={review} go={go} />}</div>;
}

/** Wrong lists what has to be mended first: the field, what is wrong with it, and the way there. */
function Wrong({ list, go }: { list: [field: string, text: string | undefined][]; go: StepProps["go"] }) {
  return (
    <section aria-label="What is missing" className="flex flex-col gap-2">
      <h2 className="font-semibold">Before there can be a plan</h2>
      <ul className="rounded-md border border-line">
        {list.map(([field, text], i) => {
          const step = STEPS.find((s) => s.id === stepOf(field));
          return (
            <li key={i} className="flex items-center gap-3 border-b border-line px-3 py-1.5 last:border-b-0">
              <span className="w-40 shrink-0 font-medium">{fieldLabel(field)}</span>
              <span className="min-w-0 flex-1 [overflow-wrap:anywhere] text-fg-secondary">{text}</span>
              {step && (
                <Button size="sm" onClick={() => go(step.id)}>
                  Go to {step.label.toLowerCase()}
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
  const fields = refused(problem);
  if (fields.every(([field]) => stepOf(field))) return <Wrong list={fields} go={go} />;
  return <ErrorState error={problem} onRetry={retry} retrying={retrying} />;
}
