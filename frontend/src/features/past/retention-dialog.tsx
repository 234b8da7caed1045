import { useMutation, useQuery } from "@connectrpc/connect-query";
import { useState } from "react";

import { HistoryService, type Retention } from "@/gen/limiquantix/v1/history_pb";
import { problemOf } from "@/lib/error";
import { absolute, bytes, count, date, plural } from "@/lib/format";
import { notify } from "@/lib/notify";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState, Skeleton } from "@/ui/feedback";
import { Field } from "@/ui/field";
import { NumberInput, SizeInput } from "@/ui/input";
import { retentionWrongs } from "./retention";

/** RetentionDialog says how much history there is, and how much is kept. */
export function RetentionDialog({ onClose }: { onClose: () => void }) {
  const query = useQuery(HistoryService.method.readRetention, {}, { staleTime: 0 });
  if (query.data) return <Form key="form" kept={query.data} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} title="How much history is kept">
      {query.error ? <ErrorState error={problemOf(query.error)} onRetry={() => void query.refetch()} /> : <div aria-busy className="flex flex-col gap-3"><Skeleton className="h-10 w-full" /><Skeleton className="h-10 w-full" /></div>}
    </Dialog>
  );
}

function Form({ kept, onClose }: { kept: Retention; onClose: () => void }) {
  const [days, setDays] = useState<number | undefined>(kept.days);
  const [size, setSize] = useState<bigint | undefined>(kept.bytes);
  const set = useMutation(HistoryService.method.setRetention);
  const problem = set.error && problemOf(set.error);
  const wrong = retentionWrongs(days, size);
  const oldest = date(kept.oldest);
  const fewer = days !== undefined && size !== undefined && (days < kept.days || size < kept.bytes);
  const dirty = days !== kept.days || size !== kept.bytes;
  const save = async () => {
    if (days === undefined || size === undefined) return;
    try {
      const now = await set.mutateAsync({ days, bytes: size });
      notify({ kind: "done", title: "How much history is kept was changed", text: `${plural(Number(now.changes), "change")} are kept, ${bytes(now.usedBytes)}.` });
      onClose();
    } catch {
      // told in the form: set.error
    }
  };
  return (
    <Dialog open onClose={onClose} dirty={dirty} title="How much history is kept"
      description={`${count(Number(kept.changes))} changes, ${bytes(kept.usedBytes)}${oldest ? `, the oldest of ${absolute(oldest)}` : ""}.`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={set.isPending} disabledReason={!dirty ? "Nothing is changed" : Object.keys(wrong).length > 0 ? "Something above is wrong" : undefined} onClick={() => void save()}>
            {fewer ? "Keep less, forget the rest" : "Keep so much"}
          </Button>
        </>
      }>
      <div className="flex flex-col gap-3">
        {problem && !problem.detail.field && <ErrorState compact error={problem} />}
        <Field label="Changes are kept for" error={wrong.days ?? (problem?.detail.field === "days" ? problem.message : undefined)}>
          <NumberInput value={days} onChange={setDays} min={1} max={3650} unit="days" />
        </Field>
        <Field label="And at most" hint="The oldest are forgotten first. What is there now always keeps its last state." error={wrong.bytes ?? (problem?.detail.field === "bytes" ? problem.message : undefined)}>
          <SizeInput value={size} onChange={setSize} bare="MiB" />
        </Field>
      </div>
    </Dialog>
  );
}
