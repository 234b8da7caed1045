import { closeSheet, confirmSheet, leaveSheet, operate, useSheet, type Sheet as Open } from "@/lib/operate";
import { sentence } from "@/lib/error";
import { Button } from "@/ui/button";
import { Sheet } from "@/ui/dialog";
import { ErrorState, Skeleton } from "@/ui/feedback";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { PlanView } from "@/ui/plan-view";
import { useTyped } from "./use-typed";

/** PlanSheet shows what a change would do, before it is done: the one way to every change that is not trivial. */
export function PlanSheet() {
  const sheet = useSheet();
  return sheet ? <Shown key={sheet.request.act} sheet={sheet} /> : null;
}

function Shown({ sheet }: { sheet: Open }) {
  const { request, plan, problem, sending } = sheet;
  const [typed, setTyped] = useTyped(plan?.digest);
  const blocked = (plan?.blockers.length ?? 0) > 0;
  const unsure = request.typed !== undefined && plan?.destructive && typed !== request.typed;
  const title = plan ? sentence(plan.title) : (request.act ?? "Change");
  const passed = problem?.code === "conflict" ? request.passed : undefined;
  const nothing = plan !== undefined && plan.steps.length === 0;
  return (
    <Sheet open onClose={closeSheet} title={title} description={plan ? summary(plan.steps.length, plan.host, nothing) : undefined} footer={
      <>
        <Button onClick={closeSheet} disabled={sending}>{nothing || blocked ? "Close" : "Cancel"}</Button>
        {plan && !blocked && !nothing && (
          <Button variant={plan.destructive || request.danger ? "danger" : "primary"} busy={sending} disabledReason={unsure ? `Type ${request.typed} above first` : undefined} onClick={() => void confirmSheet()}>
            {request.act ?? title}
          </Button>
        )}
        {!plan && problem && (
          passed ? <Button variant="primary" onClick={() => leaveSheet(passed)}>{passed.label}</Button> : <Button variant="primary" onClick={() => void operate(request)}>Try again</Button>
        )}
      </>
    }>
      <div className="flex flex-col gap-3">
        {problem && !blocked && <ErrorState error={problem} />}
        {problem?.detail.diff && <Changed diff={problem.detail.diff} />}
        {!plan && !problem && <Waiting />}
        {plan && <PlanView plan={plan} />}
        {plan?.destructive && !blocked && request.typed !== undefined && (
          <Field label={`Type ${request.typed} to go on`}>
            <Input mono value={typed} onChange={(e) => setTyped(e.target.value)} />
          </Field>
        )}
      </div>
    </Sheet>
  );
}

function summary(steps: number, host: string, nothing: boolean): string | undefined {
  if (nothing) return host ? `On host ${host}` : undefined;
  const what = steps === 1 ? "One step" : `${steps} steps`;
  return host ? `${what} on host ${host}. Nothing has been done yet.` : `${what}. Nothing has been done yet.`;
}

function Changed({ diff }: { diff: string }) {
  return <pre aria-label="What changed meanwhile" className="max-h-60 overflow-auto rounded-md bg-sunken p-2 font-mono text-table">{diff}</pre>;
}

function Waiting() {
  return (
    <div aria-busy aria-label="The plan is being made" className="flex flex-col gap-2">
      <Skeleton className="h-5 w-2/3" />
      <Skeleton className="h-8 w-full" />
      <Skeleton className="h-8 w-full" />
    </div>
  );
}
