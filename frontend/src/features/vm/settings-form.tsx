import { useState } from "react";

import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { VMService, VM_State } from "@/gen/limiquantix/v1/vm_pb";
import { client } from "@/lib/api";
import type { Problem } from "@/lib/error";
import { problemOf } from "@/lib/error";
import { operate } from "@/lib/operate";
import { vmRef } from "@/lib/vm-actions";
import { Button } from "@/ui/button";
import { Field, FieldGroup } from "@/ui/field";
import { Form, FormErrors } from "@/ui/form";
import { Input, sizeText } from "@/ui/input";
import { Switch } from "@/ui/toggle";
import { changeOf, checkSettings, type Settings } from "./settings";
import { useEdit } from "./use-edit";
import type { Found } from "./use-vm";

/** SettingsForm changes single settings of a VM, through the plan sheet. */
export function SettingsForm({ vm, found }: { vm: VM; found: Found }) {
  const edit = useEdit<Settings>(`settings/${vmRef(vm)}`, found.retry);
  const [refused, setRefused] = useState<Problem>();
  const s = edit.value ?? {};
  const wrong = checkSettings(s);
  const valid = Object.keys(wrong).length === 0;
  const change = valid ? changeOf(s, vm) : {};
  const touched = Object.keys(change).length > 0;
  const set = (part: Settings) => edit.set({ ...s, ...part });
  const review = () => {
    if (!valid || !touched || found.away) return;
    void operate({
      act: `Change ${vm.name}`,
      call: (planOnly) => client(VMService).setVM({ ...change, vm: vmRef(vm), planOnly }).then(tell(setRefused), refuse(setRefused)),
      begun: edit.sent,
    });
  };
  const reason = found.away ?? (!valid ? "Something above is wrong" : !touched ? "Nothing was changed" : undefined);
  const next = vm.state === VM_State.STOPPED || vm.state === VM_State.CRASHED ? undefined : "Acts at the next boot";
  const server = (field: string) => (refused?.detail.field === field ? refused.message : undefined);
  return (
    <Form onSubmit={review}>
      <FormErrors error={refused} />
      <Field label="Title" name="title" error={wrong.title ?? server("title")} hint="A line that says what it is for">
        <Input value={s.title ?? vm.title} placeholder="No title" onChange={(e) => set({ title: e.target.value })} />
      </Field>
      <FieldGroup columns={2}>
        <Field label="vCPUs" name="vcpus" error={wrong.vcpus ?? server("vcpus")} hint={next}>
          <Input inputMode="numeric" unit="vCPU" value={s.vcpus ?? String(vm.vcpus)} onChange={(e) => set({ vcpus: e.target.value })} />
        </Field>
        <Field label="Memory" name="memory_bytes" error={wrong.memory_bytes ?? server("memory_bytes")} hint={next}>
          <Input value={s.memory ?? memoryText(vm)} onChange={(e) => set({ memory: e.target.value })} />
        </Field>
      </FieldGroup>
      <Switch label="Start with its host" checked={s.autostart ?? vm.autostart} onChange={(autostart) => set({ autostart })} disabled={!vm.persistent} hint={vm.persistent ? undefined : "Only what is defined on the host can start with it"} />
      <div className="flex gap-2">
        <Button type="submit" variant="primary" busy={edit.saving} disabledReason={reason}>
          Review changes
        </Button>
        {edit.value && <Button onClick={() => { edit.discard(); setRefused(undefined); }}>Discard</Button>}
      </div>
    </Form>
  );
}

/** memoryText is "4 GiB", or exact where that would be rounded: "4099 MiB". */
function memoryText(vm: VM): string {
  const text = sizeText(vm.memoryBytes, "GiB");
  return /^[\d.]+$/.test(text) ? `${text} GiB` : text;
}

function tell<T>(set: (p: Problem | undefined) => void) {
  return (answer: T) => {
    set(undefined);
    return answer;
  };
}

function refuse(set: (p: Problem | undefined) => void) {
  return (e: unknown): never => {
    const p = problemOf(e);
    if (p.code === "invalid") set(p);
    throw e;
  };
}
