import { useState } from "react";

import type { Pool } from "@/gen/limiquantix/v1/storage_pb";
import { StorageService } from "@/gen/limiquantix/v1/storage_pb";
import { client } from "@/lib/api";
import { checkFolder, checkName } from "@/lib/check";
import { useHosts } from "@/lib/inventory";
import { usePlanForm } from "@/lib/plan-form";
import { unreachable } from "@/lib/vm-state";
import { Button } from "@/ui/button";
import { Combobox } from "@/ui/combobox";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Form } from "@/ui/form";
import { Input } from "@/ui/input";

/** poolWrongs is what is wrong with a new pool, by field. */
export function poolWrongs(f: { host: string; name: string; path: string }, pools: readonly Pool[]): Partial<Record<string, string>> {
  const here = pools.filter((p) => p.host === f.host);
  const twin = here.find((p) => p.path === f.path);
  const all: Record<string, string | undefined> = {
    host: f.host ? undefined : "Choose a host",
    name: checkName(f.name) ?? (here.some((p) => p.name === f.name) ? `There is a pool ${f.name} on ${f.host} already` : undefined),
    path: checkFolder(f.path) ?? (twin ? `Pool ${twin.name} has this folder already` : undefined),
  };
  return Object.fromEntries(Object.entries(all).filter(([, wrong]) => wrong !== undefined));
}

/** CreatePoolDialog asks for a folder on a host; the plan follows. It stays open behind the plan, so that nothing is lost. */
export function CreatePoolDialog({ host, pools, onClose }: { host: string | undefined; pools: readonly Pool[]; onClose: () => void }) {
  const { hosts } = useHosts();
  const only = hosts.length === 1 ? hosts[0]?.name : undefined;
  const [form, setForm] = useState({ host: host ?? only ?? "", name: "", path: "" });
  const [tried, setTried] = useState(false);
  const wrongs = poolWrongs(form, pools);
  const plan = usePlanForm(form);
  const shown = (field: "host" | "name" | "path") => (tried || form[field] !== "" ? wrongs[field] : undefined) ?? plan.wrong(field);
  const submit = () => {
    setTried(true);
    if (Object.keys(wrongs).length > 0) return;
    void plan.submit({
      call: (ask) => client(StorageService).createPool({ ...form, type: "dir", ...ask }),
      act: `Create pool ${form.name}`,
      begun: onClose,
    });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      dirty={form.name !== "" || form.path !== ""}
      title="Create a pool"
      description="A folder on a host, for disks and images. It is made when it is not there."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form="pool-create" busy={plan.busy}>
            Show the plan
          </Button>
        </>
      }
    >
      <Form id="pool-create" onSubmit={submit}>
        <Field label="Host" required name="host" error={shown("host")}>
          <Combobox
            value={form.host || undefined}
            onChange={(h) => setForm({ ...form, host: h })}
            placeholder="Choose a host"
            options={hosts.map((h) => ({ value: h.name, label: h.name, disabledReason: unreachable(h) }))}
          />
        </Field>
        <Field label="Name" required name="name" error={shown("name")}>
          <Input value={form.name} onChange={(e) => setForm({ ...form, name: e.target.value })} placeholder="vms" />
        </Field>
        <Field label="Folder" required name="path" error={shown("path")} hint="Its path on the host">
          <Input mono value={form.path} onChange={(e) => setForm({ ...form, path: e.target.value })} placeholder="/srv/vms" />
        </Field>
      </Form>
    </Dialog>
  );
}
