import { Plus, Trash2 } from "lucide-react";

import type { Network } from "@/gen/limiquantix/v1/network_pb";
import { Button, IconButton } from "@/ui/button";
import { Field } from "@/ui/field";
import { Alert } from "@/ui/feedback";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";
import type { DraftNIC } from "./draft";
import { NEW_NIC } from "./draft";
import type { StepProps } from "./step";

const MODELS = [
  { value: "virtio", label: "virtio", hint: "Fastest; every current Linux has it" },
  { value: "e1000e", label: "e1000e", hint: "For systems without virtio drivers" },
  { value: "rtl8139", label: "rtl8139", hint: "For very old systems" },
];

/** StepNetwork is the network cards. */
export function StepNetwork({ draft, set, wrong, around, go }: StepProps) {
  const networks = around.networks.filter((n) => n.host === draft.host);
  const change = (i: number, part: Partial<DraftNIC>) => set({ nics: draft.nics.map((n, j) => (i === j ? { ...n, ...part } : n)) });
  if (!draft.host)
    return (
      <Alert tone="neutral" action={<Button size="sm" onClick={() => go("place")}>Choose a host</Button>}>
        The networks are those of the VM's host.
      </Alert>
    );
  return (
    <div className="flex max-w-180 flex-col gap-3">
      {draft.nics.map((n, i) => (
        <fieldset key={i} aria-label={`Network card ${i + 1}`} className="grid grid-cols-[1fr_1fr_9rem_auto] items-start gap-3 rounded-md border border-line px-3 py-2.5">
          <Field label={`Network of card ${i + 1}`} required name={`nics[${i}].network`} error={wrong(`nics[${i}].network`)}>
            <Select value={n.network || undefined} placeholder="Choose a network" onChange={(network) => change(i, { network })} options={networks.map(networkOption)} />
          </Field>
          <Field label="MAC address" optional name={`nics[${i}].mac`} error={wrong(`nics[${i}].mac`)}>
            <Input mono value={n.mac} placeholder="made for it" onChange={(e) => change(i, { mac: e.target.value })} />
          </Field>
          <Field label="Model" name={`nics[${i}].model`}>
            <Select value={n.model} onChange={(model) => change(i, { model })} options={MODELS} />
          </Field>
          <span className="pt-5">
            <IconButton
              icon={Trash2}
              label={`Remove network card ${i + 1}`}
              disabledReason={draft.nics.length === 1 ? "A new VM has at least one network card" : undefined}
              onClick={() => set({ nics: draft.nics.filter((_, j) => j !== i) })}
            />
          </span>
        </fieldset>
      ))}
      {networks.length === 0 && <Alert tone="warning">{draft.host} has no network: make one on it first.</Alert>}
      <div>
        <Button icon={Plus} onClick={() => set({ nics: [...draft.nics, NEW_NIC] })}>
          Add network card
        </Button>
      </div>
    </div>
  );
}

function networkOption(n: Network) {
  const kind = n.forward || "isolated";
  return { value: n.name, label: n.name, hint: [kind, n.cidr, n.bridge].filter(Boolean).join(" · "), disabledReason: n.active ? undefined : "It is not active" };
}
