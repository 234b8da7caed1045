import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Checkbox, RadioGroup } from "@/ui/toggle";
import type { StepProps } from "./step";

/** StepOptions is the name, and how it starts. */
export function StepOptions({ draft, set, wrong, around }: StepProps) {
  const facts = around.hosts.find((h) => h.name === draft.host)?.facts;
  const noUEFI = facts && !facts.uefi;
  return (
    <div className="flex max-w-120 flex-col gap-4">
      <Field label="Name" required name="name" error={wrong("name")} hint="What it is called on its host; unique there">
        <Input autoFocus value={draft.name} onChange={(e) => set({ name: e.target.value })} placeholder="web1" />
      </Field>
      <Field label="Title" optional name="title" error={wrong("title")} hint="A line that says more than the name">
        <Input value={draft.title} onChange={(e) => set({ title: e.target.value })} />
      </Field>
      <Field label="Firmware" name="uefi" error={wrong("uefi")}>
        <RadioGroup
          value={draft.uefi ? "uefi" : "bios"}
          onChange={(v) => set({ uefi: v === "uefi" })}
          options={[
            { value: "bios", label: "BIOS", hint: "Boots almost any image" },
            { value: "uefi", label: "UEFI", disabled: noUEFI && !draft.uefi, hint: noUEFI ? `${draft.host} has no UEFI firmware for guests: install ovmf or edk2-ovmf on it` : "For images that have an EFI partition" },
          ]}
        />
      </Field>
      <Checkbox label="Start it once it is made" checked={draft.start} onChange={(start) => set({ start })} />
      <Checkbox label="Start it with its host" checked={draft.autostart} onChange={(autostart) => set({ autostart })} />
    </div>
  );
}
