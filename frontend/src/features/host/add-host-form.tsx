import { useState } from "react";

import { checkName } from "@/lib/check";
import { Button } from "@/ui/button";
import { Field, FieldGroup } from "@/ui/field";
import type { FormError } from "@/ui/form";
import { Form, FormErrors } from "@/ui/form";
import { Input } from "@/ui/input";
import { ChevronDown, ChevronRight } from "lucide-react";
import { checkAddress, splitList, suggestName } from "./address";

/** HostForm is what was typed about a new host. */
export interface HostForm {
  address: string;
  /** undefined until it was typed: it follows the address. */
  name: string | undefined;
  jumps: string;
  identities: string;
  uri: string;
  cluster: string;
}

export const EMPTY_FORM: HostForm = { address: "", name: undefined, jumps: "", identities: "", uri: "", cluster: "" };

/** nameOf is the host's name: what was typed, else a suggestion. */
export function nameOf(f: HostForm, taken: readonly string[]): string {
  return f.name ?? suggestName(f.address, taken);
}

/** formWrongs is what is wrong, by the field's path in AddHostRequest. */
export function formWrongs(f: HostForm, taken: readonly string[]): Partial<Record<string, string>> {
  const name = nameOf(f, taken);
  const jump = splitList(f.jumps).map((j) => ({ j, wrong: checkAddress(j) })).find((x) => x.wrong);
  const all: Record<string, string | undefined> = {
    "spec.address": checkAddress(f.address),
    name: checkName(name) ?? (taken.includes(name) ? "Another host has this name" : undefined),
    "spec.jumps": jump && `${jump.j}: ${jump.wrong}`,
    cluster: f.cluster === "" ? undefined : checkName(f.cluster),
  };
  return Object.fromEntries(Object.entries(all).filter(([, wrong]) => wrong !== undefined));
}

/** The form's id, for the button outside of it. */
export const ADD_FORM = "host-add";

/** AddHostForm asks how a host is reached and what it is to be called. */
export function AddHostForm({ form, onChange, onSubmit, taken, clusters, error }: {
  form: HostForm;
  onChange: (form: HostForm) => void;
  onSubmit: () => void;
  /** Names of hosts that there are. */
  taken: readonly string[];
  clusters: readonly string[];
  /** What the server said about the last attempt. */
  error?: FormError;
}) {
  const [tried, setTried] = useState(false);
  const [more, setMore] = useState(form.jumps !== "" || form.identities !== "" || form.uri !== "");
  const wrongs = formWrongs(form, taken);
  const set = (part: Partial<HostForm>) => onChange({ ...form, ...part });
  const shown = (field: string, typed: boolean) => (tried || typed ? wrongs[field] : undefined);
  const submit = () => {
    setTried(true);
    if (Object.keys(wrongs).length === 0) onSubmit();
    else if (wrongs["spec.jumps"]) setMore(true);
  };
  return (
    <Form id={ADD_FORM} onSubmit={submit}>
      <FormErrors error={error} />
      <Field label="Address" required name="spec.address" error={shown("spec.address", form.address !== "")} hint={<>root@kvm1, ssh://root@kvm1.example.org:22, an alias of your ~/.ssh/config, or local</>}>
        <Input autoFocus mono value={form.address} onChange={(e) => set({ address: e.target.value })} placeholder="root@kvm1.example.org" />
      </Field>
      <FieldGroup columns={2}>
        <Field label="Name" required name="name" error={shown("name", form.name !== undefined)} hint="What it is called here">
          <Input value={nameOf(form, taken)} onChange={(e) => set({ name: e.target.value })} placeholder="kvm1" />
        </Field>
        <Field label="Cluster" optional name="cluster" error={shown("cluster", true)} hint="Hosts of one cluster stand together">
          <Input value={form.cluster} onChange={(e) => set({ cluster: e.target.value })} list="host-clusters" />
        </Field>
      </FieldGroup>
      <datalist id="host-clusters">
        {clusters.map((c) => (
          <option key={c} value={c} />
        ))}
      </datalist>
      <div>
        <Button size="sm" variant="ghost" className="-ml-2" icon={more ? ChevronDown : ChevronRight} aria-expanded={more} onClick={() => setMore(!more)}>
          More ways to reach it
        </Button>
      </div>
      {more && (
        <>
          <Field label="Jump hosts" optional name="spec.jumps" error={shown("spec.jumps", true)} hint="Through these, the first hop first, separated by commas. Empty: what ~/.ssh/config says">
            <Input mono value={form.jumps} onChange={(e) => set({ jumps: e.target.value })} placeholder="admin@bastion.example.org" />
          </Field>
          <Field label="Private keys" optional name="spec.identities" hint="Files on the computer where limiquantix runs, separated by commas. Empty: the SSH agent and the usual files">
            <Input mono value={form.identities} onChange={(e) => set({ identities: e.target.value })} placeholder="~/.ssh/id_ed25519" />
          </Field>
          <Field label="libvirt URI" optional name="spec.uri">
            <Input mono value={form.uri} onChange={(e) => set({ uri: e.target.value })} placeholder="qemu:///system" />
          </Field>
        </>
      )}
    </Form>
  );
}
