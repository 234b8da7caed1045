import { useQuery } from "@connectrpc/connect-query";
import { useMemo, useState } from "react";

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
import { savedOf } from "./saved";
import { changeOf, checkSettings, type Settings, type Wrong } from "./settings";
import { useEdit } from "./use-edit";
import type { Found } from "./use-vm";

/** SettingsForm changes single settings of a VM, through the plan sheet. It shows what is saved, which a running VM has after its next boot. */
export function SettingsForm({ vm, found }: { vm: VM; found: Found }) {
  const xml = useQuery(VMService.method.getVMXML, { vm: vmRef(vm) }, { enabled: vm.pending && vm.persistent && !found.away });
  const saved = useMemo(() => ({ ...vm, ...(vm.pending && xml.data ? savedOf(xml.data.xml, vm) : {}) }), [vm, xml.data]);
  const edit = useEdit<Settings>(`settings/${vmRef(vm)}`, () => void Promise.all([found.retry(), xml.refetch()]));
  const [refused, setRefused] = useState<Problem>();
  const s = edit.value ?? {};
  const facts = found.host?.facts;
  const wrong = checkSettings(s, facts && { host: vm.host, vcpus: facts.maxVcpus, memory: facts.memoryBytes, had: saved.memoryBytes });
  const valid = Object.keys(wrong).length === 0;
  const change = valid ? changeOf(s, saved) : {};
  const touched = Object.keys(change).length > 0;
  const review = () => {
    if (!valid || !touched || found.away) return;
    void operate({
      act: `Change ${vm.name}`,
      call: (ask) => client(VMService).setVM({ ...change, vm: vmRef(vm), ...ask }).then(tell(setRefused), refuse(setRefused)),
      begun: edit.sent,
    });
  };
  const reason = found.away ?? (!valid ? "Something above is wrong" : !touched ? "Nothing was changed" : undefined);
  return (
    <Form onSubmit={review}>
      <FormErrors error={refused} />
      <Fields vm={vm} cpus={facts?.cpus ?? 0} saved={saved} settings={s} wrong={wrong} refused={refused} onChange={(part) => edit.set({ ...s, ...part })} />
      <div className="flex gap-2">
        <Button type="submit" variant="primary" busy={edit.saving} disabledReason={reason}>
          Review changes
        </Button>
        {edit.value && <Button onClick={() => { edit.discard(); setRefused(undefined); }}>Discard</Button>}
      </div>
    </Form>
  );
}

function Fields({ vm, cpus, saved, settings: s, wrong, refused, onChange }: {
  vm: VM;
  /** What its host has; 0: not known. */
  cpus: number;
  saved: VM;
  settings: Settings;
  wrong: Wrong;
  refused: Problem | undefined;
  onChange: (part: Settings) => void;
}) {
  const off = vm.state === VM_State.STOPPED || vm.state === VM_State.CRASHED;
  const server = (field: string) => (refused?.detail.field === field ? refused.message : undefined);
  const next = (now: string, then: string) => (off ? undefined : now === then ? "Acts at the next boot" : `Has ${now} until its next boot`);
  const many = cpus > 0 && Number(s.vcpus ?? saved.vcpus) > cpus ? <span className="text-warning">{`${vm.host} has ${cpus} CPUs: the VM will be slow`}</span> : undefined;
  return (
    <>
      <Field label="Title" name="title" error={wrong.title ?? server("title")} hint="A line that says what it is for">
        <Input value={s.title ?? vm.title} placeholder="No title" onChange={(e) => onChange({ title: e.target.value })} />
      </Field>
      <FieldGroup columns={2}>
        <Field label="vCPUs" name="vcpus" error={wrong.vcpus ?? server("vcpus")} hint={many ?? next(String(vm.vcpus), String(saved.vcpus))}>
          <Input inputMode="numeric" unit="vCPU" value={s.vcpus ?? String(saved.vcpus)} onChange={(e) => onChange({ vcpus: e.target.value })} />
        </Field>
        <Field label="Memory" name="memory_bytes" error={wrong.memory_bytes ?? server("memory_bytes")} hint={next(memoryText(vm), memoryText(saved))}>
          <Input value={s.memory ?? memoryText(saved)} onChange={(e) => onChange({ memory: e.target.value })} />
        </Field>
      </FieldGroup>
      <Switch
        label="Start with its host"
        checked={s.autostart ?? vm.autostart}
        onChange={(autostart) => onChange({ autostart })}
        disabled={!vm.persistent}
        hint={vm.persistent ? undefined : "Only what is defined on the host can start with it"}
      />
    </>
  );
}

/** memoryText is "4 GiB", or exact where that would be rounded: "4099 MiB". */
function memoryText(vm: Pick<VM, "memoryBytes">): string {
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
