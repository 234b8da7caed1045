import { Camera, Play, Plus, RotateCw, Search, Server, Trash2 } from "lucide-react";
import { useState } from "react";

import { Button, IconButton, type ButtonVariant } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Field, FieldGroup } from "@/ui/field";
import { Form, FormErrors } from "@/ui/form";
import { Input, NumberInput, SizeInput, Textarea } from "@/ui/input";
import { Kbd } from "@/ui/kbd";
import { Section } from "@/ui/property-list";
import { Select } from "@/ui/select";
import { Checkbox, RadioGroup, Segmented, Switch } from "@/ui/toggle";

const hosts = Array.from({ length: 40 }, (_, i) => ({ value: `kvm${i + 1}`, label: `kvm${i + 1}`, hint: `${(i * 7) % 90} VMs`, group: i < 20 ? "Vienna" : "Graz" }));
const networks = [
  { value: "default", label: "default", hint: "NAT, 192.168.122.0/24" },
  { value: "lan", label: "lan", hint: "Bridge br0, VLAN 12" },
  { value: "ovs", label: "ovs", disabledReason: "It is not active" },
];
const variants: ButtonVariant[] = ["primary", "default", "ghost", "danger"];

/** Buttons, fields and forms in all their states. */
export function KitControls() {
  return (
    <div className="grid items-start gap-3 p-3 xl:grid-cols-2">
      <Buttons />
      <Toggles />
      <CreateForm />
      <FieldStates />
    </div>
  );
}

function Buttons() {
  return (
    <Section title="Buttons">
      <div className="flex flex-col gap-2">
        {(["md", "sm"] as const).map((size) => (
          <div key={size} className="flex flex-wrap items-center gap-2">
            {variants.map((v) => (
              <Button key={v} size={size} variant={v} icon={v === "danger" ? Trash2 : v === "primary" ? Plus : undefined}>
                {{ primary: "Create VM", default: "Clone", ghost: "Details", danger: "Delete VM" }[v]}
              </Button>
            ))}
            <Button size={size} variant="primary" busy>
              Create VM
            </Button>
            <Button size={size} icon={Play} disabledReason="Host kvm3 is not reachable: connection refused">
              Start
            </Button>
            <IconButton size={size} icon={RotateCw} label="Refresh" shortcut="R" />
            <IconButton size={size} icon={Camera} label="Screenshot" variant="default" />
            <IconButton size={size} icon={Search} label="Search" pressed />
            <IconButton size={size} icon={Trash2} label="Delete" disabledReason="It runs: stop it first" />
          </div>
        ))}
        <p className="flex gap-3 text-table text-fg-secondary">
          Palette <Kbd keys="Ctrl+K" /> Hosts <Kbd keys="g h" /> Undo <Kbd keys="Ctrl+Z" />
        </p>
      </div>
    </Section>
  );
}

function Toggles() {
  const [on, setOn] = useState(true);
  const [boot, setBoot] = useState("uefi");
  const [range, setRange] = useState<"1h" | "6h" | "24h">("1h");
  return (
    <Section title="Choices">
      <div className="grid grid-cols-2 gap-3">
        <div className="flex flex-col gap-2">
          <Checkbox checked={on} onChange={setOn} label="Start with the host" hint="libvirt's autostart" />
          <Checkbox checked={false} indeterminate onChange={() => undefined} label="Some of them" />
          <Checkbox checked={false} disabled onChange={() => undefined} label="Not now" />
          <Switch checked={on} onChange={setOn} label="Follow the log" />
          <Switch checked={!on} onChange={(v) => setOn(!v)} label="Compact rows" />
          <Segmented label="Range" value={range} onChange={setRange} options={[{ value: "1h", label: "1 h" }, { value: "6h", label: "6 h" }, { value: "24h", label: "24 h" }]} />
        </div>
        <RadioGroup
          label="Firmware"
          value={boot}
          onChange={setBoot}
          options={[
            { value: "uefi", label: "UEFI", hint: "OVMF; for anything made since 2012" },
            { value: "bios", label: "BIOS", hint: "For old guests" },
            { value: "secure", label: "UEFI with Secure Boot", disabled: true, hint: "The host has no firmware for it" },
          ]}
        />
      </div>
    </Section>
  );
}

function CreateForm() {
  const [name, setName] = useState("web1");
  const [cpus, setCpus] = useState<number | undefined>(2);
  const [memory, setMemory] = useState<bigint | undefined>(4n << 30n);
  const [host, setHost] = useState<string | undefined>("kvm2");
  const [network, setNetwork] = useState<string | undefined>("default");
  const taken = name === "web1" ? "There is a VM web1 on kvm2" : undefined;
  return (
    <Section title="Form">
      <Form onSubmit={() => undefined}>
        <FormErrors error={taken ? { message: "VM web1 exists on kvm2 already", hint: "Choose another name, or delete that VM first.", detail: { field: "name" } } : undefined} />
        <FieldGroup columns={2}>
          <Field label="Name" name="name" required error={taken}>
            <Input value={name} onChange={(e) => setName(e.target.value)} />
          </Field>
          <Field label="Host" hint="Where it is made">
            <Combobox value={host} onChange={setHost} options={hosts} />
          </Field>
          <Field label="vCPUs" error={cpus === undefined ? "A whole number, 1 or more" : undefined}>
            <NumberInput value={cpus} onChange={setCpus} min={1} max={64} unit="vCPU" />
          </Field>
          <Field label="Memory" error={memory === undefined ? "A size such as 4G or 4096 MiB" : undefined}>
            <SizeInput value={memory} onChange={setMemory} />
          </Field>
          <Field label="Network">
            <Select value={network} onChange={setNetwork} options={networks} />
          </Field>
          <Field label="Description" optional>
            <Textarea rows={2} placeholder="What it is for" />
          </Field>
        </FieldGroup>
        <div className="flex justify-end gap-2">
          <Button>Cancel</Button>
          <Button type="submit" variant="primary">
            Create VM web1
          </Button>
        </div>
      </Form>
    </Section>
  );
}

function FieldStates() {
  return (
    <Section title="Fields">
      <FieldGroup columns={2}>
        <Field label="Filled" hint="A hint of one line">
          <Input defaultValue="10.0.0.17" mono />
        </Field>
        <Field label="Empty">
          <Input placeholder="user@host" icon={Server} />
        </Field>
        <Field label="Wrong" error="This is no MAC address">
          <Input defaultValue="52:54:00:zz" mono />
        </Field>
        <Field label="Disabled">
          <Input disabled defaultValue="kvm1" />
        </Field>
        <Field label="Nothing chosen">
          <Select value={undefined} onChange={() => undefined} options={networks} placeholder="Choose a network" />
        </Field>
        <Field label="Nothing chosen">
          <Combobox value={undefined} onChange={() => undefined} options={[]} loading placeholder="Search images" />
        </Field>
      </FieldGroup>
    </Section>
  );
}
