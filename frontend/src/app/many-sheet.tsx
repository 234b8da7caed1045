import { useState } from "react";

import { sentence } from "@/lib/error";
import { plural } from "@/lib/format";
import { closeMany, confirmMany, possible, useManySheet, type ManySheet as Open, type Part } from "@/lib/operate-many";
import { Button } from "@/ui/button";
import { Sheet } from "@/ui/dialog";
import { Skeleton } from "@/ui/feedback";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { PlanView } from "@/ui/plan-view";
import { StateShape } from "@/ui/state";
import { useTyped } from "./use-typed";

/** ManySheet shows what one act does to many objects, before it is done. */
export function ManySheet() {
  const sheet = useManySheet();
  return sheet ? <Shown key={sheet.request.act} sheet={sheet} /> : null;
}

function Shown({ sheet }: { sheet: Open }) {
  const { request, parts, planned, sending } = sheet;
  const again = parts.filter((p) => p.changed && possible(p));
  const plans = again.map((p) => p.plan?.digest).join();
  const [typed, setTyped] = useTyped(plans);
  const doable = parts.filter(possible).length;
  const out = planned ? parts.filter((p) => !p.over && !possible(p)).length : 0;
  const unsure = request.typed !== undefined && typed !== request.typed;
  return (
    <Sheet open wide onClose={closeMany} title={request.act} description={!planned ? "The plans are being made." : again.length > 0 ? "What was as it was shown has begun." : "Nothing has been done yet."} footer={
      <>
        <Button onClick={closeMany} disabled={sending}>{doable > 0 || !planned ? "Cancel" : "Close"}</Button>
        {(doable > 0 || !planned) && (
          <Button variant={request.danger ? "danger" : "primary"} busy={sending || !planned} disabledReason={unsure ? `Type ${request.typed} above first` : undefined} onClick={() => void confirmMany()}>
            {again.length > 0 ? `Go on with ${again.length} as shown now` : out > 0 ? `${request.act}, without ${out}` : request.act}
          </Button>
        )}
      </>
    }>
      <div className="flex flex-col gap-3">
        {out > 0 && <p className="rounded-md bg-warning-soft px-3 py-2">{plural(out, "object")} cannot be changed now and {out === 1 ? "is" : "are"} left out: see below.</p>}
        {again.length > 0 && <p role="alert" className="rounded-md bg-warning-soft px-3 py-2">Of {plural(again.length, "object")} what would be done has changed since it was shown. Nothing has been done to {again.length === 1 ? "it" : "them"}.</p>}
        <ul className="flex flex-col rounded-md border border-line">
          {parts.map((p, i) => <Line key={i} part={p} />)}
        </ul>
        {planned && doable > 0 && request.typed !== undefined && (
          <Field label={`Type ${request.typed} to go on`}>
            <Input mono value={typed} onChange={(e) => setTyped(e.target.value)} />
          </Field>
        )}
      </div>
    </Sheet>
  );
}

function Line({ part }: { part: Part }) {
  const [open, setOpen] = useState(false);
  const { item, plan, problem, over } = part;
  const waiting = !plan && !problem;
  const why = plan?.blockers[0]?.text ?? problem?.message ?? (plan && plan.steps.length === 0 ? "There is nothing to do" : undefined);
  const warning = part.changed ?? (plan?.warnings.length ? plan.warnings.join("; ") : undefined);
  const word = over ? "begun, or told of" : waiting ? "planning" : why ? "left out" : "will be done";
  return (
    <li className="border-line px-3 py-1.5 not-first:border-t">
      <div className="flex items-center gap-2">
        <StateShape state={waiting || over ? "transient" : why ? "failed" : warning ? "warning" : "stopped"} label={word} />
        <span className="max-w-[40%] truncate font-medium" title={item.name}>{item.name}</span>
        <span className="min-w-0 flex-1 truncate text-table text-fg-secondary" title={why ?? warning}>
          {waiting ? <Skeleton className="h-3 w-40" /> : over ? "See its task" : sentence(why ?? warning ?? plural(plan?.steps.length ?? 0, "step"))}
        </span>
        {plan && <Button size="sm" variant="ghost" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? "Hide plan" : "Show plan"}</Button>}
      </div>
      {open && plan && <div className="py-2 pl-5"><PlanView plan={plan} /></div>}
    </li>
  );
}
