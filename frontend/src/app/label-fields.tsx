import { useState } from "react";

import type { VM } from "@/gen/limiquantix/v1/vm_pb";
import { closeLabels, subjectOf, type LabelAsk } from "@/lib/label-sheet";
import { FIELD_KINDS, kindOf, useFieldKinds } from "@/lib/label-looks";
import { checkFieldName, fieldsOf, labelVMs } from "@/lib/labels";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";

/** FieldsForm sets fields of VMs: columns of one's own. */
export function FieldsForm({ ask, all }: { ask: LabelAsk; all: readonly VM[] }) {
  const [edits, setEdits] = useState<ReadonlyMap<string, string>>(new Map());
  const [added, setAdded] = useState<readonly string[]>([]);
  const [text, setText] = useState("");
  const [kinds, setKinds] = useFieldKinds();
  const names = [...new Set([...fieldsOf(all).map((f) => f.name), ...added])];
  const typed = text.trim();
  const error = typed === "" ? undefined : names.includes(typed) ? "There is one already" : checkFieldName(typed);
  const valueOf = (name: string): string | undefined => {
    const [first, ...others] = new Set(ask.vms.map((v) => v.fields[name] ?? ""));
    return others.length === 0 ? first : undefined;
  };
  const set = (name: string, value: string) => {
    const next = new Map(edits);
    if (value === valueOf(name)) next.delete(name);
    else next.set(name, value);
    setEdits(next);
  };
  const add = () => {
    if (typed === "" || error) return;
    setAdded([...added, typed]);
    setText("");
  };
  const save = () => {
    void labelVMs(ask.vms, { fields: [...edits].map(([name, value]) => ({ name, value: value.trim() })) });
    closeLabels();
  };
  return (
    <Dialog
      open
      onClose={closeLabels}
      dirty={edits.size > 0}
      title={<>Fields of <bdi>{subjectOf(ask)}</bdi></>}
      description="Columns of your own for the list of VMs. Their values are kept in the VMs themselves, so everyone sees them; an empty one is removed."
      footer={
        <>
          <Button onClick={closeLabels}>Cancel</Button>
          <Button variant="primary" disabledReason={edits.size === 0 ? "Nothing was changed" : undefined} onClick={save}>Save fields</Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {names.map((name) => (
          <div key={name} className="flex items-end gap-2">
            <Field label={name} className="flex-1">
              <Input dir="auto" value={edits.get(name) ?? valueOf(name) ?? ""} placeholder={valueOf(name) === undefined ? "several values" : ""} onChange={(e) => set(name, e.target.value)} />
            </Field>
            <div className="w-28 shrink-0">
              <Select label={`Kind of ${name}`} value={kindOf(name, kinds)} options={FIELD_KINDS} onChange={(kind) => setKinds((k) => ({ ...k, [name]: kind }))} />
            </div>
          </div>
        ))}
        <form
          className="flex items-start gap-2"
          onSubmit={(e) => {
            e.preventDefault();
            add();
          }}
        >
          <Field label="New field" error={error} className="flex-1">
            <Input dir="auto" value={text} placeholder="owner" onChange={(e) => setText(e.target.value)} />
          </Field>
          <Button className="mt-5" disabledReason={typed === "" ? "Type its name" : error} onClick={add}>Add field</Button>
        </form>
      </div>
    </Dialog>
  );
}
