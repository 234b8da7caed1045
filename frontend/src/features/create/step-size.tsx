import { bytes } from "@/lib/format";
import { cx } from "@/ui/cx";
import { Field, FieldGroup } from "@/ui/field";
import { NumberInput, SizeInput } from "@/ui/input";
import { PRESETS } from "./draft";
import type { StepProps } from "./step";

/** StepSize chooses vCPUs, memory and disk, by a preset or exactly. */
export function StepSize({ draft, set, wrong, image, around }: StepProps) {
  const facts = around.hosts.find((h) => h.name === draft.host)?.facts;
  const tooMuch = facts !== undefined && facts.memoryBytes > 0n && (draft.memory ?? 0n) > facts.memoryBytes;
  const presets = [...PRESETS.map((p) => ({ ...p, note: `${p.vcpus} vCPU · ${bytes(p.memory)}` })), { id: "custom" as const, label: "Custom", note: "As typed below" }];
  return (
    <div className="flex max-w-160 flex-col gap-4">
      <div role="radiogroup" aria-label="Size" className="grid grid-cols-4 gap-2">
        {presets.map((p) => (
          <button
            key={p.id}
            type="button"
            role="radio"
            aria-checked={p.id === draft.preset}
            onClick={() => set("vcpus" in p ? { preset: p.id, vcpus: p.vcpus, memory: p.memory } : { preset: p.id })}
            className={cx(
              "rounded-md border px-3 py-2 text-left",
              p.id === draft.preset ? "border-accent-line bg-accent-soft" : "border-line-strong/60 hover:border-line-strong hover:bg-raised",
            )}
          >
            <span className="block font-medium">{p.label}</span>
            <span className="block text-table text-fg-secondary">{p.note}</span>
          </button>
        ))}
      </div>
      <FieldGroup columns={3}>
        <Field label="vCPUs" required name="vcpus" error={wrong("vcpus")} hint={facts && `${draft.host} has ${facts.cpus} CPUs`}>
          <NumberInput value={draft.vcpus} min={1} max={4096} onChange={(vcpus) => set({ vcpus, preset: "custom" })} />
        </Field>
        <Field label="Memory" required name="memory_bytes" error={wrong("memory_bytes") ?? (tooMuch ? `${draft.host} has only ${bytes(facts.memoryBytes)}` : undefined)} hint={facts && !tooMuch && `${draft.host} has ${bytes(facts.memoryBytes)}`}>
          <SizeInput value={draft.memory} onChange={(memory) => set({ memory, preset: "custom" })} />
        </Field>
        <Field label="Disk" required name="disk_bytes" error={wrong("disk_bytes")} hint={image ? `At least the image's ${bytes(image.virtualBytes)}; takes only what is written` : "Takes only what is written"}>
          <SizeInput value={draft.disk} onChange={(disk) => set({ disk, diskAuto: false })} />
        </Field>
      </FieldGroup>
    </div>
  );
}
